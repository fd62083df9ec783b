"""Requests to one registry, with credentials if it asks for them, and its refusals as errors."""

from collections.abc import Callable, Mapping, Sequence

from launcher.errors import RegistryError
from launcher.net.http_client import Answer, HttpClient
from launcher.net.http_messages import SMALL, Request, Response, Timeouts
from launcher.net.network_errors import NetworkError
from launcher.net.streamed_body import StreamedBody
from launcher.net.urls import origin
from launcher.registry import http_errors, registry_url
from launcher.registry.auth import Authorization
from launcher.registry.http_errors import Target

OK, CREATED, ACCEPTED = 200, 201, 202
_UNAUTHORIZED = 401


class AuthorizedRequests:
    """One registry, our login there, and the tokens that it has given so far."""

    def __init__(  # noqa: PLR0913  what a connection depends on, handed through by Registry
        self,
        registry: str,
        env: Mapping[str, str],
        login: Mapping[str, str],
        why_anonymous: str,
        *,
        timeouts: Timeouts,
        folders: Sequence[str],
    ) -> None:
        """Prepare to ask the *registry* as references name it; nothing is sent yet."""
        self.base = registry_url.base_url(registry)
        self._http = HttpClient(registry, env, timeouts=timeouts, folders=folders)
        self._authorization = Authorization(self._http, self.base, login, why_anonymous)

    def url(self, target: Target, place: str) -> str:
        """Return the URL of a *place* in the repository that is asked about: ``tags/list``."""
        return f"{self.base}/v2/{target.ref.repository}/{place}"

    def ask(  # noqa: PLR0913  a request's parts
        self,
        target: Target,
        method: str,
        url: str,
        headers: Mapping[str, str] = {},
        *,
        body: bytes | None = None,
        largest: int = SMALL,
        accepted: int = OK,
    ) -> Response:
        """Return the response, whose status is *accepted*; raise `RegistryError` for any other."""
        response = self.send(target, method, url, headers, body=body, largest=largest)
        if response.status != accepted:
            raise self.refused(response, target)
        return response

    def send(  # noqa: PLR0913  a request's parts
        self,
        target: Target,
        method: str,
        url: str,
        headers: Mapping[str, str] = {},
        *,
        body: bytes | None = None,
        largest: int = SMALL,
        redirects: bool = True,
    ) -> Response:
        """Return the response, whatever its status; the second one if the registry first asks for credentials.

        Only its own origin gets them, not where a redirect or an upload has led.
        """
        request = Request(method, url, headers, body, largest)
        return self._authorize(target, request, lambda asked: self._http.send(asked, redirects=redirects))

    def stream(self, target: Target, url: str, largest: int, start: int = 0) -> StreamedBody:
        """Return the body of the response to a GET, at most *largest* bytes, to be read piece by piece and closed.

        It begins with the byte *start*, whether the server can resume or not. Raises `RegistryError` for every answer
        that has no such body; reading it raises `NetworkError`.
        """
        headers = {"Range": f"bytes={start}-"} if start else {}
        answer = self._authorize(target, Request("GET", url, headers, largest=largest), self._http.stream)
        if isinstance(answer, Response):
            raise self.refused(answer, target)
        try:
            return answer.skip_to(start)
        except NetworkError as error:
            answer.close()
            raise RegistryError(target.ref.familiar, error.what, error.fix) from error

    def _authorize(self, target: Target, request: Request, exchange: Callable[[Request], Answer]) -> Answer:
        headers = request.headers
        try:
            if not self._is_own(request.url):
                return exchange(request)
            known = self._authorization.headers(target.ref.repository, writes=target.writes)
            response = exchange(request._replace(headers={**headers, **known}))
            if not isinstance(response, Response) or response.status != _UNAUTHORIZED:
                return response
            if not self._is_own(response.url):
                return response
            asked = self._authorization.answer(response, target)
            return exchange(request._replace(headers={**headers, **asked}))
        except NetworkError as error:
            raise RegistryError(target.ref.familiar, error.what, error.fix) from error

    def refused(self, response: Response, target: Target) -> RegistryError:
        """Return the error for a *response* that refuses."""
        login = self._authorization
        return http_errors.http_error(response, target, has_login=login.has_login, why_anonymous=login.why_anonymous)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def _is_own(self, url: str) -> bool:
        return origin(url) == origin(self.base)
