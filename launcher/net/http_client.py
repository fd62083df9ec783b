"""One HTTP request and its whole response, within a size and a time; nothing is retried, stored or remembered."""

import re
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Self, TypeVar
from urllib.parse import unquote, urlsplit

import urllib3

from launcher import __version__
from launcher.net.certificates import tls_context
from launcher.net.deadline import within
from launcher.net.http_messages import REDIRECTS, USUAL, Request, Response, Timeouts
from launcher.net.network_errors import RedirectError, TooLargeError, explain, torn
from launcher.net.proxies import proxy_for
from launcher.net.redirects import keeps_credentials, to_any_host
from launcher.net.streamed_body import OK, PARTIAL, StreamedBody
from launcher.net.urls import host_of, origin

Answer = TypeVar("Answer", Response, Response | StreamedBody)
_HEADERS = {"User-Agent": f"applaunch/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}
_UNUSED = 64 << 10  # bytes that are read of a response whose content does not matter: an error, a redirect
_MOST_REDIRECTS = 5
_SUCCESS = range(200, 300)  # statuses
_CHUNK = 64 << 10


class HttpClient:
    """The connections to one server, and to where it redirects: no cookies, no ~/.netrc, no environment but *env*."""

    def __init__(
        self,
        host: str,
        env: Mapping[str, str],
        *,
        follow: Callable[[str, str], str] = to_any_host,
        timeouts: Timeouts = USUAL,
        folders: Sequence[str] = (),
    ) -> None:
        """Take proxies and certificate authorities for *host* (``HOST[:PORT]``) from *env* and *folders*.

        *follow* returns where a redirect from one URL to another leads, or raises ValueError.
        """
        self._host = host
        self._env = env
        self._follow = follow
        self._timeouts = timeouts
        self._folders = folders
        self._pools: dict[tuple[str, bool], urllib3.PoolManager] = {}

    def send(self, request: Request, *, redirects: bool = True, seconds: float = 0) -> Response:
        """Return the response to *request*; a GET or HEAD follows *redirects*.

        The Authorization header is not sent to another origin. It takes at most *seconds*, by default the usual time
        for its size. Raises `NetworkError`: out of reach, too slow, cut short, too large, no TLS, a refused redirect.
        """
        seconds = seconds or self._timeouts.seconds_for(request.largest + len(request.body or b""))
        deadline = time.monotonic() + seconds

        def once(asked: Request) -> Response:
            with self._open(asked) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Response(response.status, headers, _read(response, asked, headers, deadline), asked.url)

        follows = redirects and request.method in ("GET", "HEAD")
        return self._within(seconds, request, lambda: self._send_along(request, once) if follows else once(request))

    def stream(self, request: Request) -> Response | StreamedBody:
        """Return the body of the response to a GET, to be read piece by piece; a `Response` if it is not successful.

        Redirects are followed. Raises `NetworkError` as `send` does.
        """

        def once(asked: Request) -> Response | StreamedBody:
            response = self._open(asked)
            if response.status in (OK, PARTIAL):
                return StreamedBody(response, asked, self._timeouts)
            with response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                body = _read(response, asked, headers, time.monotonic() + self._timeouts.total)
                return Response(response.status, headers, body, asked.url)

        return self._within(self._timeouts.total, request, lambda: self._send_along(request, once))

    def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            pool.clear()

    def _within(self, seconds: float, request: Request, work: Callable[[], Answer]) -> Answer:
        try:
            return within(seconds, work)
        except (OSError, urllib3.exceptions.HTTPError) as error:
            raise explain(error, request.url, self._proxy(request.url), *self._folders[-1:]) from error

    def _send_along(self, request: Request, once: Callable[[Request], Answer]) -> Answer:
        for _ in range(_MOST_REDIRECTS + 1):
            response = once(request)
            if response.status not in REDIRECTS:
                return response
            request = self._redirected(request, response.headers.get("location", ""))
        what = f"{host_of(request.url)} redirects more than {_MOST_REDIRECTS} times"
        raise RedirectError(what, "try again later")

    def _redirected(self, request: Request, location: str) -> Request:
        try:
            url = self._follow(request.url, location)
        except ValueError as why:
            host = host_of(request.url)
            what = f"{host} redirects to an address that is not allowed: {why}"
            raise RedirectError(what, f"contact the operator of {host}") from None
        keeps = keeps_credentials(request.url, url)
        headers = {name: value for name, value in request.headers.items() if keeps or name.lower() != "authorization"}
        return request._replace(url=url, headers=headers)

    def _open(self, request: Request) -> urllib3.BaseHTTPResponse:
        return self._pool(request.url).request(
            request.method,
            request.url,
            headers=_HEADERS | dict(request.headers),
            body=request.body,
            timeout=urllib3.Timeout(connect=self._timeouts.connect, read=self._timeouts.read),
            redirect=False,
            retries=False,
            preload_content=False,
        )

    def _pool(self, url: str) -> urllib3.PoolManager:
        key = proxy, secure = self._proxy(url), url.startswith("https:")
        if key not in self._pools:
            self._pools[key] = _make_pool(proxy, self._context if secure else None)
        return self._pools[key]

    @cached_property
    def _context(self) -> ssl.SSLContext:  # made when it is needed: reading all certificates takes 30 ms
        return tls_context(self._host, self._env, self._folders)

    def _proxy(self, url: str) -> str:
        return proxy_for(origin(url), self._env)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _make_pool(proxy: str, context: ssl.SSLContext | None) -> urllib3.PoolManager:
    if not proxy:
        return urllib3.PoolManager(ssl_context=context)
    parts = urlsplit(proxy)
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username is not None else None
    headers = urllib3.make_headers(proxy_basic_auth=login)
    return urllib3.ProxyManager(proxy, proxy_headers=headers, ssl_context=context, proxy_ssl_context=context)


def _read(response: urllib3.BaseHTTPResponse, request: Request, headers: Mapping[str, str], deadline: float) -> bytes:
    """Return the body as it was sent: what a server compresses unasked is not what its digest is of."""
    succeeded = response.status in _SUCCESS
    largest = request.largest if succeeded else _UNUSED
    length = headers.get("content-length", "") if request.method != "HEAD" else "0"
    promised = int(length) if re.fullmatch("[0-9]{1,18}", length) else None
    body = bytearray()
    if promised is None or promised <= largest:
        while len(body) <= largest and (chunk := response.read(_CHUNK, decode_content=False)):
            body += chunk
            if time.monotonic() > deadline:  # whoever asked has given up
                raise TimeoutError
    if succeeded and max(promised or 0, len(body)) > largest:
        host = host_of(request.url)
        raise TooLargeError(
            f"the response of {host} is larger than {request.largest} bytes", f"contact the operator of {host}"
        )
    if succeeded and promised is not None and len(body) < promised:
        raise torn(host_of(request.url))
    return bytes(body[:largest])
