"""Where a registry is asked, and where its tokens may come from."""

import pytest

from launcher.net.redirects import to_any_host
from launcher.net.urls import is_loopback
from launcher.registry.registry_url import base_url, token_url


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
def test_plain_http_is_used_on_this_machine_only(registry, url):
    assert base_url(registry) == url
    assert is_loopback(registry) == url.startswith("http:")


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
def test_a_token_server_is_accepted_over_tls_or_on_the_same_loopback_host(registry, target):
    assert token_url(registry, target) == to_any_host(registry, target)


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
def test_another_token_server_is_refused(registry, target):
    with pytest.raises(ValueError):
        token_url(registry, target)
