"""What docker-py, requests and urllib3 raise, said in one line each with its fix."""

from __future__ import annotations

import errno
import os

from launcher.errors import EngineError, EngineLostError, EngineStalledError, ImageMissingError
from launcher.fast_stdlib import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Kinds = type[Exception] | tuple[type[Exception], ...]

UPGRADE_OURS = "upgrade applaunch and its docker library: pipx upgrade applaunch"
_TOO_NEW = pattern(r"client version (\S+) is too old.*?version is ([\d.]+)")
_TOO_OLD = pattern(r"client version (\S+) is too new.*?version is ([\d.]+)")
_TIMEOUT = pattern(r"timeout=([\d.]+)")
_GONE = (errno.ECONNRESET, errno.EPIPE)
_SHUT = (errno.EACCES, errno.EPERM)
_ABSENT = (errno.ECONNREFUSED, errno.ENOENT)


def translate_error(error: Exception, where: str) -> EngineError | None:
    """Return what *error* means for people, or None when it is none of the engine's (a bug keeps its traceback)."""
    from http.client import HTTPException  # noqa: PLC0415  docker-py has loaded these already
    from json import JSONDecodeError  # noqa: PLC0415  as above

    import requests  # noqa: PLC0415  as above
    import urllib3  # noqa: PLC0415  as above
    from docker import errors as docker  # noqa: PLC0415  as above

    table: tuple[tuple[Kinds, Callable[[Any], EngineError]], ...] = (
        (docker.ImageNotFound, lambda e: ImageMissingError(where, one_line(e.explanation) or "no such image")),
        (docker.APIError, lambda e: engine_refusal(where, one_line(e.explanation or str(e)))),
        ((requests.exceptions.SSLError, urllib3.exceptions.SSLError), lambda e: _tls(where, _innermost(e))),
        (
            (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError),
            lambda e: engine_stalled(where, _limit(e)),
        ),
        (docker.StreamParseError, lambda _: engine_lost(where)),
        (JSONDecodeError, lambda _: not_an_engine(where)),
        (
            (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, HTTPException, ConnectionError),
            lambda e: _unreachable(where, e),
        ),
        (
            docker.DockerException,
            lambda e: EngineError(where, one_line(str(e)), "see DOCKER_HOST and DOCKER_CERT_PATH"),
        ),
    )
    return next((said(error) for kinds, said in table if isinstance(error, kinds)), None)


def engine_refusal(where: str, why: str) -> EngineError:
    """Return the failure for an answer of the engine that says *why* it will not."""
    if found := _TOO_NEW.search(why):
        return EngineError(where, f"the engine wants API {found[2]} or later, this is {found[1]}", UPGRADE_OURS)
    if found := _TOO_OLD.search(why):
        return engine_too_old(where, found[2], found[1])
    if "no space left on device" in why:
        return EngineError(where, "the engine's disk is full (no space left on device)", "applaunch gc")
    return EngineError(where, why)


def engine_too_old(where: str, theirs: str, needed: str) -> EngineError:
    """Return the failure for an engine whose newest API is *theirs*."""
    return EngineError(
        where,
        f"the engine speaks API {theirs} and {needed} is needed",
        "upgrade the engine (Docker 20.10 or podman 4, or later)",
    )


def not_an_engine(where: str) -> EngineError:
    """Return the failure for something that answers, but not as a container engine does."""
    return EngineError(where, "what answers there is not a container engine", "applaunch engine status")


def engine_stalled(where: str, seconds: float | None = None) -> EngineStalledError:
    """Return the failure for an engine that did not answer in so many *seconds* (None: in time)."""
    limit = f"{seconds:g} s" if seconds else "time"
    return EngineStalledError(where, f"the engine did not answer in {limit}", "try again, or restart the engine")


def _limit(error: BaseException) -> float | None:
    """Return the limit that urllib3 names: ``Read timed out. (read timeout=5)``."""
    found = _TIMEOUT.search(str(error))
    return float(found[1]) if found else None


def one_line(text: str | None) -> str:
    """Return the engine's words as a part of a message: one line, no full stop, at most 400 characters."""
    words = " ".join((text or "").split()).rstrip(".")
    return words if len(words) <= _LONG else words[: _LONG - 3] + "..."


_LONG = 400


def no_connection(where: str, why: str) -> EngineError:
    """Return the failure for an engine that cannot be connected to, *why* being the system's own words."""
    shut = why in (os.strerror(number).lower() for number in _SHUT)
    fix = "sudo usermod -aG docker $USER && newgrp docker" if shut else "is it running? applaunch engine status"
    return EngineError(where, f"cannot connect to the engine: {why}", fix)


def engine_lost(where: str, what: str = "the engine went away in the middle") -> EngineLostError:
    """Return the failure for an engine whose answer has ended too early."""
    return EngineLostError(where, what, "is it running? applaunch engine status")


def _is_torn(error: Exception) -> bool:
    """Tell whether an answer ended in its head, in a chunk, or where the length of one should be."""
    from http.client import IncompleteRead, RemoteDisconnected  # noqa: PLC0415  docker-py has loaded these already

    from requests.exceptions import ChunkedEncodingError, ContentDecodingError  # noqa: PLC0415  as above
    from urllib3.exceptions import IncompleteRead as Torn  # noqa: PLC0415  as above
    from urllib3.exceptions import InvalidChunkLength  # noqa: PLC0415  as above

    kinds = (IncompleteRead, RemoteDisconnected, ChunkedEncodingError, ContentDecodingError, Torn, InvalidChunkLength)
    links = _links(error)
    return isinstance(links[-1], ValueError) or any(
        isinstance(link, kinds) or "closed connection" in str(link) or "ended prematurely" in str(link)
        for link in links
    )


def _unreachable(where: str, error: Exception) -> EngineError:
    from http.client import BadStatusLine  # noqa: PLC0415  docker-py has loaded it

    number = next((link.errno for link in _links(error) if isinstance(link, OSError) and link.errno), 0)
    said = os.strerror(number).lower() if number else one_line(str(_innermost(error)))
    if number in _ABSENT or number in _SHUT:
        return no_connection(where, said)
    if number in _GONE or _is_torn(error):
        return engine_lost(where)
    if any(isinstance(link, BadStatusLine) for link in _links(error)):
        return not_an_engine(where)
    return EngineError(where, f"cannot talk to the engine: {said}", "applaunch engine status")


def _tls(where: str, cause: BaseException) -> EngineError:
    why = one_line(str(cause))
    if "key usage extension" in why:
        fix = "make the CA anew with keyUsage=critical,keyCertSign (python 3.13 insists), or run with python 3.12"
    elif "doesn't match" in why or "mismatch" in why.lower():
        fix = "use the name that is in the engine's certificate in DOCKER_HOST"
    elif "CERTIFICATE_VERIFY_FAILED" in why:
        fix = "DOCKER_CERT_PATH must hold the ca.pem that signed the engine's certificate"
    else:
        fix = "does the engine speak TLS, and does it accept cert.pem and key.pem of DOCKER_CERT_PATH?"
    return EngineError(where, f"no TLS connection to the engine: {why}", fix)


def _innermost(error: BaseException) -> BaseException:
    return _links(error)[-1]


def _links(error: BaseException) -> list[BaseException]:
    from launcher.core.values.exception_chain import exception_chain  # noqa: PLC0415  only for a failure

    return list(exception_chain(error))
