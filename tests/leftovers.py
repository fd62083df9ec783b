"""What a launch may leave, at the engine or of a sandbox, and how long a test waits until nothing is left."""

import os
import time
from contextlib import suppress
from pathlib import Path

from tests.rig.engine import EngineError


def leftovers(rig, *, waiting=False):
    """Return the containers that a launch or a probe of ours left with the engine; *waiting*: for a call as well."""
    try:
        asked = [rig.engine.ask("GET", "/containers/json", all=1, filters=f'{{"label":["{label}"]}}') for label in OURS]
    except EngineError as said:
        if "container not known" not in str(said):
            raise
        return [["half a container, which keeps podman from listing the others"]]
    return [each["Names"] for found in asked for each in found if waiting or not waits(rig, each)]


def of_sandboxes(home):
    """Return the processes that see files of a *home* in mounts of their own or hold a network for it, and such mounts.

    A sandbox always has such mounts: the current folder, files of its state. A network that no process is in goes with
    the last mount or descriptor of it. A kept network is found, too: end it, or wait.
    """
    held = f"{home}/.local/state/applaunch/networks/"
    found = [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if f"{home}/" in line]
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):  # it has ended; a process that nobody reaped has no mounts
            words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            folder = os.readlink(f"/proc/{pid}/cwd")
            outside = words.startswith(BWRAP) and f"{folder}/".startswith(f"{home}/")
            if outside or held in words or f"{home}/" in Path(f"/proc/{pid}/mountinfo").read_text():
                found.append(f"{pid} {words}")
    return found


BWRAP = ("bwrap ", "/usr/bin/bwrap ")


def waits(rig, container):
    """Tell whether a container only waits for a call: nothing runs in it but what keeps it."""
    if "applaunch.warm" not in container["Labels"]:
        return False
    try:
        rows = rig.engine.ask("GET", f"/containers/{container['Id']}/top", ps_args="-o pid,args")["Processes"]
    except EngineError:
        return True
    return bool(rows) and all(row[-1].endswith(container["Command"]) for row in rows)


OURS = ("applaunch.app", "applaunch.probe")


def eventually_none(find, seconds=5.0):
    """Return what *find* still finds when the time is over, nothing as soon as it finds nothing."""
    end = time.monotonic() + seconds
    while (found := find()) and time.monotonic() < end:
        time.sleep(0.05)
    return found
