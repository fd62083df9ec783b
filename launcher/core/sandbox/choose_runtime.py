"""The runtime of one call: the engine or bubblewrap, from what is wanted, what is possible, and what answers."""

from __future__ import annotations

from launcher.errors import CannotRunError, NoEngineError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.catalog.entry import CatalogEntry

ENGINE, BUBBLEWRAP = "engine", "bubblewrap"
NO_TREE = "its image is not unpacked yet"
"""The reason that goes away by itself. It comes after all reasons that do not, so that an image is not unpacked for
an app that could not use it."""


def wanted_runtime(entry: CatalogEntry, setting: str) -> str:
    """Return what the *entry* says, or the user's *setting* if it says ``auto``.

    If both say so, only bubblewrap brings ports of this machine's localhost into the program's own.
    """
    wanted = setting if entry.runtime == "auto" else entry.runtime
    return BUBBLEWRAP if wanted == "auto" and entry.forwards_ports else wanted


def choose_runtime(wanted: str, why: str, entry: CatalogEntry, engine_fix: str | None = None) -> str:
    """Return ``engine`` or ``bubblewrap``; the latter with `NO_TREE` as the reason means to make the tree first.

    *why* is the result of `why_engine`. *engine_fix* says how to get an engine, if one was asked and none answers.
    Raises `CannotRunError` if bubblewrap is wanted and cannot give the same run, `NoEngineError` if nothing else is
    there.
    """
    if wanted == ENGINE:
        return ENGINE
    if not why or (why == NO_TREE and (wanted == BUBBLEWRAP or engine_fix is not None)):
        return BUBBLEWRAP
    if wanted != BUBBLEWRAP and engine_fix is None:
        return ENGINE
    what, _, machine_fix = why.partition("; ")
    by_engine = "" if entry.forwards_ports else f"applaunch run --runtime engine {entry.name}"
    fixes = [machine_fix, engine_fix or by_engine, _change(what, entry)]
    fix = ", or: ".join(filter(None, fixes))
    if wanted == BUBBLEWRAP:
        raise CannotRunError(entry.name, f"cannot run with bubblewrap: {what}", fix)
    raise NoEngineError(entry.name, f"no engine answers, and bubblewrap cannot run it: {what}", fix)


def _change(what: str, entry: CatalogEntry) -> str:
    """Return the command that changes the key which the reason *what* names; "" if it names none."""
    key = what.partition(" = ")[0].partition(":")[0]
    if key in _CHANGES:
        return f"applaunch override {entry.app} {_CHANGES[key]}"
    return f"applaunch edit {entry.app}" if key in entry._fields else ""


_CHANGES = {
    "user": "--user host",
    "network_mode": "--network none",
    "ports": "--deny ports",
    "localhost": "--network host",
    "cap_add": "--deny capabilities",
    "group_add": "--deny groups",
}
"""The options of `applaunch override` that remove what bubblewrap cannot do."""
