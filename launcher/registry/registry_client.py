"""A client for one registry (OCI distribution spec 1.1): tags, manifests and blobs, each verified by its digest."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from launcher.core.values.reference import Reference
from launcher.errors import RegistryError
from launcher.net.http_messages import REDIRECTS, SMALL, USUAL, Timeouts
from launcher.net.redirects import to_any_host
from launcher.net.streamed_body import StreamedBody
from launcher.registry import digests, manifests, platforms, tag_listing
from launcher.registry.authorized_requests import ACCEPTED, CREATED, OK, AuthorizedRequests
from launcher.registry.http_errors import Target
from launcher.registry.manifests import Manifest

CA_FOLDERS = ("/etc/containers/certs.d", "/etc/docker/certs.d")
"""Where an administrator puts ``HOST[:PORT]/*.crt``, the certificate authorities of one registry."""
_REFUSED = (401, 403, 429)
_KINDS = {"Accept": ", ".join(manifests.ACCEPTED)}


class Registry:
    """A registry and our login there; close it, or use it in a ``with``.

    *login* has the keys of the engine API's AuthConfig (``username`` and ``password``, or ``identitytoken``), or none;
    *why_anonymous* is reported if access without a login is refused. *env* sets proxies (HTTPS_PROXY, NO_PROXY) and
    certificate authorities (SSL_CERT_FILE). Every method raises `RegistryError`: no such tag or repository, login
    needed, rate limit, out of reach, too large, wrong digest.
    """

    def __init__(  # noqa: PLR0913  what a connection depends on; the last two are for tests
        self,
        registry: str,
        env: Mapping[str, str],
        login: Mapping[str, str] = {},
        why_anonymous: str = "",
        *,
        timeouts: Timeouts = USUAL,
        folders: Sequence[str] = CA_FOLDERS,
    ) -> None:
        """Prepare to ask the *registry* as references name it: ``docker.io``, ``127.0.0.1:5000``."""
        self.name = registry
        self._requests = AuthorizedRequests(registry, env, login, why_anonymous, timeouts=timeouts, folders=folders)

    def digest(self, ref: Reference) -> str:
        """Return the digest (``sha256:...``) that *ref* has now; of a multi-platform image, that of the index.

        One HEAD, which no registry counts as a pull; if its response has no digest, the manifest is requested.
        """
        target = Target(ref)
        answer = self._requests.send(target, "HEAD", self._manifest(target), _KINDS)
        if answer.status in _REFUSED:
            raise self._requests.refused(answer, target)
        header = answer.headers.get("docker-content-digest", "")
        if answer.status == OK and digests.is_digest(header) and header == (ref.digest or header):
            return header
        found = self.manifest(ref)
        return ref.digest or found.digest

    def tags(self, repository: str, most: int = tag_listing.MOST) -> list[str]:
        """Return the tags of *repository* (``library/jq``) in the registry's order, at most *most* of them.

        A list as long as *most* may be incomplete. Invalid tags are left out.
        """
        target = Target(Reference(self.name, repository))
        first = self._requests.url(target, "tags/list")
        return tag_listing.list_tags(first, target.ref, most, lambda url: self._requests.ask(target, "GET", url))

    def manifest(self, ref: Reference) -> Manifest:
        """Return the manifest or index of *ref*, by its digest if it has one; at most 4 MiB."""
        target = Target(ref)
        answer = self._requests.ask(target, "GET", self._manifest(target), _KINDS)
        try:
            found = Manifest.read(answer.body, answer.headers.get("content-type", ""))
        except ValueError as why:
            raise _invalid(ref, str(why)) from None
        expected = ref.digest or answer.headers.get("docker-content-digest", "")
        if expected and not digests.matches(answer.body, expected):
            raise _wrong_digest(ref, expected)
        return found

    def config(self, ref: Reference, platform: str = "") -> dict[str, Any]:
        """Return the config of the image *ref* for *platform* (``linux/amd64``), an object of the OCI image spec.

        *platform* may be "" if the image has one only. At most 4 MiB.
        """
        found = self.manifest(ref)
        try:
            if found.is_index:
                found = self.manifest(ref.with_digest(platforms.choose(ref, found.parts, platform).digest))
            digest = found.config.digest
        except ValueError as why:
            raise _invalid(ref, str(why)) from None
        try:
            content = json.loads(self.blob(ref.repository, digest, SMALL))
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            raise _invalid(ref, "has a config that is not a JSON object")
        platforms.check(ref, content, platform)
        return content

    def image_ids(self, ref: Reference, wanted: Iterable[str]) -> dict[str, str]:
        """Return the image ids of *ref* by platform, for those of *wanted* (``linux/arm64``) that it has.

        An id is the digest of the config, as docker and podman show it.
        """
        found = self.manifest(ref)
        try:
            if not found.is_index:
                only = manifests.platform_of(self.config(ref))
                return {each: found.config.digest for each in wanted if platforms.runs_on(each, only)}
            has = [each.platform for each in found.parts]
            there = [each for each in wanted if any(platforms.runs_on(each, one) for one in has)]
            parts = {each: platforms.choose(ref, found.parts, each) for each in there}
            return {each: self.manifest(ref.with_digest(part.digest)).config.digest for each, part in parts.items()}
        except ValueError as why:
            raise _invalid(ref, str(why)) from None

    def blob(self, repository: str, digest: str, largest: int) -> bytes:
        """Return the blob *digest* of *repository*, at most *largest* bytes."""
        target = Target(Reference(self.name, repository), blob=digest)
        data = self._requests.ask(target, "GET", self._requests.url(target, f"blobs/{digest}"), largest=largest).body
        if not digests.matches(data, digest):
            raise _wrong_digest(target.ref, digest)
        return data

    def open_blob(self, repository: str, digest: str, size: int, start: int = 0) -> StreamedBody:
        """Return the blob *digest* of *size* bytes to be read piece by piece, from the byte *start* on; close it.

        The reader verifies the digest. Reading raises `NetworkError`.
        """
        target = Target(Reference(self.name, repository), blob=digest)
        return self._requests.stream(target, self._requests.url(target, f"blobs/{digest}"), size, start)

    def push_blob(self, repository: str, data: bytes) -> str:
        """Upload *data* to *repository* unless it is there, and return its digest."""
        digest = digests.digest_of(data)
        target = Target(Reference(self.name, repository), writes=True)
        there = self._requests.send(target, "HEAD", self._requests.url(target, f"blobs/{digest}"), redirects=False)
        if there.status == OK or there.status in REDIRECTS:
            return digest
        started = self._requests.ask(
            target, "POST", self._requests.url(target, "blobs/uploads/"), body=b"", accepted=ACCEPTED
        )
        try:
            url = to_any_host(started.url, started.headers.get("location", ""))
        except ValueError as why:
            raise RegistryError(
                target.ref.familiar, f"{self.name} names an upload address that is not allowed: {why}"
            ) from None
        url = f"{url}{'&' if '?' in url else '?'}digest={digest}"
        kind = {"Content-Type": "application/octet-stream"}
        self._requests.ask(target, "PUT", url, kind, body=data, accepted=CREATED)
        return digest

    def push_manifest(self, repository: str, tag: str, body: bytes, media_type: str) -> str:
        """Upload the manifest *body*, whose blobs are there, as *tag* of *repository*, and return its digest."""
        digest = digests.digest_of(body)
        target = Target(Reference(self.name, repository, tag), writes=True)
        kind = {"Content-Type": media_type}
        answer = self._requests.ask(target, "PUT", self._manifest(target), kind, body=body, accepted=CREATED)
        stored = answer.headers.get("docker-content-digest", digest)
        if not digests.matches(body, stored):
            raise _wrong_digest(target.ref, digest)
        return digest

    def close(self) -> None:
        """Close all connections."""
        self._requests.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _manifest(self, target: Target) -> str:
        return self._requests.url(target, f"manifests/{target.ref.digest or target.ref.tag}")


def _wrong_digest(ref: Reference, digest: str) -> RegistryError:
    what = f"the content from {ref.registry} does not match {digest}"
    return RegistryError(ref.familiar, what, f"try again; if it persists, contact the operator of {ref.registry}")


def _invalid(ref: Reference, what: str) -> RegistryError:
    return RegistryError(ref.familiar, f"its manifest at {ref.registry} {what}", "ask the publisher to push it again")
