"""The engine of last resort: one of this user's own, started from what is installed, with everything in our folders."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple, Self

from launcher.engine.endpoint import Endpoint, reach
from launcher.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from launcher.engine.daemons import Folders

ORIGIN = "applaunch's own engine"
_LONGEST_SOCKET = 100  # sun_path holds 108 bytes on Linux, 104 elsewhere
_PATIENCE = 60.0  # seconds until the first answer; podman takes 1, dockerd 3 to 10
_GRACE = 20.0  # seconds to end in, after SIGTERM


class Status(NamedTuple):
    """What is known of the private engine."""

    running: bool
    answers: bool
    program: str
    """``podman`` or ``dockerd``; "" when it was never started."""
    pid: int
    socket: str
    data: str
    log: str


class Running(NamedTuple):
    """The record of a start: enough to find that very process again, and no other."""

    program: str
    pid: int
    started: int
    """Clock ticks since boot (/proc/PID/stat, field 22): with the boot, what tells it from a later process."""
    boot: str
    run: str
    socket: str

    @classmethod
    def load(cls, folder: str) -> Self | None:
        """Read the record in *folder*; None for none."""
        try:
            with open(f"{folder}/running.json", encoding="utf-8") as file:
                return cls(**json.load(file))
        except (OSError, ValueError, TypeError):
            return None

    @property
    def alive(self) -> bool:
        """Tell whether this process runs still."""
        return self.boot == _boot() and _started(self.pid) == self.started


def socket_of(state_dir: str) -> str:
    """Return where the private engine listens, should there be one; one ``readlink`` at most, for the launch path."""
    path = f"{state_dir}/engine/engine.sock"
    if len(path.encode()) <= _LONGEST_SOCKET:
        return path
    with suppress(OSError):
        return os.readlink(path)
    return ""


def start(state_dir: str, runtime_dir: str, uid: int, env: Mapping[str, str]) -> Endpoint:
    """Start the private engine, or find it running, and return where it answers.

    *runtime_dir* is XDG_RUNTIME_DIR, "" where there is none. Two starts at once start one. Raises EngineError when
    nothing that could be started is installed, and with the engine's last words when it does not come up.
    """
    from launcher.engine import daemons, install  # noqa: PLC0415  a start takes a second anyway

    folder = f"{state_dir}/engine"
    _own_folder(folder, uid)
    with _locked(folder):
        if (running := Running.load(folder)) and running.alive and not reach(running.socket):
            return Endpoint(f"unix://{running.socket}", None, ORIGIN)
        machine = install.this_machine(uid)
        if not (program := install.startable(machine)):
            raise EngineError("engine", "there is nothing installed to start an engine of", install.fix(machine))
        if running and running.alive:
            _end(running, _GRACE)
        folders = _folders(folder, runtime_dir, uid)
        if program == "dockerd":
            daemons.prepare_dockerd(folders)
        return _begin(folder, folders, program, daemons.environment(env))


def stop(state_dir: str, env: Mapping[str, str]) -> bool:
    """Stop the private engine and the containers in it; False when it did not run. Nothing else is signalled."""
    from launcher.engine import daemons  # noqa: PLC0415  a stop takes a second anyway

    folder = f"{state_dir}/engine"
    if not os.path.isdir(folder):
        return False
    with _locked(folder):
        running = Running.load(folder)
        alive = running is not None and running.alive
        if running and alive:
            if running.program == "podman":  # its containers would go on without it
                folders = daemons.Folders(f"{folder}/data", running.run, running.socket)
                _quietly([*daemons.podman(folders), "stop", "--all", "--time", "3"], daemons.environment(env))
            _end(running, _GRACE)
        if running and running.program == "dockerd":
            daemons.remove_bridge()
        for path in (f"{folder}/running.json", running.socket if running else f"{folder}/engine.sock"):
            with suppress(OSError):
                os.unlink(path)
    return alive


def status(state_dir: str) -> Status:
    """Tell whether the private engine runs, and where it keeps what."""
    folder = f"{state_dir}/engine"
    running = Running.load(folder)
    alive = running is not None and running.alive
    return Status(
        running=alive,
        answers=alive and running is not None and not reach(running.socket),
        program=running.program if running else "",
        pid=running.pid if running and alive else 0,
        socket=running.socket if running else socket_of(state_dir),
        data=f"{folder}/data",
        log=f"{folder}/log",
    )


def _begin(folder: str, folders: Folders, program: str, env: Mapping[str, str]) -> Endpoint:
    import subprocess  # noqa: PLC0415  a start takes a second anyway

    from launcher.engine import daemons  # noqa: PLC0415  as above

    with suppress(OSError):
        os.unlink(folders.socket)
    with open(f"{folder}/log", "wb") as log:
        process = subprocess.Popen(
            daemons.command(program, folders),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=env,
            cwd="/",
            start_new_session=True,
        )
    running = Running(program, process.pid, _started(process.pid), _boot(), folders.run, folders.socket)
    _write(f"{folder}/running.json", json.dumps(running._asdict()))
    end = time.monotonic() + _PATIENCE
    try:
        while process.poll() is None and time.monotonic() < end:
            if _answers(folders.socket):
                process.returncode = 0  # it outlives us: nobody waits for it
                return Endpoint(f"unix://{folders.socket}", None, ORIGIN)
            time.sleep(0.05)
    except BaseException:
        _end(running, _GRACE)
        raise
    _end(running, _GRACE)
    process.wait()
    raise EngineError("engine", f"{program} did not start: {_last_words(f'{folder}/log')}", f"see {folder}/log")


def _folders(folder: str, runtime_dir: str, uid: int) -> Folders:
    """Decide on the folders and make them; what runs gets a new one after each boot."""
    from launcher.engine.daemons import Folders  # noqa: PLC0415  a start takes a second anyway

    base = (
        f"{runtime_dir}/applaunch"
        if runtime_dir and len(runtime_dir) < _LONGEST_SOCKET - 30
        else f"/tmp/applaunch-{uid}"  # noqa: S108  its owner is checked
    )
    _own_folder(base, uid)
    run = f"{base}/{_boot()[:8]}"
    _own_folder(run, uid)
    listed = f"{folder}/engine.sock"
    if len(listed.encode()) <= _LONGEST_SOCKET:
        return Folders(f"{folder}/data", run, listed)
    with suppress(OSError):
        os.unlink(listed)
    os.symlink(f"{run}/engine.sock", listed)
    return Folders(f"{folder}/data", run, f"{run}/engine.sock")


def _own_folder(path: str, uid: int) -> None:
    """Make the folder *path* for this user alone; one that is somebody else's, or a link, is refused."""
    import stat  # noqa: PLC0415  a start takes a second anyway

    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
        found = os.lstat(path)
    except OSError as error:
        raise EngineError("engine", f"{path}: {(error.strerror or '').lower()}") from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid:
        raise EngineError("engine", f"{path} is not a folder of yours", "move it away")
    if found.st_mode & 0o077:
        os.chmod(path, 0o700)


