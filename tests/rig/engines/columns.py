"""Which engines the matrix has, what each needs of the machine, and how one is held while tests use it."""

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.rig import programs
from tests.rig.engines import dockerd, podman, somebody
from tests.rig.engines.site import Site
from tests.rig.handle import Rig
from tests.rig.trouble import RigError

Log = Callable[[str], None]


class Column(NamedTuple):
    """One engine of the matrix."""

    name: str
    what: str
    start: Callable[[Site, Log], None]
    stop: Callable[[Site], None]
    needs: dict[str, str]  # a program, and the package that brings it
    caller_uid: int = 0  # whose engine it is: the programs of the tests run as this user


REMAPPED = {"newuidmap": "uidmap"}
ROOTLESS = REMAPPED | {"rootlesskit": "rootlesskit"}
OTHERS = (
    Column("docker-new", "dockerd of Debian's next release", dockerd.start_new, dockerd.stop, {}),
    Column("docker-userns", "dockerd with userns-remap", dockerd.start_userns, dockerd.stop, REMAPPED),
    Column(
        "docker-rootless", "an ordinary user's dockerd", dockerd.start_rootless, dockerd.stop, ROOTLESS, somebody.UID
    ),
    Column("podman", "podman as a service", functools.partial(podman.start, uid=0), podman.stop, podman.NEEDED),
    Column(
        "podman-rootless",
        "an ordinary user's podman",
        functools.partial(podman.start, uid=somebody.UID),
        podman.stop,
        podman.NEEDED | podman.ROOTLESS,
        somebody.UID,
    ),
)
COLUMNS = ("docker", *(each.name for each in OTHERS))
"""Every column, in the order of the table; the first is the rig itself."""


def prepare(names: list[str], log: Log) -> None:
    """Install what these engines need, where the rig may install; do it before several are started at a time."""
    if programs.is_debian_as_root():
        for each in OTHERS:
            if each.name in names:
                programs.install_missing(log, each.needs)


@contextmanager
def started(name: str, rig: Rig, log: Log) -> Iterator[Rig]:
    """Start the engine *name*, give it as if it were the rig's own, and leave nothing of it.

    Raises RigError with the reason where this machine cannot run it.
    """
    if name == "docker":
        yield rig
        return
    column = next(each for each in OTHERS if each.name == name)
    site = Site(name, rig)
    _refuse(column, rig)
    programs.install_missing(log, column.needs)
    with site.locked(log):
        began = time.monotonic()
        try:
            column.start(site, log)
            log(f"{name}: up ({time.monotonic() - began:.1f} s)")
            yield rig._replace(docker_host=site.docker_host, name=name, caller_uid=column.caller_uid)
        finally:
            column.stop(site)


def _refuse(column: Column, rig: Rig) -> None:
    if not rig.started_by_us:
        raise RigError(column.name, "the rig here borrows an engine", "run as root on Debian or Ubuntu", exit_code=2)
    if column.caller_uid and not Path("/proc/self/ns/user").exists():
        raise RigError(column.name, "this kernel has no user namespaces", "use another kernel", exit_code=2)
