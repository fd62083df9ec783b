"""The shell's lines in a page of Markdown."""

import re

_FENCE = re.compile(r" {0,3}(```+|~~~+)[ \t]*([A-Za-z]*)")
_SHELLS = ("", "sh", "bash", "zsh", "shell", "console", "terminal", "text")


def fenced_lines(text: str) -> str:
    """Return *text* with every line outside fenced blocks of shell lines empty, so that line numbers stay."""
    kept: list[str] = []
    fence, is_shell = "", False
    for row in text.split("\n"):
        found = _FENCE.match(row)
        if found and not fence:
            fence, is_shell = found[1], found[2].lower() in _SHELLS
            kept.append("")
        elif found and found[1].startswith(fence) and not found[2]:
            fence = ""
            kept.append("")
        else:
            kept.append(row if fence and is_shell else "")
    return "\n".join(kept)
