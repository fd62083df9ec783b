"""Fills in the variables of an entry for one call, and refuses text that no engine can transmit."""

from __future__ import annotations

from launcher.core.catalog.deny import denied_names
from launcher.core.run.container_user import home_of
from launcher.core.values.interpolate import substitute
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import CannotRunError, CatalogError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.values.invocation import Invocation


def expand_variables(entry: CatalogEntry, text: str, call: Invocation, home: str = "") -> str:
    """Return *text* with compose's ``${VAR}`` filled in from the caller; raises `CatalogError`.

    Variables that are denied to the entry count as not set. ``PWD`` is the current folder, whatever a caller that
    changed it without a shell left in the environment.
    """
    env = call.env if "${PWD" not in text else {**call.env, "PWD": call.cwd}
    if entry.deny and "$" in text and (gone := denied_names(text, entry.deny)):
        env = {name: value for name, value in env.items() if name not in gone}
    try:
        return substitute(text, env, home)
    except InvalidValueError as wrong:
        raise CatalogError(f"[apps.{entry.app}]", wrong.what, wrong.fix) from None


def with_user(entry: CatalogEntry, call: Invocation) -> CatalogEntry:
    """Return *entry* with the variables of its `user` filled in: this text alone decides who the program is."""
    return entry._replace(user=expand_variables(entry, entry.user, call)) if "$" in entry.user else entry


def expand_home(path: str, entry: CatalogEntry, call: Invocation) -> str:
    """Return *path* with a leading ``~/`` replaced by the home of the program, which is the caller's."""
    if not path.startswith("~/"):
        return path
    if entry.user != "host":
        raise CatalogError(f"[apps.{entry.app}]", f"{path!r}: ~ is the caller's home", "write an absolute path")
    return home_of(call).rstrip("/") + path[1:]


def refuse_all_bytes(
    entry: CatalogEntry, call: Invocation, sources: Iterable[str], environment: Iterable[tuple[str, str]]
) -> None:
    """Raise if an argument, the source of a mount or a variable has bytes that are not UTF-8.

    They are surrogates in Python, and the engine's JSON cannot hold them.
    """
    for number, arg in enumerate(call.args, 1):
        _refuse_bytes(arg, f"argument {number}", _RENAME, entry)
    for source in sources:
        what = "the current folder's name" if source in (call.cwd, call.project) else "a volume's source"
        _refuse_bytes(source, what, _RENAME, entry)
    for name, value in environment:
        _refuse_bytes(value, f"the variable {name}", f"unset {name}, or give it a value in UTF-8", entry)


_RENAME = "rename the file, or reach it through a folder"


def _refuse_bytes(text: str, what: str, fix: str, entry: CatalogEntry) -> None:
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise CannotRunError(entry.name, f"{what} is not UTF-8 and no engine can carry it", fix)
