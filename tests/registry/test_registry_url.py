"""Where a registry is spoken to, and where no registry can send us."""

import pytest

from launcher.registry.registry_url import base, followed, is_loopback, origin, realm, shown


@pytest.mark.parametrize(
    ("registry", "url"),
    [
        ("docker.io", "https://registry-1.docker.io"),
        ("ghcr.io", "https://ghcr.io"),
        ("registry.example:5000", "https://registry.example:5000"),
        ("localhost", "http://localhost"),
        ("localhost:5000", "http://localhost:5000"),
        ("LOCALHOST:5000", "http://LOCALHOST:5000"),
        ("127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("127.9.9.9", "http://127.9.9.9"),
        ("[::1]:5000", "http://[::1]:5000"),
        ("localhost.example.org", "https://localhost.example.org"),
        ("127.0.0.1.example.org", "https://127.0.0.1.example.org"),
        ("128.0.0.1:5000", "https://128.0.0.1:5000"),
        ("0.0.0.0:5000", "https://0.0.0.0:5000"),
        ("[::2]:5000", "https://[::2]:5000"),
        ("10.0.0.7:5000", "https://10.0.0.7:5000"),
    ],
)
def test_plain_http_is_spoken_on_this_machine_only(registry, url):
    assert base(registry) == url
    assert is_loopback(registry) == url.startswith("http:")


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
def test_a_url_that_a_registry_names_is_followed(source, target, url):
    assert followed(source, target) == url


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [
        (PUBLIC, "http://cdn.example/x", "cdn.example would be asked over plain HTTP"),
        (MINE, "http://cdn.example/x", "cdn.example would be asked over plain HTTP"),
        (PUBLIC, "http://127.0.0.1:631/admin", "127.0.0.1 is this machine"),
        (PUBLIC, "https://localhost/x", "localhost is this machine"),
        (PUBLIC, "https://[::1]/x", "[::1] is this machine"),
        (PUBLIC, "file:///etc/passwd", "'file:///etc/passwd' is no address"),
        (PUBLIC, "https://ana:secret@cdn.example/x", "'https://ana:secret@cdn.example/x' is no address"),
        (PUBLIC, "https://cdn.example\\@evil.example/x", r"'https://cdn.example\\@evil.example/x' is no address"),
        (PUBLIC, "https://cdn.example/x y", "'https://cdn.example/x y' is no address"),
        (PUBLIC, "https://cdn.example:port/x", "'https://cdn.example:port/x' is no address"),
    ],
)
def test_a_url_that_leads_where_we_do_not_go_says_why(source, target, why):
    with pytest.raises(ValueError) as refused:
        followed(source, target)

    assert str(refused.value) == why


@pytest.mark.parametrize(
    ("registry", "target"),
    [
        ("https://registry-1.docker.io", "https://auth.docker.io/token"),
        ("https://ghcr.io", "https://ghcr.io/token"),
        ("http://127.0.0.1:5000", "https://auth.example/token"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5001/token"),
        ("http://localhost:5000", "/token"),
    ],
)
def test_a_realm_is_believed_over_tls_or_on_the_very_same_loopback_host(registry, target):
    assert realm(registry, target) == followed(registry, target)


@pytest.mark.parametrize(
    ("registry", "target"),
    [
        ("https://registry.example", "http://registry.example/token"),
        ("https://registry.example", "http://127.0.0.1/token"),
        ("http://127.0.0.1:5000", "http://localhost:5000/token"),
        ("http://127.0.0.1:5000", "http://127.0.0.2:5000/token"),
        ("http://127.0.0.1:5000", "http://auth.example/token"),
        ("https://registry.example", "https://ana@auth.example/token"),
    ],
)
def test_a_realm_elsewhere_is_not_believed(registry, target):
    with pytest.raises(ValueError):
        realm(registry, target)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://registry-1.docker.io/v2/", "docker.io"),
        ("https://ghcr.io:443/v2/", "ghcr.io"),
        ("http://127.0.0.1:5000/v2/", "127.0.0.1:5000"),
        ("https://[fe80::1]:80/", "[fe80::1]:80"),
    ],
)
def test_a_host_is_shown_as_references_name_it(url, name):
    assert shown(url) == name


def test_the_origin_of_a_url_has_its_usual_port():
    assert origin("https://GHCR.io/v2/") == ("https", "ghcr.io", 443)
    assert origin("http://[::1]:5000/v2/") == ("http", "[::1]", 5000)
