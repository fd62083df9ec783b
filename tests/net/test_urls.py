"""Origins and hosts of URLs."""

import pytest

from launcher.net.urls import host_of, origin


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://registry-1.docker.io/v2/", "docker.io"),
        ("https://ghcr.io:443/v2/", "ghcr.io"),
        ("http://127.0.0.1:5000/v2/", "127.0.0.1:5000"),
        ("https://[fe80::1]:80/", "[fe80::1]:80"),
    ],
)
def test_a_host_is_named_as_in_references(url, name):
    assert host_of(url) == name


def test_the_origin_of_a_url_has_its_usual_port():
    assert origin("https://GHCR.io/v2/") == ("https", "ghcr.io", 443)
    assert origin("http://[::1]:5000/v2/") == ("http", "[::1]", 5000)
