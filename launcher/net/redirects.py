"""Where one server may send us next, and whether credentials go along."""

from urllib.parse import urljoin

from urllib3.util import parse_url

from launcher.core.remotes.source_url import redact_url
from launcher.net.urls import origin


def to_any_host(source: str, target: str) -> str:
    """Return *target*, which may be relative to *source*, as the URL to ask next: a registry's blobs lie anywhere.

    Raise ValueError for plain HTTP to another machine, and for this machine unless *source* is on it as well: no
    registry may have us ask what only listens here.
    """
    url = urljoin(source, target)
    there = origin(url)
    if there.is_loopback and not origin(source).is_loopback:
        raise ValueError(f"{there.host} is this machine")
    if there.scheme != "https" and not there.is_loopback:
        raise ValueError(f"plain HTTP to {there.host}")
    return url


def within_host(source: str, target: str) -> str:
    """Return *target* as the URL to ask next; raise ValueError if it is on another host or less encrypted."""
    url = parse_url(urljoin(source, target)).url if target else ""  # with what is not ASCII encoded
    before, there = origin(source), origin(url)
    if before.scheme == "https" != there.scheme:
        raise ValueError(f"{redact_url(url)!r} is not encrypted")
    if there.host != before.host or not (there.port == before.port or _is_upgrade(source, url)):
        raise ValueError(f"{redact_url(url)!r} is on another host")
    return url


def keeps_credentials(source: str, target: str) -> bool:
    """Return whether the Authorization header for *source* may be sent to *target* as well."""
    return origin(source) == origin(target) or _is_upgrade(source, target)


def _is_upgrade(source: str, target: str) -> bool:
    """Return whether *target* is *source* over TLS, each at its usual port."""
    before, there = origin(source), origin(target)
    return before.host == there.host and before[::2] == ("http", 80) and there[::2] == ("https", 443)
