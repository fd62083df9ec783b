"""The entry point of programs: the name of a command on PATH becomes its program's exit code."""

from __future__ import annotations

from launcher.run.load_modules import REPEAT, load_modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Run the command that *argv* names and return its exit code: the program's own, or 125, 126, 127 with one line."""
    load_modules(REPEAT)
    from launcher.run.repeat_or_plan import repeat_or_plan  # noqa: PLC0415  it was just loaded

    return repeat_or_plan(argv)
