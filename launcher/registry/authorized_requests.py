"""Question and answer with one registry, introduced where it insists, and its refusals raised in words."""

from collections.abc import Mapping, Sequence

from launcher.errors import RegistryError
from launcher.registry import http_errors, registry_url
from launcher.registry.auth import Entry
from launcher.registry.http_errors import Wish
from launcher.registry.http_exchange import Exchange
from launcher.registry.http_messages import SMALL, Answer, Asked, Patience

OK, CREATED, ACCEPTED = 200, 201, 202
_WHO = 401


class Conversation:
    """One registry, who we are to it, and what it has let us in with so far."""

    def __init__(  # noqa: PLR0913  what a connection depends on, handed through by Registry
        self,
        registry: str,
        env: Mapping[str, str],
        login: Mapping[str, str],
        why_anonymous: str,
        *,
        patience: Patience,
        folders: Sequence[str],
    ) -> None:
        """Mean the *registry* as references name it; nothing is asked yet."""
        self.base = registry_url.base(registry)
        self._exchange = Exchange(registry, env, patience, folders)
        self._entry = Entry(self._exchange, self.base, login, why_anonymous)

    def url(self, wish: Wish, place: str) -> str:
        """Return the URL of a *place* in the repository that is asked about: ``tags/list``."""
        return f"{self.base}/v2/{wish.ref.repository}/{place}"

    def ask(  # noqa: PLR0913  a question's parts
        self,
        wish: Wish,
        method: str,
        url: str,
        headers: Mapping[str, str] = {},
        *,
        body: bytes | None = None,
        largest: int = SMALL,
        accepted: int = OK,
    ) -> Answer:
        """Return the answer, whose status is *accepted*; raises `RegistryError` for every other one."""
        answer = self.say(wish, method, url, headers, body=body, largest=largest)
        if answer.status != accepted:
            raise self.refused(answer, wish)
        return answer

    def say(  # noqa: PLR0913  a question's parts
        self,
        wish: Wish,
        method: str,
        url: str,
        headers: Mapping[str, str] = {},
        *,
        body: bytes | None = None,
        largest: int = SMALL,
        follow: bool = True,
    ) -> Answer:
        """Return the answer, whatever it says, the second one where the registry first wants to know who we are.

        Only its own origin is told that: not where a redirect or an upload has led.
        """
        asked = Asked(wish.ref.familiar, method, url, headers, body, largest)
        if not self._is_own(url):
            return self._exchange.ask(asked, follow=follow)
        known = self._entry.headers(wish.ref.repository, writes=wish.writes)
        answer = self._exchange.ask(asked._replace(headers={**headers, **known}), follow=follow)
        if answer.status != _WHO or not self._is_own(answer.url):
            return answer
        now = self._entry.asked(answer, wish)
        return self._exchange.ask(asked._replace(headers={**headers, **now}), follow=follow)

    def refused(self, answer: Answer, wish: Wish) -> RegistryError:
        """Return the failure for an *answer* that says no."""
        entry = self._entry
        return http_errors.refused(answer, wish, has_login=entry.has_login, why_anonymous=entry.why_anonymous)

    def close(self) -> None:
        """Hang up."""
        self._exchange.close()

    def _is_own(self, url: str) -> bool:
        return registry_url.origin(url) == registry_url.origin(self.base)
