"""Catalogs on a web server: requested by ETag, within a size and a time, and from no other host than the one named."""

import os
import time
from collections.abc import Mapping
from typing import Self
from urllib.parse import SplitResult, unquote, urlsplit

from urllib3.exceptions import LocationParseError
from urllib3.util import make_headers, parse_url

from launcher.core.remotes.source_url import SourceUrl, redact_url
from launcher.errors import RemoteError
from launcher.net.http_client import HttpClient
from launcher.net.http_messages import Request, Response, Timeouts
from launcher.net.network_errors import NetworkError, RedirectError, TooLargeError
from launcher.net.redirects import within_host
from launcher.remotes.catalog_files import (
    CATALOG,
    KEPT,
    KEYS,
    KEYS_SIGNATURE,
    LARGEST,
    LONGEST,
    SIGNATURE,
    Fetched,
    name_at,
    too_large,
)

_TIMEOUTS = Timeouts(connect=10.0, read=10.0)
_OK, _NOT_MODIFIED, _DENIED, _GONE = 200, 304, (401, 403), (404, 410)
_LATER = f"try again later; {KEPT}"


def fetch(
    address: SourceUrl, tags: Mapping[str, str], longest: float = LONGEST, *, env: Mapping[str, str] = os.environ
) -> Fetched:
    """Return the files of the folder, all within *longest* seconds; raise `RemoteError`."""
    files: dict[str, bytes] = {}
    found: dict[str, str] = {}
    unchanged = set()
    with _Folder(address, longest, env) as folder:
        for name, signature in ((KEYS, KEYS_SIGNATURE), (CATALOG, SIGNATURE)):
            response = folder.get(name, tags.get(name, ""))
            if response is None:
                continue
            if response.status == _NOT_MODIFIED:
                unchanged.add(name)
                found[name] = tags[name]
                continue
            files[name] = response.body
            if tag := response.headers.get("etag", ""):
                found[name] = tag
            if signed := folder.get(signature):
                files[signature] = signed.body
        if CATALOG not in files and CATALOG not in unchanged:
            where = redact_url(folder.url(CATALOG))
            raise RemoteError(where, "there is no such page (404)", f"check the address; {KEPT}")
    return Fetched(files, frozenset(unchanged), found)


class _Folder:
    """The folder of an address, for *longest* seconds."""

    def __init__(self, address: SourceUrl, longest: float, env: Mapping[str, str]) -> None:
        self._address = address
        self._parts = urlsplit(address.url)
        self._login = _authorization(self._parts)
        self._deadline = time.monotonic() + longest
        self._http = HttpClient(self._parts.netloc.rpartition("@")[2], env, follow=within_host, timeouts=_TIMEOUTS)

    def url(self, name: str) -> str:
        """Return the URL of the file *name*, without the login of the address."""
        host = self._parts.netloc.rpartition("@")[2]
        url = self._parts._replace(netloc=host, path=self._parts.path + name_at(self._address, name)).geturl()
        try:
            return parse_url(url).url  # with a host and a path in ASCII
        except LocationParseError:
            raise RemoteError(redact_url(url), "is not a valid URL", f"check the address; {KEPT}") from None

    def get(self, name: str, tag: str = "") -> Response | None:
        """Return the response for the file *name*, 304 if it still matches *tag*; None if there is no such page."""
        url = self.url(name)
        request = Request("GET", url, self._login | ({"If-None-Match": tag} if tag else {}), largest=LARGEST[name])
        try:
            response = self._http.send(request, seconds=max(self._deadline - time.monotonic(), 0.1))
        except TooLargeError:
            raise too_large(redact_url(url), LARGEST[name]) from None
        except RedirectError as error:
            fix = f"if it has moved: applaunch remote modify NAME --url URL; {KEPT}"
            raise RemoteError(redact_url(url), error.what, fix) from None
        except NetworkError as error:
            raise RemoteError(redact_url(url), error.what, f"{error.fix}; {KEPT}") from None
        if response.status in _GONE:
            return None
        if response.status != _OK and not (response.status == _NOT_MODIFIED and tag):
            raise _refused(response)
        if response.headers.get("content-encoding", "identity") != "identity":
            what = "was sent compressed although the request did not allow it"
            raise RemoteError(redact_url(url), what, f"turn compression off at the server; {KEPT}")
        return response

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()


def _authorization(parts: SplitResult) -> dict[str, str]:
    """Return the headers for the login in an address, none if there is none."""
    if parts.username is None:
        return {}
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": make_headers(basic_auth=login)["authorization"]}


def _refused(response: Response) -> RemoteError:
    where = redact_url(response.url)
    if response.status in _DENIED:
        fix = f"add a login to the address: https://USER:TOKEN@HOST/; {KEPT}"
        return RemoteError(where, f"the server requires a login (HTTP {response.status})", fix)
    return RemoteError(where, f"the server answered with HTTP {response.status}", _LATER)
