"""One registry at hand (OCI distribution spec 1.1): its tags, manifests and blobs, each checked against its digest."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from launcher.core.values.reference import Reference
from launcher.errors import RegistryError
from launcher.registry import certificates, digests, manifests, platforms, registry_url, tag_listing
from launcher.registry.authorized_requests import ACCEPTED, CREATED, OK, Conversation
from launcher.registry.http_errors import Wish
from launcher.registry.http_messages import MOVED, SMALL, USUAL, Patience
from launcher.registry.manifests import Manifest

_SAID_ENOUGH = (401, 403, 429)
_KINDS = {"Accept": ", ".join(manifests.ACCEPTED)}


class Registry:
    """A registry by its host, and who we are to it; to be closed, or used in a ``with``.

    *login* is in the words of the engine API's AuthConfig (``username`` and ``password``, or ``identitytoken``), empty
    for a stranger; *why_anonymous* is told where a stranger is refused. *env* names proxies (HTTPS_PROXY, NO_PROXY)
    and certificates (SSL_CERT_FILE). Everything raises `RegistryError`: no such tag or repository, login needed, rate
    limited, out of reach, too large, not what its digest says.
    """

    def __init__(  # noqa: PLR0913  what a connection depends on; the last two are for tests
        self,
        registry: str,
        env: Mapping[str, str],
        login: Mapping[str, str] = {},
        why_anonymous: str = "",
        *,
        patience: Patience = USUAL,
        folders: Sequence[str] = certificates.FOLDERS,
    ) -> None:
        """Mean the *registry* as references name it (``docker.io``, ``127.0.0.1:5000``); nothing is asked yet."""
        self.name = registry
        self._with = Conversation(registry, env, login, why_anonymous, patience=patience, folders=folders)

    def digest(self, ref: Reference) -> str:
        """Return the digest (``sha256:...``) that *ref* has now; for a name of several platforms, that of the index.

        One HEAD, which no registry counts as a pull; one that does not tell by it is asked for the manifest.
        """
        wish = Wish(ref)
        answer = self._with.say(wish, "HEAD", self._manifest(wish), _KINDS)
        if answer.status in _SAID_ENOUGH:
            raise self._with.refused(answer, wish)
        said = answer.headers.get("docker-content-digest", "")
        if answer.status == OK and digests.is_digest(said) and said == (ref.digest or said):
            return said
        found = self.manifest(ref)
        return ref.digest or found.digest

    def tags(self, repository: str, most: int = tag_listing.MOST) -> list[str]:
        """Return the tags of *repository* (``library/jq``) in the registry's order, at most *most* of them.

        A list as long as *most* may not be all. What cannot be a tag is left out.
        """
        wish = Wish(Reference(self.name, repository))
        first = self._with.url(wish, "tags/list")
        return tag_listing.tags(first, wish.ref, most, lambda url: self._with.ask(wish, "GET", url))

    def manifest(self, ref: Reference) -> Manifest:
        """Return what *ref* leads to, by digest where it has one; an index as it is; at most 4 MiB."""
        wish = Wish(ref)
        answer = self._with.ask(wish, "GET", self._manifest(wish), _KINDS)
        try:
            found = Manifest.read(answer.body, answer.headers.get("content-type", ""))
        except ValueError as why:
            raise _wrong(ref, str(why)) from None
        said = ref.digest or answer.headers.get("docker-content-digest", "")
        if said and not digests.fits(answer.body, said):
            raise _forged(ref, said)
        return found

    def config(self, ref: Reference, platform: str = "") -> dict[str, Any]:
        """Return the config of the image *ref* for *platform* (``linux/amd64``): an object of the OCI image spec.

        "" is for a name that has one platform only. At most 4 MiB.
        """
        found = self.manifest(ref)
        try:
            if found.is_index:
                found = self.manifest(ref.pinned(platforms.chosen(ref, found.parts, platform).digest))
            digest = found.config.digest
        except ValueError as why:
            raise _wrong(ref, str(why)) from None
        try:
            content = json.loads(self.blob(ref.repository, digest, SMALL))
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            raise _wrong(ref, "has a config that is no object")
        platforms.check(ref, content, platform)
        return content

    def ids(self, ref: Reference, wanted: Iterable[str]) -> dict[str, str]:
        """Return, for those platforms of *wanted* (``linux/arm64``) that *ref* has an image for, the image's id.

        That is the checksum of its config, as docker and podman name it.
        """
        found = self.manifest(ref)
        try:
            if not found.is_index:
                only = manifests.joined(self.config(ref))
                return {each: found.config.digest for each in wanted if platforms.suits(each, only)}
            has = [each.platform for each in found.parts]
            there = [each for each in wanted if any(platforms.suits(each, one) for one in has)]
            parts = {each: platforms.chosen(ref, found.parts, each) for each in there}
            return {each: self.manifest(ref.pinned(part.digest)).config.digest for each, part in parts.items()}
        except ValueError as why:
            raise _wrong(ref, str(why)) from None

    def blob(self, repository: str, digest: str, largest: int) -> bytes:
        """Return what *digest* names in *repository*, at most *largest* bytes."""
        wish = Wish(Reference(self.name, repository), blob=digest)
        data = self._with.ask(wish, "GET", self._with.url(wish, f"blobs/{digest}"), largest=largest).body
        if not digests.fits(data, digest):
            raise _forged(wish.ref, digest)
        return data

    def push_blob(self, repository: str, data: bytes) -> str:
        """Have *repository* hold *data* and return its digest; what is there already is not sent."""
        digest = digests.digest_of(data)
        wish = Wish(Reference(self.name, repository), writes=True)
        there = self._with.say(wish, "HEAD", self._with.url(wish, f"blobs/{digest}"), follow=False)
        if there.status == OK or there.status in MOVED:
            return digest
        begun = self._with.ask(wish, "POST", self._with.url(wish, "blobs/uploads/"), body=b"", accepted=ACCEPTED)
        try:
            place = registry_url.followed(begun.url, begun.headers.get("location", ""))
        except ValueError as why:
            raise RegistryError(wish.ref.familiar, f"{self.name} takes blobs where we do not go: {why}") from None
        place = f"{place}{'&' if '?' in place else '?'}digest={digest}"
        kind = {"Content-Type": "application/octet-stream"}
        self._with.ask(wish, "PUT", place, kind, body=data, accepted=CREATED)
        return digest

    def push_manifest(self, repository: str, tag: str, body: bytes, media_type: str) -> str:
        """Have *tag* of *repository* lead to the manifest *body*, whose blobs are there, and return its digest."""
        digest = digests.digest_of(body)
        wish = Wish(Reference(self.name, repository, tag), writes=True)
        kind = {"Content-Type": media_type}
        answer = self._with.ask(wish, "PUT", self._manifest(wish), kind, body=body, accepted=CREATED)
        said = answer.headers.get("docker-content-digest", digest)
        if not digests.fits(body, said):
            raise _forged(wish.ref, digest)
        return digest

    def close(self) -> None:
        """Hang up."""
        self._with.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _manifest(self, wish: Wish) -> str:
        return self._with.url(wish, f"manifests/{wish.ref.digest or wish.ref.tag}")


def _forged(ref: Reference, digest: str) -> RegistryError:
    what = f"{ref.registry} answers with something else than {digest}"
    return RegistryError(ref.familiar, what, "try again; if it stays, tell whoever runs that registry")


def _wrong(ref: Reference, what: str) -> RegistryError:
    return RegistryError(ref.familiar, f"its manifest at {ref.registry} {what}", "have its publisher push it again")
