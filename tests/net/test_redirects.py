"""Which redirects are allowed."""

import pytest

from launcher.net.redirects import keeps_credentials, to_any_host, within_host

PUBLIC, MINE = "https://registry.example/v2/a/blobs/x", "http://127.0.0.1:5000/v2/a/blobs/x"


@pytest.mark.parametrize(
    ("source", "target", "url"),
    [
        (PUBLIC, "https://cdn.example/x?sig=a%2Bb", "https://cdn.example/x?sig=a%2Bb"),
        (PUBLIC, "/v2/other", "https://registry.example/v2/other"),
        (PUBLIC, "?page=2", "https://registry.example/v2/a/blobs/x?page=2"),
        (PUBLIC, "//cdn.example/x", "https://cdn.example/x"),
        (MINE, "/v2/other", "http://127.0.0.1:5000/v2/other"),
        (MINE, "http://localhost:9000/x", "http://localhost:9000/x"),
        (MINE, "https://cdn.example/x", "https://cdn.example/x"),
    ],
)
def test_a_registry_may_redirect_to_any_encrypted_host(source, target, url):
    assert to_any_host(source, target) == url


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [
        (PUBLIC, "http://cdn.example/x", "plain HTTP to cdn.example"),
        (MINE, "http://cdn.example/x", "plain HTTP to cdn.example"),
        (PUBLIC, "http://127.0.0.1:631/admin", "127.0.0.1 is this machine"),
        (PUBLIC, "https://localhost/x", "localhost is this machine"),
        (PUBLIC, "https://[::1]/x", "[::1] is this machine"),
        (PUBLIC, "file:///etc/passwd", "'file:///etc/passwd' is not a valid http or https URL"),
        (PUBLIC, "https://ana:secret@cdn.example/x", "'https://***@cdn.example/x' is not a valid http or https URL"),
        (
            PUBLIC,
            "https://cdn.example\\@evil.example/x",
            r"'https://***@evil.example/x' is not a valid http or https URL",
        ),
        (PUBLIC, "https://cdn.example/x y", "'https://cdn.example/x y' is not a valid http or https URL"),
        (PUBLIC, "https://cdn.example:port/x", "'https://cdn.example:port/x' is not a valid http or https URL"),
    ],
)
def test_a_forbidden_url_is_refused_with_the_reason(source, target, why):
    with pytest.raises(ValueError) as refused:
        to_any_host(source, target)

    assert str(refused.value) == why


@pytest.mark.parametrize(
    ("source", "target", "url"),
    [
        ("https://h/x", "/y", "https://h/y"),
        ("https://h/x", "https://h:443/y", "https://h:443/y"),
        ("https://h/x", "/über y", "https://h/%C3%BCber%20y"),
        ("https://h/x", r"https://h\@evil.example/x", "https://h/%5C@evil.example/x"),
        ("http://localhost/x", "https://localhost/y", "https://localhost/y"),
        ("http://127.0.0.1:8000/x", "https://127.0.0.1:8000/y", "https://127.0.0.1:8000/y"),
    ],
)
def test_a_redirect_within_the_host_is_followed(source, target, url):
    assert within_host(source, target) == url


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [
        ("https://h/x", "http://h:443/x", "'http://h:443/x' is not encrypted"),
        ("https://h/x", "http://h/x", "'http://h/x' is not encrypted"),
        ("https://h/x", "https://h:8443/x", "'https://h:8443/x' is on another host"),
        ("https://h/x", "//evil.example/x", "'https://evil.example/x' is on another host"),
        ("https://h/x", "file:///etc/passwd", "'file:///etc/passwd' is not a valid http or https URL"),
        ("https://h/x", "", "'' is not a valid http or https URL"),
    ],
)
def test_a_redirect_off_the_host_or_out_of_encryption_is_refused(source, target, why):
    with pytest.raises(ValueError) as refused:
        within_host(source, target)

    assert str(refused.value) == why


@pytest.mark.parametrize(
    ("source", "target", "kept"),
    [
        ("https://h/x", "https://H:443/y", True),
        ("http://localhost/x", "https://localhost/x", True),
        ("https://h/x", "https://other/x", False),
        ("https://h/x", "https://h:8443/x", False),
        ("https://h/x", "http://h/x", False),
        ("http://localhost:5000/x", "https://localhost/x", False),
    ],
)
def test_credentials_stay_with_their_origin(source, target, kept):
    assert keeps_credentials(source, target) == kept
