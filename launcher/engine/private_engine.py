"""The user's private engine, for machines where no engine answers: started from the installed programs."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from launcher.engine import install_hint, private_daemons, private_folders, private_record, process_lifetime
from launcher.engine.endpoint import MAX_SOCKET_PATH, Endpoint, private_socket
from launcher.engine.private_record import EngineRecord
from launcher.engine.process_lifetime import Process
from launcher.errors import EngineError, NoEngineError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from launcher.engine.private_daemons import EngineFolders

ORIGIN = "applaunch's own engine"
_PATIENCE = 60.0  # seconds until the first answer; podman takes 0.2, dockerd 1 to 10
_GRACE = 20.0  # seconds to end after SIGTERM


class Status(NamedTuple):
    """The state of the private engine."""

    running: bool
    answers: bool
    program: str
    """``podman`` or ``dockerd``; "" if it does not run."""
    pid: int
    socket: str
    data: str
    log: str


def start(state_dir: str, runtime_dir: str, uid: int, env: Mapping[str, str]) -> Endpoint:
    """Start the private engine unless it is running, and return its endpoint.

    *runtime_dir* is XDG_RUNTIME_DIR, or "". Concurrent starts start one engine. Raises `EngineError` if no suitable
    program is installed, and with the last line of the engine's log if it does not start.
    """
    folder = f"{state_dir}/engine"
    private_folders.make_own_folder(folder, uid)
    with private_record.locked(folder):
        record = private_record.load(folder)
        if record and record.usable:
            return Endpoint(f"unix://{record.socket}", None, ORIGIN)
        machine = install_hint.inspect_machine(uid, env.get("PATH"))
        if not (program := install_hint.startable_engine(machine)):
            fix = install_hint.engine_fix(machine)
            raise NoEngineError("engine", "neither podman nor dockerd can be started as a private engine", fix)
        if record:
            _end(record)
        folders = private_folders.make_folders(folder, runtime_dir, uid, MAX_SOCKET_PATH)
        daemon_env = private_daemons.daemon_environment(env)
        if program == "podman":
            return _start_daemon(folder, folders, program, daemon_env)
        private_daemons.prepare_dockerd(folders)
        try:
            return _start_daemon(folder, folders, program, daemon_env)
        except BaseException:
            private_daemons.remove_bridge()
            raise


def stop(state_dir: str, env: Mapping[str, str]) -> bool:
    """Stop the private engine and its containers, and nothing else; return False if it was not running."""
    folder = f"{state_dir}/engine"
    if not os.path.isdir(folder):
        return False
    with private_record.locked(folder):
        if not (record := private_record.load(folder)):
            return False
        alive = record.process.alive
        if alive and record.program == "podman":  # its containers would survive it
            folders = private_daemons.EngineFolders(f"{folder}/data", record.run, record.socket)
            command = [*private_daemons.podman_command(folders), "stop", "--all", "--time", "3"]
            _run_quietly(command, private_daemons.daemon_environment(env))
        _end(record)
        if record.program == "dockerd":
            private_daemons.remove_bridge()
        for path in (f"{folder}/running.json", record.socket):
            with suppress(OSError):
                os.unlink(path)
    return alive


def status(state_dir: str) -> Status:
    """Return whether the private engine is running, and its paths."""
    folder = f"{state_dir}/engine"
    record = private_record.load(folder)
    if record is None or not record.process.alive:
        return Status(False, False, "", 0, private_socket(state_dir), f"{folder}/data", f"{folder}/log")
    answers, pid = record.usable, record.process.pid
    return Status(True, answers, record.program, pid, record.socket, f"{folder}/data", f"{folder}/log")


def _start_daemon(folder: str, folders: EngineFolders, program: str, env: Mapping[str, str]) -> Endpoint:
    with suppress(OSError):
        os.unlink(folders.socket)
    with open(f"{folder}/log", "wb") as log, private_folders.hold_folder(folders.run) as hold:
        child = subprocess.Popen(
            private_daemons.daemon_command(program, folders),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=env,
            cwd="/",
            start_new_session=True,
            pass_fds=(hold,),
        )
    record = EngineRecord(program, folders.run, folders.socket, Process.of(child.pid))
    private_record.save(folder, record)
    until = time.monotonic() + _PATIENCE
    try:
        while child.poll() is None and time.monotonic() < until:
            if _answers(folders.socket):
                child.returncode = 0  # it outlives this process, which does not wait for it
                private_record.save(folder, record._replace(pause=_pause_process(folders)))
                return Endpoint(f"unix://{folders.socket}", None, ORIGIN)
            time.sleep(0.05)
    except BaseException:
        _end(record)
        raise
    _end(record)
    child.wait()
    raise EngineError("engine", f"{program} did not start: {_last_log_line(f'{folder}/log')}", f"see {folder}/log")


def _end(record: EngineRecord) -> None:
    """End all processes of the engine; rootless podman's first process does not end its second one."""
    process_lifetime.end_processes([record.process], _GRACE)
    others = process_lifetime.session_processes(record.process) + ([record.pause] if record.pause else [])
    process_lifetime.end_processes(others, _GRACE)


def _pause_process(folders: EngineFolders) -> Process | None:
    with suppress(OSError, ValueError), open(f"{folders.run}/t/pause.pid", encoding="ascii") as file:
        return Process.of(int(file.read()))
    return None


def _answers(path: str) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(path)
            connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: applaunch\r\n\r\n")
            return connection.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False


def _run_quietly(command: list[str], env: Mapping[str, str]) -> None:
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60)


def _last_log_line(path: str) -> str:
    with suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
        lines = [line.strip() for line in file if line.strip()]
        return lines[-1][-300:] if lines else "its log is empty"
    return "its log is empty"
