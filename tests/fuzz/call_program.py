"""Calls a program as an ordinary user of any kind: with a umask, limits, ignored signals, closed and odd descriptors."""

import os
import resource
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests import opened


class Caller(NamedTuple):
    """How somebody calls a program."""

    stdin: str = "null"
    """``null``, ``pipe`` and ``file`` (with what is typed), ``empty`` (a pipe), ``closed``."""
    typed: bytes = b""
    env: Mapping[str, str] = {}
    folder: str = "work"
    umask: int = 0o022
    nofile: int = 0
    nice: int = 0
    closed: tuple[int, ...] = ()
    ignored: tuple[int, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether a container could not see who called it."""
        return (self.umask, self.nofile, self.nice, self.closed, self.ignored) == (0o022, 0, 0, (), ())


class Called(NamedTuple):
    """What came of a call."""

    code: int
    out: bytes
    err: bytes


ENDLESS = -1000
"""The exit code of a call that had to be killed."""


def call_program(
    words: Sequence[str], env: Mapping[str, str], folder: Path, caller: Caller, become: Callable[[], None]
) -> Called:
    """Run *words* in *folder* and return what came of it; *become* makes the child the user."""

    def prepare() -> None:
        if caller.nofile:
            resource.setrlimit(resource.RLIMIT_NOFILE, (caller.nofile, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        become()
        os.chdir(folder)
        os.umask(caller.umask)
        os.nice(caller.nice)
        for number in range(1, signal.NSIG):
            if number not in (signal.SIGKILL, signal.SIGSTOP, 32, 33):
                signal.signal(number, signal.SIG_IGN if number in caller.ignored else signal.SIG_DFL)
        for number in (*caller.closed, *((0,) if caller.stdin == "closed" else ())):
            os.close(number)

    with tempfile.TemporaryFile() as file:
        file.write(caller.typed)
        file.seek(0)
        stdin = {"file": file, "pipe": subprocess.PIPE, "empty": subprocess.PIPE}.get(caller.stdin, subprocess.DEVNULL)
        with subprocess.Popen(
            words,
            env=env,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=prepare,  # noqa: PLW1509  no threads here
        ) as process:
            typed = None if process.stdin is None else caller.typed if caller.stdin == "pipe" else b""
            try:
                out, err = process.communicate(typed, timeout=120)
            except subprocess.TimeoutExpired:
                process.kill()
                out, err = process.communicate()
                return Called(ENDLESS, out, err)
        return Called(process.returncode, out, err)


def ordinary_user(*groups: int) -> Callable[[], None]:
    """Return what makes a child an ordinary user, who can read this Python."""
    holder = opened.holder()

    def become() -> None:
        opened.enter(holder)
        os.setgroups(groups)
        os.setresgid(opened.UID, opened.UID, opened.UID)
        os.setresuid(opened.UID, opened.UID, opened.UID)

    return become
