"""Make a network namespace that programs can join, with a way out by pasta or slirp4netns."""

from __future__ import annotations

import fcntl
import os
import sys
import time

from launcher.core.sandbox.pasta_options import address_options, forward_options, publish_options
from launcher.core.values.checksum import add_checksum
from launcher.errors import SandboxError, printable
from launcher.fast_stdlib import pattern, suppress
from launcher.sandbox import spawn_network
from launcher.sandbox.machine_address import find_address
from launcher.sandbox.trusted_programs import find_trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from launcher.core.sandbox.network_terms import NetworkTerms
    from launcher.core.sandbox.sandbox_traits import SandboxTraits


def take_turn(folder: str) -> int:
    """Wait until no other run makes a network in *folder*, which is made if it is missing; close what is returned.

    Raises `SandboxError` if the folder cannot be written.
    """
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
        turn = os.open(f"{folder}/.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(turn, fcntl.LOCK_EX)
    except OSError as error:
        raise SandboxError("network", f"{folder}: {(error.strerror or str(error)).lower()}") from None
    return turn


def start_network(
    folder: str, path: str, traits: SandboxTraits, terms: NetworkTerms, *, forwarder_needed: bool
) -> tuple[int, dict[str, Any]]:
    """Make a network on these *terms*, and record it at *path* ("": only this run uses it, and it ends with the run).

    Return the descriptor that holds it, and the record. Raises `SandboxError`.
    """
    part = f"{folder}/.{os.getpid()}-{time.monotonic_ns()}"
    lock = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
        holder = (sys.executable, "-IS", _HOLDER, part, path, str(terms.seconds if path else 0))
        machine = find_address()
        options = (*publish_options(terms.ports), *forward_options(terms.localhost), *address_options(machine))
        record = _start(_programs(traits, terms), holder, options, forwarder_needed=forwarder_needed)
        record["machine"] = machine
        os.write(lock, add_checksum(record))
        if path:
            os.rename(part, path)
    except BaseException:
        os.close(lock)
        with suppress(OSError):
            os.unlink(part)
        raise
    return lock, record


_HOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hold_network.py")


def _programs(traits: SandboxTraits, terms: NetworkTerms) -> list[str]:
    """Return the programs to try: slirp4netns also works where pasta does not, but it is slower and has no ports."""
    other = (
        ""
        if terms.ports or terms.localhost or traits.network.endswith("slirp4netns")
        else find_trusted("slirp4netns", _path(), os.getuid()).path
    )
    return [traits.network, *([other] if other else [])]


_FREE_PORT = "end the program that uses it (ss -ltnp), or choose another port"
_TAKEN = pattern(r"Failed to bind .*'-[tu] (.+)/(\d+):")


def _path() -> str:
    return os.environ.get("PATH", os.defpath)


def _start(
    programs: list[str], holder: tuple[str, ...], options: tuple[str, ...], *, forwarder_needed: bool
) -> dict[str, Any]:
    unshare = find_trusted("unshare", _path(), os.getuid()).path
    failures = []
    for program in programs:
        started = spawn_network.spawn_network(program, unshare, holder, options)
        if started.pid and (started.forwarder or not forwarder_needed):
            with open("/proc/sys/kernel/random/boot_id", "rb") as file:
                boot = file.read().decode()
            facts = {"pid": started.pid, "started": started.time, "boot": boot, "forwarder": started.forwarder}
            return facts | {"program": started.program}
        if started.pid:
            started.end()
            failures.append(f"{os.path.basename(program)} cannot reach the name server on this machine's loopback")
        else:
            if port := _TAKEN.search(started.message):
                raise SandboxError("ports", f"{port[1]}:{port[2]} cannot be published: it is in use", _FREE_PORT)
            failures.append(f"{os.path.basename(program)}: {printable(started.message)}")
    fix = "" if len(programs) > 1 else "install slirp4netns, which may work"
    raise SandboxError("network", f"it cannot be made: {', '.join(failures)}", fix)
