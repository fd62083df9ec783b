"""Image references: parsing by docker's rules (distribution/reference) and the forms they are written in."""

from __future__ import annotations

from launcher.fast_stdlib import NamedTuple, pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn, Self
HUB = "docker.io"

_HOST = pattern(
    r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
)
_PATH = pattern(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*")
_TAG = pattern(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = pattern(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")
_ID = pattern(r"[0-9a-f]{64}")
_LONGEST = 255


class Reference(NamedTuple):
    """The reference of an image: a registry, a repository, and a tag, a digest or both."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse ``[host/]path[:tag][@digest]``; the tag defaults to ``latest`` if there is no digest.

        Raises ValueError with a message for the user.
        """
        name, at, digest = text.partition("@")
        if at and not _DIGEST.fullmatch(digest):
            _refuse(text, f"{digest!r} is not a digest such as sha256:0123... (64 hexadecimal digits)")
        if digest.startswith("sha256:") and len(digest) != len("sha256:") + 64:
            _refuse(text, "a sha256 digest has 64 hexadecimal digits")
        head, colon, tag = name.rpartition(":")
        if not colon or "/" in tag:
            head, colon, tag = name, "", ""
        if colon and not _TAG.fullmatch(tag):
            _refuse(text, f"{tag!r} is not a tag (letters, digits, '_', '.', '-'; at most 128)")
        registry, path = _split(head)
        _check(text, registry, path)
        return cls(registry, path, tag or ("" if digest else "latest"), digest)

    @property
    def repo(self) -> str:
        """The registry and the repository: ``docker.io/library/jq``."""
        return f"{self.registry}/{self.repository}"

    @property
    def full(self) -> str:
        """The complete reference without defaults: ``docker.io/library/jq:latest@sha256:...``."""
        return self.repo + self._suffix

    @property
    def familiar(self) -> str:
        """The short form that people type: ``jq:latest`` for ``docker.io/library/jq:latest``."""
        return self.repo.removeprefix(f"{HUB}/library/").removeprefix(f"{HUB}/") + self._suffix

    @property
    def exact(self) -> str:
        """The reference to send to an engine: with the digest if there is one, else the tag (podman refuses both)."""
        return f"{self.repo}@{self.digest}" if self.digest else f"{self.repo}:{self.tag}"

    def with_digest(self, digest: str) -> Self:
        """Return this reference with *digest* (``sha256:...``); it keeps its tag for display."""
        return self._replace(digest=digest)

    @property
    def _suffix(self) -> str:
        return (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


def with_tag(image: str, tag: str) -> str:
    """Return *image* with another *tag*, which may also be a digest ``sha256:...``; raises ValueError."""
    separator = "@" if tag.startswith("sha256:") else ":"
    return Reference.parse(f"{Reference.parse(image).repo}{separator}{tag}").full


def repo_of(text: str) -> str:
    """Return the registry and repository of *text*, a valid reference; it is not checked again."""
    name = text.partition("@")[0]
    head, colon, tag = name.rpartition(":")
    registry, path = _split(head if colon and "/" not in tag else name)
    return f"{registry}/{path}"


def parse(text: str) -> Reference:
    """Parse *text* as docker does; see `Reference.parse`."""
    return Reference.parse(text)


def _split(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    is_host = slash and ("." in first or ":" in first or first == "localhost" or first != first.lower())
    host, path = (first, rest) if is_host else (HUB, name)
    host = HUB if host == f"index.{HUB}" else host
    return host, f"library/{path}" if host == HUB and "/" not in path else path


def _check(text: str, registry: str, path: str) -> None:
    bare = path.removeprefix("library/")
    if not bare:
        _refuse(text, "the name of the image is missing")
    if not _HOST.fullmatch(registry):
        _refuse(text, f"{registry!r} is not a registry's host name")
    if not _PATH.fullmatch(path):
        _refuse(text, "a repository is lower case" if path != path.lower() else f"{bare!r} is not a repository")
    if _ID.fullmatch(text):
        _refuse(text, "that is an image's id, which other machines do not know")
    if len(registry) + 1 + len(path) > _LONGEST:
        _refuse(text, f"more than {_LONGEST} characters")


def _refuse(text: str, why: str) -> NoReturn:
    raise ValueError(f"{text!r} is not an image: {why}")
