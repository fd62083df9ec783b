"""The engine of last resort: one of this user's own, started from what is installed, with everything in our folders."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from launcher.engine.endpoint import MAX_SOCKET_PATH, Endpoint, private_socket, probe_socket
from launcher.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from launcher.engine.private_daemons import EngineFolders
    from launcher.engine.process_lifetime import Process

ORIGIN = "applaunch's own engine"
_PATIENCE = 60.0  # seconds until the first answer; podman takes 0.2, dockerd 1 to 10
_GRACE = 20.0  # seconds to end in, after SIGTERM


class Status(NamedTuple):
    """What is known of the private engine."""

    running: bool
    answers: bool
    program: str
    """``podman`` or ``dockerd``; "" when it does not run."""
    pid: int
    socket: str
    data: str
    log: str


class _Record(NamedTuple):
    """What ``running.json`` holds."""

    program: str
    run: str
    socket: str
    process: Process
    pause: Process | None = None
    """Rootless podman keeps one more process, which holds the user namespace."""

    @property
    def usable(self) -> bool:
        """Tell whether it answers, and its folder of the run was not taken away by a logout."""
        return self.process.alive and os.path.isdir(self.run) and not probe_socket(self.socket)


def start(state_dir: str, runtime_dir: str, uid: int, env: Mapping[str, str]) -> Endpoint:
    """Start the private engine, or find it running, and return where it answers.

    *runtime_dir* is XDG_RUNTIME_DIR, "" where there is none. Two starts at once start one. Raises EngineError when
    nothing that could be started is installed, and with the engine's last words when it does not come up.
    """
    from launcher.engine import install_hint, private_daemons, private_folders  # noqa: PLC0415  a start takes a second anyway

    folder = f"{state_dir}/engine"
    private_folders.make_own_folder(folder, uid)
    with _locked(folder):
        record = _load(folder)
        if record and record.usable:
            return Endpoint(f"unix://{record.socket}", None, ORIGIN)
        machine = install_hint.inspect_machine(uid, env.get("PATH"))
        if not (program := install_hint.startable_engine(machine)):
            raise EngineError(
                "engine", "there is nothing installed to start an engine of", install_hint.engine_fix(machine)
            )
        if record:
            _end(record)
        places = private_folders.make_folders(folder, runtime_dir, uid, MAX_SOCKET_PATH)
        if program == "podman":
            return _begin(folder, places, program, private_daemons.daemon_environment(env))
        private_daemons.prepare_dockerd(places)
        try:
            return _begin(folder, places, program, private_daemons.daemon_environment(env))
        except BaseException:
            private_daemons.remove_bridge()
            raise


def stop(state_dir: str, env: Mapping[str, str]) -> bool:
    """Stop the private engine and the containers in it; False when it did not run. Nothing else is signalled."""
    from launcher.engine import private_daemons  # noqa: PLC0415  a stop takes a second anyway

    folder = f"{state_dir}/engine"
    if not os.path.isdir(folder):
        return False
    with _locked(folder):
        if not (record := _load(folder)):
            return False
        alive = record.process.alive
        if alive and record.program == "podman":  # its containers would go on without it
            places = private_daemons.EngineFolders(f"{folder}/data", record.run, record.socket)
            _quietly(
                [*private_daemons.podman_command(places), "stop", "--all", "--time", "3"],
                private_daemons.daemon_environment(env),
            )
        _end(record)
        if record.program == "dockerd":
            private_daemons.remove_bridge()
        for path in (f"{folder}/running.json", record.socket):
            with suppress(OSError):
                os.unlink(path)
    return alive


def status(state_dir: str) -> Status:
    """Tell whether the private engine runs, and where it keeps what."""
    folder = f"{state_dir}/engine"
    record = _load(folder)
    if record is None or not record.process.alive:
        return Status(False, False, "", 0, private_socket(state_dir), f"{folder}/data", f"{folder}/log")
    answers, pid = record.usable, record.process.pid
    return Status(True, answers, record.program, pid, record.socket, f"{folder}/data", f"{folder}/log")


def _begin(folder: str, places: EngineFolders, program: str, env: Mapping[str, str]) -> Endpoint:
    import subprocess  # noqa: PLC0415  a start takes a second anyway

    from launcher.engine import private_daemons, private_folders  # noqa: PLC0415  as above
    from launcher.engine.process_lifetime import Process  # noqa: PLC0415  as above

    with suppress(OSError):
        os.unlink(places.socket)
    with open(f"{folder}/log", "wb") as log, private_folders.hold_folder(places.run) as hold:
        child = subprocess.Popen(
            private_daemons.daemon_command(program, places),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=env,
            cwd="/",
            start_new_session=True,
            pass_fds=(hold,),
        )
    record = _Record(program, places.run, places.socket, Process.of(child.pid))
    _save(folder, record)
    until = time.monotonic() + _PATIENCE
    try:
        while child.poll() is None and time.monotonic() < until:
            if _answers(places.socket):
                child.returncode = 0  # it outlives us: nobody waits for it
                _save(folder, record._replace(pause=_pause(places)))
                return Endpoint(f"unix://{places.socket}", None, ORIGIN)
            time.sleep(0.05)
    except BaseException:
        _end(record)
        raise
    _end(record)
    child.wait()
    raise EngineError("engine", f"{program} did not start: {_last_words(f'{folder}/log')}", f"see {folder}/log")


def _end(record: _Record) -> None:
    """End all that this start brought; rootless podman's first process dies without telling its second."""
    from launcher.engine import process_lifetime  # noqa: PLC0415  a stop takes a second anyway

    process_lifetime.end_processes([record.process], _GRACE)
    process_lifetime.end_processes(
        process_lifetime.session_processes(record.process) + ([record.pause] if record.pause else []), _GRACE
    )


def _pause(places: EngineFolders) -> Process | None:
    from launcher.engine.process_lifetime import Process  # noqa: PLC0415  a start takes a second anyway

    with suppress(OSError, ValueError), open(f"{places.run}/t/pause.pid", encoding="ascii") as file:
        return Process.of(int(file.read()))
    return None


def _load(folder: str) -> _Record | None:
    from launcher.engine.process_lifetime import Process  # noqa: PLC0415  a start takes a second anyway

    try:
        with open(f"{folder}/running.json", encoding="utf-8") as file:
            program, run, socket, process, pause = json.load(file)
        return _Record(program, run, socket, Process(*process), Process(*pause) if pause else None)
    except (OSError, ValueError, TypeError):
        return None


def _save(folder: str, record: _Record) -> None:
    with open(f"{folder}/running.json.new", "w", encoding="utf-8") as file:
        json.dump(record, file)
    os.replace(f"{folder}/running.json.new", f"{folder}/running.json")


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


def _quietly(command: list[str], env: Mapping[str, str]) -> None:
    import subprocess  # noqa: PLC0415  a stop takes a second anyway

    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60)


def _last_words(path: str) -> str:
    with suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
        lines = [line.strip() for line in file if line.strip()]
        return lines[-1][-300:] if lines else "it said nothing"
    return "it said nothing"
