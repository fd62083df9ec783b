"""The URL of a remote, which determines how its files are fetched."""

import ipaddress
import re
from typing import Literal, NamedTuple, NoReturn, Self
from urllib.parse import urlsplit

from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.reference import Reference

Kind = Literal["web", "git", "folder", "artifact"]

_CATALOG = "catalog.toml"
_GIT_OVER = ("https", "ssh", "file")
_SCP = re.compile(r"(?:\w[\w.-]*@)?\w[\w.-]*:(?!/?/)[^\s:]+", re.ASCII)  # git's short form of an ssh URL
_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*", re.ASCII)
_EXAMPLES = "write https://HOST/FOLDER/, git+https://HOST/REPOSITORY#BRANCH, /FOLDER or oci://REGISTRY/NAME:TAG"


class SourceUrl(NamedTuple):
    """The parsed URL of a remote."""

    kind: Kind
    url: str
    """The URL of the folder (it ends in ``/``) or repository, or the reference of the artifact."""
    ref: str = ""
    """The branch, tag or commit of a repository; empty for its default branch."""
    folder: str = ""
    """The folder in a repository."""
    file: str = _CATALOG
    """The file name of the catalog."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse what the user typed; raises `InvalidValueError`. A path must be absolute."""
        if text.startswith("-") or not text.isprintable() or " " in text or "\\" in text:
            raise InvalidValueError(f"{text!r} is not an address", _EXAMPLES)
        scheme, colons, rest = text.partition("://")
        if "::" in (scheme if colons else text):
            raise InvalidValueError(f"{redact_url(text)!r} would start a git transport helper", _EXAMPLES)
        if not colons and text.startswith("/"):
            return cls._local(text)
        if not colons and _SCP.fullmatch(text.partition("#")[0]):
            return cls._repository(text, "ssh")
        return cls._by_scheme(text, scheme.lower(), rest)

    @classmethod
    def _by_scheme(cls, text: str, scheme: str, rest: str) -> Self:
        over = scheme.removeprefix("git+")
        if scheme == "oci":
            return cls("artifact", _artifact(rest))
        if scheme == "file":
            return cls._local(rest.removeprefix("localhost"))
        if scheme != over or over == "ssh" or (over == "https" and urlsplit(text).path.endswith(".git")):
            return cls._repository(text.removeprefix("git+") if scheme != over else text, over)
        if scheme not in ("https", "http"):
            raise InvalidValueError(f"{redact_url(text)!r} is not an address", _EXAMPLES)
        return cls._web(text, scheme)

    @classmethod
    def _web(cls, text: str, scheme: str) -> Self:
        host = _host(text)
        if scheme == "http" and not is_loopback(host):
            raise InvalidValueError(
                f"{redact_url(text)!r} is not encrypted", "write https:// (http only reaches this machine itself)"
            )
        url, _, fragment = text.partition("#")
        if fragment:
            raise InvalidValueError(
                f"{redact_url(text)!r} has a fragment", "leave out # and what follows, or write git+https://"
            )
        folder, file = _split(urlsplit(url).path)
        return cls("web", urlsplit(url)._replace(path=folder).geturl(), file=file)

    @classmethod
    def _repository(cls, text: str, over: str) -> Self:
        url, _, fragment = text.partition("#")
        ref, _, path = fragment.partition(":")
        if over not in _GIT_OVER:
            raise InvalidValueError(
                f"{redact_url(text)!r}: git over {over} is not allowed", "use git+https, ssh or git+file"
            )
        if "://" in url and over != "file":
            _host(url)
        if ref and (not _REF.fullmatch(ref) or ".." in ref):
            raise InvalidValueError(f"{ref!r} is not a branch, tag or commit", "write URL#BRANCH or URL#BRANCH:FOLDER")
        if ".." in path.split("/") or path.startswith(("/", "-")):
            raise InvalidValueError(f"{path!r} is not a folder of a repository", "write URL#BRANCH:FOLDER")
        if path.endswith(".toml"):
            head, _, file = path.rpartition("/")
            return cls("git", url, ref, head, file)
        return cls("git", url, ref, path.strip("/"))

    @classmethod
    def _local(cls, path: str) -> Self:
        if not path.startswith("/"):
            raise InvalidValueError(f"{path!r} is not an absolute path", _EXAMPLES)
        folder, file = _split(path)
        return cls("folder", folder, file=file)


def is_loopback(host: str) -> bool:
    """Tell whether *host* is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def redact_url(text: str) -> str:
    """Return a URL with parts masked that may be secret: the user name, the password and the query."""
    text = re.sub(r"://[^/@\s]*:?[^/@\s]*@", lambda found: found[0] if found[0] == "://git@" else "://***@", text)
    return re.sub(r"\?[^#]*", "?***", text)


def _host(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        _refuse(text)
    if not host or host.startswith("-"):
        _refuse(text)
    return host


def _refuse(text: str) -> NoReturn:
    raise InvalidValueError(f"{redact_url(text)!r} has no valid host", _EXAMPLES)


def _split(path: str) -> tuple[str, str]:
    """Return the folder, ending in ``/``, and the file name of the catalog."""
    if path.endswith(".toml"):
        folder, _, file = path.rpartition("/")
        return f"{folder}/", file
    return path.rstrip("/") + "/", _CATALOG


def _artifact(rest: str) -> str:
    first = rest.partition("/")[0]
    if "." not in first and ":" not in first and first != "localhost":
        raise InvalidValueError(f"{rest!r} does not begin with a registry's host", "write oci://REGISTRY/NAME:TAG")
    try:
        return Reference.parse(rest).full
    except ValueError as error:
        raise InvalidValueError(str(error), "write oci://REGISTRY/NAME:TAG") from None
