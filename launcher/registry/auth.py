"""The Authorization header for each repository of a registry, made once the registry has asked for it.

Nothing is sent unasked. Only the registry itself can ask, not a server that it redirects to, and the login goes only
to a URL that `address.token_url` accepts.
"""

import base64
import json
import re
from collections.abc import Mapping
from urllib.parse import urlencode

from launcher.errors import RegistryError
from launcher.net.http_client import HttpClient
from launcher.net.http_messages import Request, Response
from launcher.net.urls import host_of
from launcher.registry import registry_url
from launcher.registry.auth_challenge import Challenge, parse_challenges
from launcher.registry.http_errors import Target, access_denied, http_error

_TOKEN = re.compile(r"[!-~]{1,65536}")
_CLIENT = "applaunch"
_DENIED = (400, 401, 403)
_OK, _TOO_MANY, _SERVER_ERROR = 200, 429, 500


class Authorization:
    """The credentials for one registry, and the headers made of them."""

    def __init__(self, http: HttpClient, base: str, login: Mapping[str, str], why_anonymous: str = "") -> None:
        """Use a *login* with the keys of the engine API's AuthConfig: username and password, or identitytoken."""
        self._http = http
        self._base = base
        self._login = login
        self.why_anonymous = why_anonymous
        """Why no login was found, if one was looked for."""
        self._known: dict[tuple[str, bool], str] = {}

    @property
    def has_login(self) -> bool:
        """Whether credentials are available."""
        return bool(self._login.get("identitytoken") or self._login.get("username"))

    def headers(self, repository: str, *, writes: bool) -> dict[str, str]:
        """Return the headers that the registry asked for last time; none if it has not asked yet."""
        known = self._known.get((repository, writes)) or self._known.get((repository, True))
        return {"Authorization": known} if known else {}

    def answer(self, response: Response, target: Target) -> dict[str, str]:
        """Return the headers for the second attempt, after a *response* with status 401 to the first.

        Raises `RegistryError` if we have no credentials of the kind it asks for, or get no token.
        """
        ways = {each.scheme: each for each in reversed(parse_challenges(response.headers.get("www-authenticate", "")))}
        if "bearer" in ways:
            header = f"Bearer {self._token(ways['bearer'], target)}"
        elif "basic" in ways and (basic := self._basic()):
            header = basic
        else:
            raise access_denied(target, has_login=self.has_login, why_anonymous=self.why_anonymous)
        self._known[target.ref.repository, target.writes] = header
        return {"Authorization": header}

    def _token(self, way: Challenge, target: Target) -> str:
        """Request a token (distribution spec, token and oauth); without a login it is an anonymous one."""
        where = target.ref.familiar
        try:
            url = registry_url.token_url(self._base, way.parameters.get("realm", ""))
        except ValueError as why:
            what = f"{target.ref.registry} names a token server that is not allowed: {why}"
            raise RegistryError(where, what, f"contact the operator of {target.ref.registry}") from None
        response = self._http.send(self._token_request(url, way, target), redirects=False)
        if response.status in _DENIED:
            raise access_denied(target, has_login=self.has_login, why_anonymous=self.why_anonymous)
        if response.status == _TOO_MANY or response.status >= _SERVER_ERROR:
            raise http_error(response, target, has_login=self.has_login)
        if token := _read_token(response):
            return token
        status = f" (HTTP {response.status})" if response.status != _OK else ""
        raise RegistryError(where, f"{host_of(url)} gave no token{status}", f"contact the operator of {host_of(url)}")

    def _token_request(self, url: str, way: Challenge, target: Target) -> Request:
        actions = "pull,push" if target.writes else "pull"
        scope = way.parameters.get("scope") or f"repository:{target.ref.repository}:{actions}"
        words = {"client_id": _CLIENT, "service": way.parameters.get("service", "")}
        if identity := self._login.get("identitytoken"):
            form = words | {"scope": scope, "grant_type": "refresh_token", "refresh_token": identity}
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            return Request("POST", url, kind, urlencode(form).encode())
        basic = self._basic()
        pairs = [*words.items(), *(("scope", each) for each in scope.split())]
        pairs += [("account", self._login["username"])] if basic else []
        query = f"{'&' if '?' in url else '?'}{urlencode(pairs)}"
        return Request("GET", f"{url}{query}", {"Authorization": basic} if basic else {})

    def _basic(self) -> str:
        name, password = self._login.get("username", ""), self._login.get("password", "")
        return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}" if name else ""


def _read_token(response: Response) -> str:
    """Return the token in a response, "" if there is none that fits into a header."""
    try:
        fields = json.loads(response.body)
        token = fields.get("token") or fields.get("access_token")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return token if isinstance(token, str) and _TOKEN.fullmatch(token) and response.status == _OK else ""
