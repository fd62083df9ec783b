"""The URLs of a registry: its own, and those of its token server.

Plain HTTP is used on this machine only (localhost, 127.0.0.0/8, [::1]), as docker does by default. There it is
always used: TLS to a registry on the loopback is not supported.
"""

from collections.abc import Iterable

from launcher.core.values.reference import HUB
from launcher.net.redirects import to_any_host
from launcher.net.urls import HUB_HOST, is_loopback, origin


def base_url(registry: str) -> str:
    """Return the URL of a *registry* as references name it: ``ghcr.io`` is ``https://ghcr.io``."""
    if registry == HUB:
        return f"https://{HUB_HOST}"
    return f"{'http' if is_loopback(registry) else 'https'}://{registry}"


def mirror_hosts(urls: Iterable[str]) -> list[str]:
    """Return the hosts of the mirrors at *urls* that are spoken to as any registry is, and have no path."""
    hosts = {url.rstrip("/"): url.partition("://")[2].rstrip("/") for url in urls}
    return [host for url, host in hosts.items() if host and "/" not in host and url == base_url(host)]


def token_url(registry: str, realm: str) -> str:
    """Return *realm* as the URL that makes tokens for the registry at the URL *registry*.

    The login is sent there. A registry may have its tokens made anywhere (docker.io: auth.docker.io), and whoever has
    the login could pass it on anyway: so another host is accepted if the registry itself named it and it uses TLS.
    Plain HTTP is accepted for a registry on this machine whose tokens are made on the same host, at any port.
    Raises ValueError for everything else.
    """
    url = to_any_host(registry, realm)
    here, there = origin(registry), origin(url)
    if there.scheme != "https" and there.host != here.host:
        raise ValueError(f"plain HTTP to {there.host}")
    return url
