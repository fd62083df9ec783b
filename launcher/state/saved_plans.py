"""Saved plans: how calls of a command were run in a sandbox, and all that this rested on.

``plans/COMMAND`` in the cache holds the latest few plans of one command; deleting it only costs time. It decides what
runs, so it is trusted no more than a launch file: it must belong to the caller and carry its own checksum. A launch
that repeats a plan imports this module, so it imports little.
"""

from __future__ import annotations

import fcntl

from launcher.fast_stdlib import NamedTuple, dumps, loads, os, source_hash, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

FORM = "3"
"""What a file begins with: another version of applaunch passes it over."""

MOST = 8
"""Plans of one command that are kept, the latest first: one for each folder that it is called in."""


class SavedPlan(NamedTuple):
    """One plan, and what it rests on."""

    process: Sequence[Any]
    """The caller's uid, gid, groups and folder, and whether it is at a terminal."""
    variables: Mapping[str, str | None]
    """The variables of the environment that it used; None: not set."""
    prefixes: Sequence[str]
    """The beginnings of names all of whose variables it used."""
    prefixed: Mapping[str, str]
    """Those variables."""
    files: Mapping[str, Sequence[int]]
    """Files and folders that must not have changed at all; empty: not there."""
    paths: Mapping[str, Sequence[int]]
    """Files and folders that must be the same ones, with any contents."""
    reads_paths: bool
    """Whether arguments that name paths would change the plan."""
    tree: str
    """The folder of the unpacked image."""
    start: Mapping[str, Any]
    """The fields of the sandbox's start, without the arguments of the call."""
    app: str
    digest: str
    """The digest of the image, for the journal."""
    runs: str
    """The folder of the journal."""
    network: str = ""
    """The record of the network that it joins; "": it joins none."""
    making: Sequence[Any] = ()
    """What making such a network takes, if it has ended.

    That is: folder, name, program, nsenter, sharing, ports of localhost, seconds, number.
    """
    forwarder: str = ""
    """The address in that network from which the machine's own resolver is reached."""
    machine: str = ""
    """The address in that network at which this machine is reached."""


def read(folder: str, name: str) -> list[SavedPlan]:
    """Return the saved plans of the command *name*, the latest first; none if there is no trustworthy file."""
    try:
        with open(f"{folder}/{name}", "rb", 0) as file:
            seen = os.fstat(file.fileno())
            head, _, rest = file.read().partition(b"\n")
        if seen.st_uid != os.getuid() or seen.st_mode & _OTHERS_WRITE or head != _head(rest):
            return []
        return [SavedPlan(*plan) for plan in loads(rest)]
    except (OSError, ValueError, TypeError):
        return []


def add(folder: str, name: str, plan: SavedPlan) -> None:
    """Save *plan* as the latest one of the command *name*; a failure is not reported, since it only costs time."""
    kept = [each for each in read(folder, name) if each.process != plan.process][: MOST - 1]
    data = dumps([list(each) for each in (plan, *kept)])
    from launcher.state.state_folders import make_private_folders  # noqa: PLC0415  a repeated launch saves none

    new = f"{folder}/.new-{os.urandom(8).hex()}"
    with suppress(OSError):
        make_private_folders(folder)
        try:
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(descriptor, "wb") as file:
                file.write(_head(data) + b"\n" + data)
            os.replace(new, f"{folder}/{name}")
        except BaseException:
            with suppress(OSError):
                os.unlink(new)
            raise


def hold(tree: str) -> int:
    """Keep *tree* from being removed while the descriptor that this returns is open; raises OSError if it is gone."""
    descriptor = os.open(f"{tree}/lock", os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        is_there = os.path.samestat(os.fstat(descriptor), os.stat(f"{tree}/lock"))
    except BaseException:
        os.close(descriptor)
        raise
    if is_there:
        return descriptor
    os.close(descriptor)
    raise FileNotFoundError(tree)


def _head(data: bytes) -> bytes:
    return f"{FORM} {source_hash(data).hex()}".encode()


_OTHERS_WRITE = 0o022
