"""How a launch ended, and the line about it in the journal."""

from __future__ import annotations

import time

from launcher.fast_stdlib import NamedTuple
from launcher.state import journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.run.launch import Launch
    from launcher.run.sandbox_launch import SandboxLaunch


class Ended(NamedTuple):
    """How a program ended: its exit code, and the signal that this process should die of too (0: none)."""

    exit_code: int
    signal: int = 0
    typed: bool = False  # a Ctrl-C on a terminal in raw mode: nobody but the program has heard of it yet


class Started(NamedTuple):
    """When a launch began: in Unix seconds, and on a clock that nobody sets."""

    time: float
    steady: float

    @property
    def seconds(self) -> float:
        """How long ago that was."""
        return round(time.monotonic() - self.steady, 3)


def start_clock() -> Started:
    """Return the present moment."""
    return Started(time.time(), time.monotonic())


def record_run(launch: Launch | SandboxLaunch, began: Started, ended: Ended, runtime: str = "") -> None:
    """Add the run to the journal."""
    run = journal.Run(
        time=began.time,
        app=launch.entry.app,
        command=launch.file.command,
        digest=launch.pin.digest or launch.pin.image_id,
        exit_code=ended.exit_code,
        seconds=began.seconds,
        cwd=launch.call.cwd,
        args=_arguments(launch) if launch.file.settings.arguments else None,
        runtime=runtime,
    )
    journal.append(launch.places.runs, run)


def _arguments(launch: Launch | SandboxLaunch) -> tuple[str, ...]:
    from launcher.core.values.redaction import mask_secrets  # noqa: PLC0415  only for users who turned it on

    return tuple(mask_secrets(launch.call.args, launch.file.command))