@contextmanager
def _locked(folder: str) -> Iterator[None]:
    import fcntl  # noqa: PLC0415  a start takes a second anyway

    with open(f"{folder}/lock", "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _answers(path: str) -> bool:
    import socket  # noqa: PLC0415  a start takes a second anyway

    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(path)
            connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: applaunch\r\n\r\n")
            return connection.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False


def _end(running: Running, patience: float) -> None:
    """End that very process: asked first, then killed. A pidfd, so that no other one can be hit."""
    import signal  # noqa: PLC0415  a stop takes a second anyway

    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            handle = os.pidfd_open(running.pid)
        except ProcessLookupError:
            return
        try:
            if not running.alive:
                return
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, number)
        finally:
            os.close(handle)
        end = time.monotonic() + patience
        while running.alive and time.monotonic() < end:
            time.sleep(0.02)


def _quietly(command: list[str], env: Mapping[str, str]) -> None:
    import subprocess  # noqa: PLC0415  a stop takes a second anyway

    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60)


def _boot() -> str:
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def _started(pid: int) -> int:
    """Return when the process *pid* began; 0 for one that is gone, or only waits to be buried."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if fields[0] in ("Z", "X") else int(fields[19])


def _last_words(path: str) -> str:
    with suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
        lines = [line.strip() for line in file if line.strip()]
        return lines[-1][-300:] if lines else "it said nothing"
    return "it said nothing"


def _write(path: str, text: str) -> None:
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(f"{path}.new", path)
