"""Translate the errors of docker-py, requests and urllib3 into one line each, with a fix."""

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

UPGRADE_FIX = "upgrade applaunch and its docker library: pipx upgrade applaunch"
_TOO_NEW = pattern(r"client version (\S+) is too old.*?version is ([\d.]+)")
_TOO_OLD = pattern(r"client version (\S+) is too new.*?version is ([\d.]+)")
_TIMEOUT = pattern(r"timeout=([\d.]+)")
_GONE = (errno.ECONNRESET, errno.EPIPE)
_DENIED = (errno.EACCES, errno.EPERM)
_ABSENT = (errno.ECONNREFUSED, errno.ENOENT)


def translate_error(error: Exception, where: str) -> EngineError | None:
    """Return the `EngineError` for *error*, or None if it is a bug, which keeps its traceback."""
    from http.client import HTTPException  # noqa: PLC0415  docker-py has already loaded these
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
    return next((translate(error) for kinds, translate in table if isinstance(error, kinds)), None)


def engine_refusal(where: str, why: str) -> EngineError:
    """Return the error for an answer in which the engine refuses because of *why*."""
    if found := _TOO_NEW.search(why):
        return EngineError(where, f"the engine needs API {found[2]} or later, applaunch uses {found[1]}", UPGRADE_FIX)
    if found := _TOO_OLD.search(why):
        return engine_too_old(where, found[2], found[1])
    if "no space left on device" in why:
        return EngineError(where, "the engine's disk is full (no space left on device)", "applaunch gc")
    return EngineError(where, why)


def engine_too_old(where: str, engine_api: str, needed: str) -> EngineError:
    """Return the error for an engine whose newest API is *engine_api*."""
    return EngineError(
        where,
        f"the engine supports API {engine_api}, but {needed} is needed",
        "upgrade the engine (Docker 20.10 or podman 4, or later)",
    )


def not_an_engine(where: str) -> EngineError:
    """Return the error for an answer that is not from a container engine."""
    return EngineError(where, "the server at this address is not a container engine", "applaunch engine status")


def engine_stalled(where: str, seconds: float | None = None) -> EngineStalledError:
    """Return the error for an engine that did not answer within *seconds* (None: in time)."""
    limit = f"{seconds:g} s" if seconds else "time"
    return EngineStalledError(where, f"the engine did not answer in {limit}", "try again, or restart the engine")


def _limit(error: BaseException) -> float | None:
    """Return the timeout in urllib3's message: ``Read timed out. (read timeout=5)``."""
    found = _TIMEOUT.search(str(error))
    return float(found[1]) if found else None


def one_line(text: str | None) -> str:
    """Return the engine's message as part of an error: one line, no full stop, at most 400 characters."""
    words = " ".join((text or "").split()).rstrip(".")
    return words if len(words) <= _MAX_LENGTH else words[: _MAX_LENGTH - 3] + "..."


_MAX_LENGTH = 400


def no_connection(where: str, why: str) -> EngineError:
    """Return the error for an engine that cannot be connected to; *why* is the system's message."""
    denied = why in (os.strerror(number).lower() for number in _DENIED)
    fix = "sudo usermod -aG docker $USER && newgrp docker" if denied else "is it running? applaunch engine status"
    return EngineError(where, f"cannot connect to the engine: {why}", fix)


def engine_lost(where: str, what: str = "the engine closed the connection unexpectedly") -> EngineLostError:
    """Return the error for an engine whose answer ended too early."""
    return EngineLostError(where, what, "is it running? applaunch engine status")


def _is_truncated(error: Exception) -> bool:
    """Return whether an answer was truncated in its header, in a chunk, or in the length of a chunk."""
    from http.client import IncompleteRead, RemoteDisconnected  # noqa: PLC0415  docker-py has already loaded these

    from requests.exceptions import ChunkedEncodingError, ContentDecodingError  # noqa: PLC0415  as above
    from urllib3.exceptions import IncompleteRead as TruncatedRead  # noqa: PLC0415  as above
    from urllib3.exceptions import InvalidChunkLength  # noqa: PLC0415  as above

    kinds = (
        IncompleteRead,
        RemoteDisconnected,
        ChunkedEncodingError,
        ContentDecodingError,
        TruncatedRead,
        InvalidChunkLength,
    )
    links = _links(error)
    return isinstance(links[-1], ValueError) or any(
        isinstance(link, kinds) or "closed connection" in str(link) or "ended prematurely" in str(link)
        for link in links
    )


def _unreachable(where: str, error: Exception) -> EngineError:
    from http.client import BadStatusLine  # noqa: PLC0415  docker-py has already loaded it

    number = next((link.errno for link in _links(error) if isinstance(link, OSError) and link.errno), 0)
    why = os.strerror(number).lower() if number else one_line(str(_innermost(error)))
    if number in _ABSENT or number in _DENIED:
        return no_connection(where, why)
    if number in _GONE or _is_truncated(error):
        return engine_lost(where)
    if any(isinstance(link, BadStatusLine) for link in _links(error)):
        return not_an_engine(where)
    return EngineError(where, f"cannot communicate with the engine: {why}", "applaunch engine status")


def _tls(where: str, cause: BaseException) -> EngineError:
    why = one_line(str(cause))
    if "key usage extension" in why:
        fix = "recreate the CA with keyUsage=critical,keyCertSign (required by python 3.13), or use python 3.12"
    elif "doesn't match" in why or "mismatch" in why.lower():
        fix = "use the host name in the engine's certificate for DOCKER_HOST"
    elif "CERTIFICATE_VERIFY_FAILED" in why:
        fix = "DOCKER_CERT_PATH must contain the ca.pem that signed the engine's certificate"
    else:
        fix = "does the engine speak TLS, and does it accept cert.pem and key.pem of DOCKER_CERT_PATH?"
    return EngineError(where, f"no TLS connection to the engine: {why}", fix)


def _innermost(error: BaseException) -> BaseException:
    return _links(error)[-1]


def _links(error: BaseException) -> list[BaseException]:
    from launcher.core.values.exception_chain import exception_chain  # noqa: PLC0415  only on failure

    return list(exception_chain(error))
