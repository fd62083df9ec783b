"""Exported entries as lines and aliases for a shell, each with comments on what it cannot express."""

from typing import NamedTuple

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.exports.run_line import build_run_line
from launcher.core.exports.shell_quote import Shell, quote, quote_word
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import printable


class Exported(NamedTuple):
    """One command in another tool's form, and what that form cannot express."""

    app: str
    name: str
    text: str  # "" if it cannot be expressed at all
    unsaid: tuple[str, ...]


def export_command(name: str, entry: CatalogEntry, shell: Shell, *, is_alias: bool) -> Exported:
    """Return the command *name* as a line for *shell*, or as an alias."""
    try:
        line = build_run_line(entry)
        text = " ".join(quote_word(said, shell) for said in line.words)
    except InvalidValueError as wrong:
        return Exported(entry.app, name, "", (wrong.what,))
    if is_alias:
        equals = " " if shell == "fish" else "="
        text = f"alias {quote(name, shell)}{equals}{quote(text, shell)}"
    return Exported(entry.app, name, text, line.unsaid)


def to_lines(found: list[Exported], shell: Shell, *, is_alias: bool) -> list[str]:
    """Return *found* as lines for *shell*; all that was not requested is in comments.

    In sh a line may contain line breaks within its quotes.
    """
    rows = [] if shell == "fish" else [f"# shellcheck shell={'sh' if shell == 'sh' else 'bash'}"]
    for each in found:
        rows += [f"# [{each.name}] {printable(what)}" for what in _comments(each)]
        rows += [f"# [{each.name}]"] if not (is_alias or each.unsaid) else []
        rows += [each.text] if each.text else []
    return rows


def _comments(each: Exported) -> list[str]:
    if not each.text:
        return [f"left out: {what}" for what in each.unsaid]
    return [f"not said: {what}" for what in each.unsaid]
