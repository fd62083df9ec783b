"""Find out once what this machine offers to sandboxes, and cache it until the programs or the kernel change."""

from __future__ import annotations

import os
import time

from launcher.core.sandbox.sandbox_traits import SandboxTraits
from launcher.core.values.checksum import add_checksum, verify
from launcher.fast_stdlib import source_hash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any


def detect_sandbox(folder: str, env: Mapping[str, str]) -> SandboxTraits:
    """Return what sandboxes can use on this machine; *folder* caches the result for each user and PATH.

    A cached result costs one small file and a few stats. Else bwrap is started once, as this user (10 ms). A folder
    that cannot be written only costs time.
    """
    path = env.get("PATH", os.defpath)
    cached = f"{folder}/{os.getuid()}-{source_hash(os.fsencode(path)).hex()}.json"
    kernel = _kernel_facts()
    if known := _load(cached, kernel):
        return known
    from launcher.sandbox import probe_sandbox  # noqa: PLC0415  not needed for cached traits

    found = probe_sandbox.probe(folder, path)
    record = {
        "kernel": kernel,
        "files": found.files,
        "state": _file_states(found.files),
        "until": 0 if found.certain else int(time.time()) + RETRY,
        "traits": found.traits._asdict(),
    }
    probe_sandbox.save(folder, cached, add_checksum(record))
    return found.traits


def _kernel_facts() -> list[str]:
    """Return the facts about the kernel and the namespaces around us that decide whether a sandbox can start."""
    return [FORMAT, *[_read_small(path) for path in _KERNEL_FILES], *[_namespace(name) for name in ("user", "pid")]]


def _file_states(paths: Sequence[str]) -> list[list[int]]:
    """Return for each path what changes with the file or its permissions; [] if it does not exist."""
    return [_state(path) for path in paths]


def _read_small(path: str) -> str:
    """Return the text of a small file in /proc, without its line end; "" if it cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(descriptor, 4096).decode("utf-8", "replace").rstrip("\n")
    except OSError:
        return ""
    finally:
        os.close(descriptor)


RETRY = 60  # seconds after which a failure is tried again: its cause may have been removed without a trace
FORMAT = "3"  # of the cached file
_KERNEL_FILES = (
    "/proc/sys/kernel/random/boot_id",
    "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
    "/proc/sys/kernel/unprivileged_userns_clone",
    "/proc/sys/user/max_user_namespaces",
)


def _load(path: str, kernel: list[str]) -> SandboxTraits | None:
    try:
        with open(path, "rb", 0) as file:
            status = os.fstat(file.fileno())
            record = verify(file.read())
        if status.st_mode & _OTHERS_WRITE or status.st_uid not in (os.getuid(), 0):
            return None
        if record["kernel"] != kernel or record["state"] != _file_states(record["files"]) or _is_over(record["until"]):
            return None
        return _traits(record["traits"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


_OTHERS_WRITE = 0o022


def _is_over(until: int) -> bool:
    return until > 0 and not 0 < until - time.time() <= RETRY


def _traits(values: Mapping[str, Any]) -> SandboxTraits:
    return SandboxTraits(**{**values, "version": tuple(values["version"])})


def _state(path: str) -> list[int]:
    try:
        found = os.stat(path)
    except OSError:
        return []
    state = [found.st_dev, found.st_ino, found.st_mode, found.st_uid, found.st_gid]
    return [*state, found.st_size, found.st_ctime_ns] if found.st_mode & _KIND == _REGULAR else state


_KIND, _REGULAR = 0o170000, 0o100000  # stat.h


def _namespace(name: str) -> str:
    try:
        return str(os.stat(f"/proc/self/ns/{name}").st_ino)
    except OSError:
        return ""
