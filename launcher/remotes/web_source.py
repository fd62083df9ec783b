"""Catalogs on a web server: asked for by their ETag, within a size and a time, and from no host but the one named."""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

import requests

from launcher.core.remotes.source_url import Address, shown
from launcher.errors import RemoteError
from launcher.remotes.fetch import CATALOG, KEYS, KEYS_SIGNATURE, LARGEST, LONGEST, SIGNATURE, Fetched, named
from launcher.remotes.folder_source import too_large
from launcher.remotes.time_limit import within

CONNECT = 10.0
"""Seconds to wait for a connection, and for each next part of an answer."""
_CHUNK = 64 * 1024
_REDIRECTS = 5
_MOVED = (301, 302, 303, 307, 308)
_OK, _SAME, _LOGIN, _GONE = 200, 304, (401, 403), (404, 410)
_KEPT = "what was accepted last goes on"
_HEADERS = {"User-Agent": "applaunch", "Accept": "*/*", "Accept-Encoding": "identity"}


def fetch(address: Address, tags: Mapping[str, str], longest: float = LONGEST) -> Fetched:
    """Return what the folder holds, all in *longest* seconds; raises `RemoteError`."""
    try:
        return within(longest, lambda: _fetched(address, tags, time.monotonic() + longest))
    except TimeoutError:
        what = f"did not come whole within {longest:g} seconds"
        raise RemoteError(shown(address.url), what, f"try again later; {_KEPT}") from None


def _fetched(address: Address, tags: Mapping[str, str], deadline: float) -> Fetched:
    files: dict[str, bytes] = {}
    known: dict[str, str] = {}
    unchanged = set()
    with _Session() as session:
        session.auth = _login(urlsplit(address.url))
        for name, signature in ((KEYS, KEYS_SIGNATURE), (CATALOG, SIGNATURE)):
            found = _get(session, _url(address, name), LARGEST[name], tags.get(name, ""), deadline)
            if found is None:
                continue
            data, tag = found
            known |= {name: tag} if tag else {}
            if data is None:
                unchanged.add(name)
                continue
            files[name] = data
            if also := _get(session, _url(address, signature), LARGEST[signature], "", deadline):
                files[signature] = also[0] or b""
    if CATALOG not in files and CATALOG not in unchanged:
        where = shown(_url(address, CATALOG))
        raise RemoteError(where, "there is no such page (404)", f"check the address; {_KEPT}")
    return Fetched(files, frozenset(unchanged), known)


class _Session(requests.Session):
    """A session that leaves redirects to us: requests would read the whole body of one, and whatever it leads to."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Tell that there is none."""
        del resp


def _get(session: requests.Session, url: str, most: int, tag: str, deadline: float) -> tuple[bytes | None, str] | None:
    """Return the bytes at *url* and their ETag; no bytes where *tag* is still theirs; None where there is no page."""
    headers = _HEADERS | ({"If-None-Match": tag} if tag else {})
    for _ in range(_REDIRECTS + 1):
        try:
            with session.get(url, headers=headers, stream=True, timeout=CONNECT, allow_redirects=False) as answer:
                if answer.status_code in _MOVED:
                    url = followed(url, answer.headers.get("Location", ""))
                    continue
                if answer.status_code in _GONE:
                    return None
                if answer.status_code == _SAME and tag:
                    return None, tag
                if answer.status_code != _OK:
                    raise _status(url, answer.status_code)
                return _body(answer, url, most, deadline), answer.headers.get("ETag", "")
        except (requests.RequestException, OSError) as error:
            raise _unreachable(url, error) from None
    raise RemoteError(shown(url), f"leads on and on (more than {_REDIRECTS} redirects)", "write the address it ends at")


def _body(answer: requests.Response, url: str, most: int, deadline: float) -> bytes:
    """Read an answer as it comes, and no more of it than is allowed."""
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise RemoteError(shown(url), "was sent compressed, though it was asked for as it is", "turn that off there")
    said = answer.headers.get("Content-Length", "")
    if said.isascii() and said.isdigit() and int(said) > most:
        raise too_large(shown(url), most)
    data = b""
    for part in answer.iter_content(_CHUNK):
        data += part
        if len(data) > most:
            raise too_large(shown(url), most)
        if time.monotonic() > deadline:  # whoever waited has given up
            raise TimeoutError
    return data


def followed(url: str, location: str) -> str:
    """Return where a redirect leads: to the same host, and never out of encryption."""
    try:
        after = urljoin(url, location)
        before, there = urlsplit(url), urlsplit(after)
        same = bool(location) and (there.hostname, there.port) == (before.hostname, before.port)
    except ValueError:  # a host that is none
        after, same = location, False
    if not same:
        what = f"leads to another host: {shown(after)!r}"
        raise RemoteError(shown(url), what, "where that one is right: applaunch remote modify NAME --url URL")
    if there.scheme not in (before.scheme, "https"):
        raise RemoteError(shown(url), f"leads out of encryption, to {shown(after)!r}", "ask who publishes it")
    return after


def _login(parts: SplitResult) -> Any:
    """Return the login that an address bears, else one that says nothing: ~/.netrc is not asked."""
    if parts.username is not None:
        return unquote(parts.username), unquote(parts.password or "")
    return _anonymous


def _anonymous(request: Any) -> Any:
    return request


def _url(address: Address, name: str) -> str:
    parts = urlsplit(address.url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, path=parts.path + named(address, name)).geturl()


def _status(url: str, status: int) -> RemoteError:
    if status in _LOGIN:
        fix = "write it into the address: https://USER:TOKEN@HOST/"
        return RemoteError(shown(url), f"asks for a login ({status})", fix)
    return RemoteError(shown(url), f"was answered with {status}", _LATER)


def _unreachable(url: str, error: Exception) -> RemoteError:
    """Return what *error* means, in words."""
    host = urlsplit(url).netloc
    what, fix = f"{host} cannot be reached", f"check the network and the address; {_KEPT}"
    match error:
        case TimeoutError():
            raise error
        case requests.exceptions.SSLError():
            what, fix = f"the certificate of {host} is not one that this machine trusts", _CERTIFICATE
        case requests.exceptions.ChunkedEncodingError():
            what, fix = "ended before all of it had come", _LATER
        case requests.exceptions.ProxyError():
            what, fix = "the proxy did not let us through", "check: env | grep -i proxy"
        case requests.exceptions.Timeout():
            what, fix = f"{host} did not answer within {CONNECT:g} seconds", _LATER
    return RemoteError(shown(url), what, fix)


_LATER = f"try again later; {_KEPT}"
_CERTIFICATE = "where it is your own: REQUESTS_CA_BUNDLE=FILE applaunch remote update"
