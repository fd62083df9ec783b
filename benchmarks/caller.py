"""The ordinary user who makes the calls: the user who runs the benchmark, or for root another one without any right."""

import compileall
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.clock import Failed
from tests import opened


class Caller(NamedTuple):
    """A user, and the words that run a program as this user."""

    uid: int
    prefix: tuple[str, ...] = ()

    def own(self, path: Path) -> None:
        """Give *path* and all that it holds to this user."""
        if self.prefix:
            _give(path, self.uid)

    @contextmanager
    def lend(self, path: Path) -> Iterator[None]:
        """Let *path* and all that it holds be ours for a while."""
        if self.prefix:
            _give(path, os.geteuid())
        yield
        self.own(path)


def _give(path: Path, uid: int) -> None:
    for folder, _, files in os.walk(path):
        for name in (folder, *(f"{folder}/{file}" for file in files)):
            os.lchown(name, uid, uid)


def find_caller(docker_host: str, folder: Path) -> Caller:
    """Return the caller, who may use the engine at *docker_host* and gets *folder*; raises `Failed`.

    /dev/net/tun is open to this user, as to all users of most machines.
    """
    if os.geteuid():
        return Caller(os.geteuid())
    closed = next((each for each in folder.resolve().parents if not each.stat().st_mode & 0o001), None)
    if closed:
        raise Failed(f"uid {opened.UID} cannot enter {closed}; set TMPDIR to a folder that everybody can enter")
    compileall.compile_dir(opened.ROOT / "launcher", quiet=1)  # as in an installed package: this user cannot
    folder.chmod(0o755)
    socket = docker_host.removeprefix("unix://")
    groups = [os.stat(socket).st_gid] if os.path.exists(socket) else []
    opened.open_tunnels()
    caller = Caller(opened.UID, tuple(opened.words_of(opened.UID, *groups)))
    caller.own(folder)
    return caller
