"""The entry point of programs: the name of a command on PATH becomes its program's exit code."""

from __future__ import annotations

from launcher.run.load_modules import PLAN, REPEAT, load_modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Run the command that *argv* names and return its exit code: the program's own, or 125, 126, 127 with one line.

    A call that is like one before is repeated as it was planned then; all others are planned.
    """
    load_modules(REPEAT)
    from launcher.run.repeat_call import repeat_call  # noqa: PLC0415  it was just loaded

    exit_code = repeat_call(argv)
    if exit_code is not None:
        return exit_code
    load_modules(PLAN)
    from launcher.run import full_launch  # noqa: PLC0415  it was just loaded, with 40 modules more

    return full_launch.main(argv)
