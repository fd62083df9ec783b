"""Warm apps: which container waits for the next call, and what that call then runs in it."""

from __future__ import annotations

from launcher.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.call import Invocation
    from launcher.core.entry import CatalogEntry
    from launcher.core.spec import RunSpec
    from launcher.core.traits import EngineTraits

LABEL = "applaunch.warm"
"""What an idle container is known by; its value is how it is used: ``fresh`` or ``shared``."""

MARGIN = 5.0
"""Seconds before its end in which an idle container is not used any more: its own sleep may win."""


class Idle(NamedTuple):
    """A container that waits: started, and asleep until its time is over."""

    container: str
    app: str
    host: str  # the engine's address
    reuse: str  # "fresh": for one call; "shared": for all until its time is over
    made: float  # unix seconds
    expires: float
    pid: int  # of its first process, as this machine sees it
    entrypoint: tuple[str, ...]  # the image's own
    command: tuple[str, ...]


def may_be_warm(entry: CatalogEntry, call: Invocation, traits: EngineTraits, spec: RunSpec) -> bool:
    """Tell whether a call can run in a container that waits.

    Its signals go straight to the program, so this process must be allowed to send them: to the caller's own programs,
    or as root. A port of this machine can be held by one container alone.
    """
    ours = entry.user == "host" or call.uid == 0
    return entry.warm > 0 and ours and not traits.desktop and not spec.ports


def idle(spec: RunSpec, reuse: str, seconds: float, run: str) -> RunSpec:
    """Return the container that waits *seconds* for calls like *spec*: all of it but what a call brings along."""
    labels = dict(spec.labels)
    taken = {mount.target for mount in spec.mounts} | {path for path, _ in spec.tmpfs}
    scratch = (("/tmp", "mode=1777,exec"),) if reuse == "shared" and "/tmp" not in taken else ()
    return spec._replace(
        name=f"applaunch-warm-{run}" if run else "",
        entrypoint=("sleep",),
        command=(str(int(seconds)),),
        environment=(),
        tty=False,
        stdin=False,
        size=(0, 0),
        read_only=spec.read_only or reuse == "shared",
        tmpfs=(*spec.tmpfs, *scratch),
        labels=tuple({"applaunch.app": labels.get("applaunch.app", ""), LABEL: reuse, "applaunch.run": run}.items()),
    )


def argv(spec: RunSpec, idle: Idle) -> tuple[str, ...]:
    """Return what *spec* runs, in full: the image's own entrypoint and command where it names none (docker's rule)."""
    if spec.entrypoint is not None:
        return (*spec.entrypoint, *(spec.command or ()))
    return (*idle.entrypoint, *(idle.command if spec.command is None else spec.command))
