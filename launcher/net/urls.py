"""The origin of a URL: scheme, host and port, which decide what may be sent there."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from launcher.core.remotes import source_url
from launcher.core.values.reference import HUB

HUB_HOST = f"registry-1.{HUB}"
"""The host of Docker Hub's registry, which references and people call docker.io."""
_NETLOC = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")
_URL = re.compile(r"[!#-\[\]^_a-z|~]+")  # printable ASCII that may be in a URL: no quote, no backslash
_PORTS = {"http": 80, "https": 443}
_SHOWN = 200  # characters of a foreign URL that are shown


class Origin(NamedTuple):
    """The server that a URL names; data meant for one origin is not sent to another."""

    scheme: str
    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""
        return is_loopback(self.host)


def origin(url: str) -> Origin:
    """Return the origin of *url*; raise ValueError if it is not an http or https URL with a plain host."""
    parts = urlsplit(url) if _URL.fullmatch(url) else None
    found = _NETLOC.fullmatch(parts.netloc) if parts and parts.scheme in _PORTS else None
    if parts is None or found is None:
        raise ValueError(f"{source_url.redact_url(url)[:_SHOWN]!r} is not a valid http or https URL")
    return Origin(parts.scheme, found[1].lower(), int(found[2] or _PORTS[parts.scheme]))


def is_loopback(host: str) -> bool:
    """Return whether *host*, with or without a port, names this machine; no name is looked up."""
    found = _NETLOC.fullmatch(host)
    return source_url.is_loopback((found[1] if found else host).strip("[]").lower())


def host_of(url: str) -> str:
    """Return the host of *url* as references name it, with its port unless it is the usual one: ``docker.io``."""
    there = origin(url)
    host = HUB if there.host == HUB_HOST else there.host
    return host if there.port == _PORTS[there.scheme] else f"{host}:{there.port}"
