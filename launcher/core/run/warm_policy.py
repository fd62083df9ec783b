"""Warm apps: the container that waits for the next call, and what the call runs in it."""

from __future__ import annotations

from launcher.core.run.shim_chain import extend_chain
from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.run.engine_traits import EngineTraits
    from launcher.core.values.invocation import Invocation
    from launcher.core.values.run_spec import RunSpec

LABEL = "applaunch.warm"
"""The label of an idle container; its value is how it is used: ``fresh`` or ``shared``."""

_MARGIN = 5.0  # seconds


class Idle(NamedTuple):
    """A warm container: started, and asleep until it expires."""

    container: str  # its id; its name, before it has one
    app: str
    host: str  # the engine's address
    reuse: str  # "fresh": for one call; "shared": for all until its time is over
    made: float  # unix seconds
    expires: float
    pid: int = 0  # of its first process, as this machine sees it
    entrypoint: tuple[str, ...] = ()  # the image's own
    command: tuple[str, ...] = ()

    @property
    def closes(self) -> float:
        """When calls stop taking it, in Unix seconds: some time before it ends by itself."""
        return self.expires - min(_MARGIN, (self.expires - self.made) / 4)


def why_cold(entry: CatalogEntry, call: Invocation, traits: EngineTraits, spec: RunSpec) -> str:
    """Return why a call cannot run in a warm container, "" if it can.

    Its signals go straight to the program, so this process must be allowed to send them: to the caller's own programs,
    or as root. A port of this machine can be held by one container alone.
    """
    if entry.user != "host" and call.uid != 0:
        return "its program runs as another user, and signals from here would not reach it"
    if ":" in extend_chain(call.name, call.env):
        return "it is called inside another one's container, and signals from there would not reach it"
    if traits.desktop:
        return "its engine runs in a virtual machine, and signals from here would not reach it"
    return "it publishes ports, which only one container can hold" if spec.ports else ""


def idle_spec(spec: RunSpec, reuse: str, seconds: float, run: str) -> RunSpec:
    """Return the container that waits *seconds* for calls like *spec*, without the parts that belong to one call."""
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


def program_words(spec: RunSpec, idle: Idle) -> tuple[str, ...]:
    """Return all words that *spec* runs, with the image's entrypoint and command if it names none (docker's rule)."""
    if spec.entrypoint is not None:
        return (*spec.entrypoint, *(spec.command or ()))
    return (*idle.entrypoint, *(idle.command if spec.command is None else spec.command))
