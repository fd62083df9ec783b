"""The errors of an engine, one line each, with a fix."""

from __future__ import annotations

import errno
import os

from launcher.errors import EngineError, EngineLostError, EngineStalledError
from launcher.fast_stdlib import pattern

UPGRADE_FIX = "upgrade applaunch and its docker library: pipx upgrade applaunch"
_TOO_NEW = pattern(r"client version (\S+) is too old.*?version is ([\d.]+)")
_TOO_OLD = pattern(r"client version (\S+) is too new.*?version is ([\d.]+)")
DENIED = (errno.EACCES, errno.EPERM)
"""Errors of a socket that the caller may not use."""


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


def one_line(text: str | None) -> str:
    """Return the engine's message as part of an error: one line, no full stop, at most 400 characters."""
    words = " ".join((text or "").split()).rstrip(".")
    return words if len(words) <= _MAX_LENGTH else words[: _MAX_LENGTH - 3] + "..."


_MAX_LENGTH = 400


def no_connection(where: str, why: str) -> EngineError:
    """Return the error for an engine that cannot be connected to; *why* is the system's message."""
    denied = why in (os.strerror(number).lower() for number in DENIED)
    fix = "sudo usermod -aG docker $USER && newgrp docker" if denied else "is it running? applaunch engine status"
    return EngineError(where, f"cannot connect to the engine: {why}", fix)


def engine_lost(where: str, what: str = "the engine closed the connection unexpectedly") -> EngineLostError:
    """Return the error for an engine whose answer ended too early."""
    return EngineLostError(where, what, "is it running? applaunch engine status")
