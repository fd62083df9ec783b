"""The location of mistakes in a catalog file: the line of a key or of a TOML syntax error."""

import re

from launcher.errors import CatalogError


def syntax_error(path: str, message: str) -> CatalogError:
    """Return the error for a file that is not TOML, from the *message* of the parser."""
    found = re.search(r" \(at line (\d+), column \d+\)$", message)
    where = f"{path}:{found[1]}" if found else path
    text = message[: found.start()] if found else message
    return CatalogError(where, f"is not TOML: {text[:1].lower()}{text[1:]}", "fix that line")


def line_of(text: str, table: str, key: str) -> int:
    """Return the line of *key* in ``[table]``, or of the table, or 0; this searches the text and does not parse it."""
    quoted = r"\.".join(rf'"?{re.escape(part)}"?' for part in table.split(".")) if table else ""
    header = re.search(rf"^\s*\[\s*{quoted}\s*\]", text, re.MULTILINE) if table else None
    start, end = (header.end(), text.find("\n[", header.end())) if header else (0, len(text))
    found = re.search(rf'^\s*"?{re.escape(key)}"?\s*[=.]', text[start : end if end >= 0 else None], re.MULTILINE)
    if key and found and (header or not table):
        at = start + found.end()
    elif header:
        at = header.end()
    else:
        return 0
    return text.count("\n", 0, at) + 1
