"""The chain of commands that led to a program, passed to all that a launch starts, to detect loops."""

from __future__ import annotations

from launcher.errors import HostError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "APPLAUNCH_SHIM"
"""The variable of the chain: command names separated by colons, the outermost first."""


def extend_chain(name: str, env: Mapping[str, str]) -> str:
    """Return the chain in *env* with *name* at its end, unless it is in it."""
    names = _names(env)
    return ":".join(names if name in names else (*names, name))


def shorten_chain(env: Mapping[str, str]) -> str | None:
    """Return the chain in *env* as it was before its last name was added; None if there was none."""
    return ":".join(_names(env)[:-1]) or None


def refuse_loop(name: str, env: Mapping[str, str]) -> None:
    """Raise `HostError` if *name* is in the chain: a program that it started calls it, which would never end."""
    if name in (names := _names(env)):
        what = f"called by what it has started itself ({' > '.join((*names, name))})"
        raise HostError(name, what, "there, put the real program of that name before the shims on PATH")


def _names(env: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in env.get(VARIABLE, "").split(":") if name)
