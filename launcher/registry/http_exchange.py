"""One question to a registry and the whole answer to it, within a size and a time; nothing is retried or kept."""

import re
from collections.abc import Callable, Mapping, Sequence
from http.cookiejar import DefaultCookiePolicy
from typing import Self

import requests
import urllib3

from launcher import __version__
from launcher.errors import RegistryError
from launcher.registry import certificates, network_errors, registry_url
from launcher.registry.deadline import within
from launcher.registry.http_messages import MOVED, USUAL, Answer, Asked, Patience
from launcher.registry.proxies import proxy_for

_ERROR = 64 << 10  # bytes that are read of an answer which says no
_REDIRECTS = 5
_CHUNK = 64 << 10


class Exchange:
    """The connections to one registry, and to wherever it sends us."""

    def __init__(
        self,
        registry: str,
        env: Mapping[str, str],
        patience: Patience = USUAL,
        folders: Sequence[str] = certificates.FOLDERS,
    ) -> None:
        """Take proxies and certificates for *registry* (``HOST[:PORT]``) from *env* and *folders*."""
        self._env = env
        self._patience = patience
        self._session = requests.Session()
        self._session.trust_env = False  # no .netrc, and no proxies and certificates but ours
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._trust: Callable[[], certificates.Trusting] | None = lambda: certificates.trusting(registry, env, folders)

    def ask(self, asked: Asked, *, follow: bool = True) -> Answer:
        """Return the answer to *asked*; a GET or HEAD goes where redirects lead, if it is to *follow*.

        To another host, or another port of it, the Authorization header is not sent along. Raises `RegistryError` where
        there is no answer: out of reach, too slow, torn, too large, no TLS, a redirect that is not followed.
        """
        size = asked.largest + len(asked.body or b"")
        seconds = max(self._patience.whole, size / self._patience.slowest)
        try:
            return within(seconds, lambda: self._led(asked, follow=follow))
        except (OSError, urllib3.exceptions.HTTPError) as error:  # what requests raises is an OSError
            raise network_errors.trouble(error, asked.where, asked.url, self._proxy(asked.url)) from error

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    def _led(self, asked: Asked, *, follow: bool) -> Answer:
        answer = self._sent(asked)
        if not follow or asked.method not in ("GET", "HEAD"):
            return answer
        for _ in range(_REDIRECTS):
            if answer.status not in MOVED:
                return answer
            asked = _redirected(asked, answer.headers.get("location", ""))
            answer = self._sent(asked)
        raise RegistryError(asked.where, f"{registry_url.shown(asked.url)} sends us in circles", "try again later")

    def _sent(self, asked: Asked) -> Answer:
        if self._trust and asked.url.startswith("https:"):  # the first of them: reading all certificates takes 30 ms
            self._session.mount("https://", self._trust())
            self._trust = None
        proxy = self._proxy(asked.url)
        proxies = {"https": proxy} if proxy else {}
        response = self._session.request(
            asked.method,
            asked.url,
            headers=_HEADERS | dict(asked.headers),
            data=asked.body,
            timeout=(self._patience.connect, self._patience.read),
            allow_redirects=False,
            proxies=proxies,
            stream=True,
        )
        with response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, headers, _body(response, asked, headers), asked.url)

    def _proxy(self, url: str) -> str:
        return proxy_for(registry_url.origin(url), self._env)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_HEADERS = {"User-Agent": f"applaunch/{__version__}", "Accept-Encoding": "identity"}


def _redirected(asked: Asked, location: str) -> Asked:
    try:
        url = registry_url.followed(asked.url, location)
    except ValueError as why:
        what = f"{registry_url.shown(asked.url)} sends us elsewhere, where we do not go: {why}"
        raise RegistryError(asked.where, what, "ask whoever runs that registry") from None
    same = registry_url.origin(url) == registry_url.origin(asked.url)
    kept = {name: value for name, value in asked.headers.items() if same or name.lower() != "authorization"}
    return asked._replace(url=url, headers=kept)


def _body(response: requests.Response, asked: Asked, headers: Mapping[str, str]) -> bytes:
    """Read the answer as it is on the wire; what a registry compresses unasked is not what its digest is of."""
    largest = asked.largest if response.ok else _ERROR
    length = headers.get("content-length", "") if asked.method != "HEAD" else "0"
    promised = int(length) if re.fullmatch("[0-9]{1,18}", length) else None
    read = bytearray()
    if promised is None or promised <= largest:
        while len(read) <= largest and (chunk := response.raw.read(_CHUNK, decode_content=False)):
            read += chunk
    elif response.ok:
        raise _too_large(asked)
    if len(read) > largest and response.ok:
        raise _too_large(asked)
    if response.ok and promised is not None and len(read) < promised:
        raise RegistryError(
            asked.where, f"{registry_url.shown(asked.url)} broke off in the middle of an answer", "try again"
        )
    return bytes(read[:largest])


def _too_large(asked: Asked) -> RegistryError:
    what = f"what {registry_url.shown(asked.url)} answers is larger than the {asked.largest} bytes that it may have"
    return RegistryError(asked.where, what, "ask whoever runs that registry")
