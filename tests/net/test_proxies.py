"""HTTPS_PROXY and NO_PROXY, as golang.org/x/net/http/httpproxy reads them for docker's engine."""

import pytest

from launcher.net.proxies import proxy_for
from launcher.net.urls import origin

PROXY = {"HTTPS_PROXY": "http://proxy.example:3128"}


@pytest.mark.parametrize(
    ("env", "proxy"),
    [
        ({}, ""),
        (PROXY, "http://proxy.example:3128"),
        ({"https_proxy": "proxy.example:3128"}, "http://proxy.example:3128"),
        ({"HTTPS_PROXY": "https://ana:secret@proxy.example"}, "https://ana:secret@proxy.example"),
        ({"ALL_PROXY": "http://all.example"}, "http://all.example"),
        ({**PROXY, "ALL_PROXY": "http://all.example"}, "http://proxy.example:3128"),
        ({"HTTP_PROXY": "http://proxy.example"}, ""),
        ({"HTTPS_PROXY": "  "}, ""),
    ],
)
def test_the_environment_names_the_proxy(env, proxy):
    assert proxy_for(origin("https://ghcr.io/v2/"), env) == proxy


@pytest.mark.parametrize("url", ["http://localhost:5000/", "http://127.0.0.1:5000/", "http://[::1]/"])
def test_this_machine_is_never_behind_a_proxy(url):
    assert proxy_for(origin(url), PROXY) == ""


@pytest.mark.parametrize(
    ("listed", "url"),
    [
        ("*", "https://ghcr.io"),
        ("ghcr.io", "https://ghcr.io"),
        ("GHCR.IO", "https://ghcr.io"),
        ("example.org", "https://a.b.example.org"),
        (".example.org", "https://a.example.org"),
        ("*.example.org", "https://a.example.org"),
        ("a.example, ghcr.io:443", "https://ghcr.io"),
        ("registry.example:5000", "https://registry.example:5000"),
        ("10.0.0.0/8", "https://10.1.2.3:5000"),
        ("10.1.2.3", "https://10.1.2.3:5000"),
        ("[fd00::1]:5000", "https://[fd00::1]:5000"),
        ("fd00::/8", "https://[fd00::1]"),
    ],
)
def test_no_proxy_excludes_matching_hosts(listed, url):
    assert proxy_for(origin(url), {**PROXY, "NO_PROXY": listed}) == ""
    assert proxy_for(origin(url), {**PROXY, "no_proxy": listed}) == ""


@pytest.mark.parametrize(
    ("listed", "url"),
    [
        ("", "https://ghcr.io"),
        ("io", "https://ghcr"),
        ("hcr.io", "https://ghcr.io"),
        (".example.org", "https://example.org"),
        ("*.example.org", "https://example.org"),
        ("ghcr.io:5000", "https://ghcr.io"),
        ("10.0.0.0/8", "https://11.0.0.1"),
        ("a.example,,b.example", "https://ghcr.io"),
    ],
)
def test_no_proxy_excludes_no_other_hosts(listed, url):
    assert proxy_for(origin(url), {**PROXY, "NO_PROXY": listed}) == PROXY["HTTPS_PROXY"]
