"""How we are let in: the Authorization header for each repository, once the registry has said what it wants.

Nothing is said before it is asked for. What is asked for comes from the registry itself, never from where it sent us,
and the login goes to the realm that it names within the bounds of `address.realm`.
"""

import base64
import json
import re
from collections.abc import Mapping
from urllib.parse import urlencode

from launcher.errors import RegistryError
from launcher.registry import registry_url
from launcher.registry.auth_challenge import Challenge, challenges
from launcher.registry.http_errors import Wish, no_entry, refused
from launcher.registry.http_exchange import Exchange
from launcher.registry.http_messages import Answer, Asked

_TOKEN = re.compile(r"[!-~]{1,65536}")
_CLIENT = "applaunch"
_MAY_NOT = (400, 401, 403)
_OK, _TOO_MANY, _FAILED = 200, 429, 500


class Entry:
    """What we may say to one registry."""

    def __init__(self, exchange: Exchange, base: str, login: Mapping[str, str], why_anonymous: str = "") -> None:
        """Have a *login* in the words of the engine API's AuthConfig: username and password, or identitytoken."""
        self._exchange = exchange
        self._base = base
        self._login = login
        self.why_anonymous = why_anonymous
        """Why we come without a login, where one was looked for."""
        self._known: dict[tuple[str, bool], str] = {}

    @property
    def has_login(self) -> bool:
        """Whether we are somebody."""
        return bool(self._login.get("identitytoken") or self._login.get("username"))

    def headers(self, repository: str, *, writes: bool) -> dict[str, str]:
        """Return the headers that the registry wanted last time, none as long as it wanted nothing."""
        known = self._known.get((repository, writes)) or self._known.get((repository, True))
        return {"Authorization": known} if known else {}

    def asked(self, answer: Answer, wish: Wish) -> dict[str, str]:
        """Return the headers for the second try, after an *answer* 401 to the first.

        Raises `RegistryError` where we have nothing that it wants, and where its realm gives us no token.
        """
        ways = {each.scheme: each for each in reversed(challenges(answer.headers.get("www-authenticate", "")))}
        if "bearer" in ways:
            header = f"Bearer {self._token(ways['bearer'], wish)}"
        elif "basic" in ways and (basic := self._basic()):
            header = basic
        else:
            raise no_entry(wish, has_login=self.has_login, why_anonymous=self.why_anonymous)
        self._known[wish.ref.repository, wish.writes] = header
        return {"Authorization": header}

    def _token(self, way: Challenge, wish: Wish) -> str:
        """Ask the realm for a token (distribution spec, token and oauth); one without a login is a stranger's."""
        where = wish.ref.familiar
        try:
            realm = registry_url.realm(self._base, way.parameters.get("realm", ""))
        except ValueError as why:
            what = f"{wish.ref.registry} wants us to ask for a token where we do not: {why}"
            raise RegistryError(where, what, "ask whoever runs that registry") from None
        answer = self._exchange.ask(self._request(where, realm, way, wish), follow=False)
        if answer.status in _MAY_NOT:
            raise no_entry(wish, has_login=self.has_login, why_anonymous=self.why_anonymous)
        if answer.status == _TOO_MANY or answer.status >= _FAILED:
            raise refused(answer, wish, has_login=self.has_login)
        if token := _read(answer):
            return token
        status = f" (HTTP {answer.status})" if answer.status != _OK else ""
        raise RegistryError(
            where, f"{registry_url.shown(realm)} gives no token{status}", "ask whoever runs that registry"
        )

    def _request(self, where: str, realm: str, way: Challenge, wish: Wish) -> Asked:
        actions = "pull,push" if wish.writes else "pull"
        scope = way.parameters.get("scope") or f"repository:{wish.ref.repository}:{actions}"
        words = {"client_id": _CLIENT, "service": way.parameters.get("service", "")}
        if identity := self._login.get("identitytoken"):
            form = words | {"scope": scope, "grant_type": "refresh_token", "refresh_token": identity}
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            return Asked(where, "POST", realm, kind, urlencode(form).encode())
        basic = self._basic()
        pairs = [*words.items(), *(("scope", each) for each in scope.split())]
        pairs += [("account", self._login["username"])] if basic else []
        url = f"{realm}{'&' if '?' in realm else '?'}{urlencode(pairs)}"
        return Asked(where, "GET", url, {"Authorization": basic} if basic else {})

    def _basic(self) -> str:
        name, password = self._login.get("username", ""), self._login.get("password", "")
        return f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}" if name else ""


def _read(answer: Answer) -> str:
    """Return the token in an answer, "" where there is none that a header can carry."""
    try:
        said = json.loads(answer.body)
        token = said.get("token") or said.get("access_token")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return token if isinstance(token, str) and _TOKEN.fullmatch(token) and answer.status == _OK else ""
