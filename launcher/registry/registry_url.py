"""Where a registry is spoken to, and which of the URLs that it names are followed.

Plain HTTP is spoken on this machine only (localhost, 127.0.0.0/8, [::1]), where docker speaks it unasked, too. There
it is spoken always: a registry on the loopback that wants TLS is not understood.
"""

import re
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from launcher.core.remotes import source_url
from launcher.core.values.reference import HUB

_HUB_HOST = f"registry-1.{HUB}"
_NETLOC = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")
_PLAIN = re.compile(r"[!#-\[\]^_a-z|~]+")  # printable ASCII that a URL can have, without a quote or a backslash
_PORTS = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Whom a URL leads to: who is trusted with what was meant for one of them is not with what is for another."""

    scheme: str
    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether this machine itself is meant."""
        return is_loopback(self.host)


def base(registry: str) -> str:
    """Return the URL of a *registry* as references name it: ``ghcr.io`` is ``https://ghcr.io``."""
    if registry == HUB:
        return f"https://{_HUB_HOST}"
    return f"{'http' if is_loopback(registry) else 'https'}://{registry}"


def shown(url: str) -> str:
    """Return whom *url* leads to as references, and so people, name it: ``docker.io``, ``127.0.0.1:5000``."""
    there = origin(url)
    host = HUB if there.host == _HUB_HOST else there.host
    return host if there.port == _PORTS[there.scheme] else f"{host}:{there.port}"


def is_loopback(host: str) -> bool:
    """Tell whether *host*, with a port or without, is this machine by its name: nothing is looked up."""
    found = _NETLOC.fullmatch(host)
    return source_url.is_loopback((found[1] if found else host).strip("[]").lower())


def origin(url: str) -> Origin:
    """Return whom *url* leads to; raises ValueError, in words, for what is no http or https URL with a plain host."""
    parts = urlsplit(url) if _PLAIN.fullmatch(url) else None
    found = _NETLOC.fullmatch(parts.netloc) if parts and parts.scheme in _PORTS else None
    if parts is None or found is None:
        raise ValueError(f"{url[:_LONG]!r} is no address")
    return Origin(parts.scheme, found[1].lower(), int(found[2] or _PORTS[parts.scheme]))


_LONG = 200  # characters of a foreign URL that are shown


def followed(source: str, target: str) -> str:
    """Return *target*, which may be relative, as the URL that is asked next, where *source* has named it.

    Raises ValueError, in words, for plain HTTP to another machine, and for this machine where another one names it:
    no registry may have us ask what only listens here.
    """
    url = urljoin(source, target)
    there = origin(url)
    if there.is_loopback and not origin(source).is_loopback:
        raise ValueError(f"{there.host} is this machine")
    if there.scheme != "https" and not there.is_loopback:
        raise ValueError(f"{there.host} would be asked over plain HTTP")
    return url


def realm(registry: str, target: str) -> str:
    """Return *target* as the URL at which a token for the registry at the URL *registry* is asked for.

    The login goes there. A registry has its tokens made wherever it likes (docker.io at auth.docker.io), and whoever
    holds the login could pass it on anyway: so another host is believed, if it was named by the registry itself and
    speaks TLS. Plain HTTP is for a registry on this machine whose tokens come from that very host, of any port.
    Raises ValueError, in words, for everything else.
    """
    url = followed(registry, target)
    here, there = origin(registry), origin(url)
    if there.scheme != "https" and there.host != here.host:
        raise ValueError(f"{there.host} would be asked over plain HTTP")
    return url
