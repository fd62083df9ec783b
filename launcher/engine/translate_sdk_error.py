"""Translate the errors of docker-py, requests and urllib3; imported on failure, when docker-py has loaded them all."""

from __future__ import annotations

import errno
import os
from http.client import BadStatusLine, HTTPException, IncompleteRead, RemoteDisconnected
from json import JSONDecodeError
from typing import TYPE_CHECKING

import requests
import urllib3
from docker import errors as docker
from requests.exceptions import ChunkedEncodingError, ContentDecodingError
from urllib3.exceptions import IncompleteRead as TruncatedRead
from urllib3.exceptions import InvalidChunkLength

from launcher.core.values.exception_chain import exception_chain
from launcher.engine.sdk_errors import (
    DENIED,
    engine_lost,
    engine_refusal,
    engine_stalled,
    no_connection,
    not_an_engine,
    one_line,
)
from launcher.errors import EngineError, ImageMissingError
from launcher.fast_stdlib import pattern

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Kinds = type[Exception] | tuple[type[Exception], ...]

_TIMEOUT = pattern(r"timeout=([\d.]+)")
_GONE = (errno.ECONNRESET, errno.EPIPE)
_ABSENT = (errno.ECONNREFUSED, errno.ENOENT)


def translate_error(error: Exception, where: str) -> EngineError | None:
    """Return the `EngineError` for *error*, or None if it is a bug, which keeps its traceback."""
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


def _limit(error: BaseException) -> float | None:
    """Return the timeout in urllib3's message: ``Read timed out. (read timeout=5)``."""
    found = _TIMEOUT.search(str(error))
    return float(found[1]) if found else None


def _is_truncated(error: Exception) -> bool:
    """Return whether an answer was truncated in its header, in a chunk, or in the length of a chunk."""
    kinds = (
        IncompleteRead,
        RemoteDisconnected,
        ChunkedEncodingError,
        ContentDecodingError,
        TruncatedRead,
        InvalidChunkLength,
    )
    links = [*exception_chain(error)]
    return isinstance(links[-1], ValueError) or any(
        isinstance(link, kinds) or "closed connection" in str(link) or "ended prematurely" in str(link)
        for link in links
    )


def _unreachable(where: str, error: Exception) -> EngineError:
    number = next((link.errno for link in [*exception_chain(error)] if isinstance(link, OSError) and link.errno), 0)
    why = os.strerror(number).lower() if number else one_line(str(_innermost(error)))
    if number in _ABSENT or number in DENIED:
        return no_connection(where, why)
    if number in _GONE or _is_truncated(error):
        return engine_lost(where)
    if any(isinstance(link, BadStatusLine) for link in [*exception_chain(error)]):
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
    return [*exception_chain(error)][-1]
