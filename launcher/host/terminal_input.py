"""The input of the caller's terminal, which the other programs of a shell's jobs use, too."""

from __future__ import annotations

import os
import termios
import tty

from launcher.fast_stdlib import signal, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LFLAG = 3  # of termios.tcgetattr


class TerminalInput:
    """The terminal at a descriptor, in raw mode if wanted, as long as our job is in the foreground.

    It is read through a descriptor of its own that does not block: else a read would wait for ever if another program
    was faster, such as a pager behind us in a pipe.
    """

    def __init__(self, terminal: int, *, raw: bool) -> None:
        """Use the *terminal*; nothing is changed yet."""
        self._terminal = terminal
        self._wants_raw = raw
        self._previous: list[Any] = []  # the mode to restore; empty if raw mode is not set
        self.descriptor = _open_again(terminal)

    def __enter__(self) -> None:
        """Set raw mode, if wanted and in the foreground."""
        if self._wants_raw:
            self.is_ours()

    def __exit__(self, *_: object) -> None:
        """Restore the previous mode."""
        self._give_back()
        if self.descriptor != self._terminal:
            os.close(self.descriptor)

    def is_ours(self) -> bool:
        """Return whether what is typed is for our program, and set raw mode if wanted.

        It is for another job if we are in the background, and for a pager or the like behind us in a pipe if somebody
        has switched off the terminal's line mode.
        """
        if not _is_in_foreground(self._terminal):
            self._previous = []  # the shell has set its own mode
            return False
        try:
            if self._wants_raw:
                self._set_raw()
                return True
            return bool(termios.tcgetattr(self._terminal)[_LFLAG] & termios.ICANON) or _is_alone()
        except termios.error:  # the terminal is gone: reading will tell
            return True

    def suspend(self, *, whole_job: bool) -> None:
        """Restore the mode and stop until we are continued: this process, or our *whole_job* as Ctrl-Z does.

        Returns at once if no shell with job control would continue us (an orphaned process group, POSIX), or if
        SIGTSTP was ignored when we were started.
        """
        self._give_back()
        stop_process(whole_job=whole_job)
        if self._wants_raw and _is_in_foreground(self._terminal):
            with suppress(termios.error):
                self._set_raw()

    def _set_raw(self) -> None:
        mode = termios.tcgetattr(self._terminal)
        if not self._previous or mode[_LFLAG] & termios.ICANON:  # a shell has set its own mode meanwhile
            self._previous = mode
            tty.setraw(self._terminal, termios.TCSADRAIN)

    def _give_back(self) -> None:
        if self._previous and _is_in_foreground(self._terminal):
            with suppress(termios.error):  # the terminal may have gone
                termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._previous)
        self._previous = []


def stop_process(*, whole_job: bool) -> None:
    """Stop this process, or the *whole_job*, by SIGTSTP's default action; return when it is continued."""
    handler = signal.getsignal(signal.SIGTSTP)
    if handler is not signal.SIG_IGN:
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    if whole_job:
        os.killpg(0, signal.SIGTSTP)
    else:
        os.kill(os.getpid(), signal.SIGTSTP)
    signal.signal(signal.SIGTSTP, handler)


def _open_again(terminal: int) -> int:
    """Return a new descriptor of the *terminal* that does not block, or *terminal* itself if it cannot be opened."""
    names = [f"/proc/self/fd/{terminal}"]
    with suppress(OSError):
        names.append(os.ttyname(terminal))
        os.tcgetpgrp(terminal)  # it is our controlling terminal, which may belong to another user (su)
        names.append("/dev/tty")
    for name in names:
        with suppress(OSError):
            return os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    return terminal


def _is_in_foreground(terminal: int) -> bool:
    """Return whether our process group may read the *terminal*; without job control, everyone may."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return True


def _is_alone() -> bool:
    """Return whether our process group holds only us and the processes that called us."""
    group, parents = {}, {}
    for name in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc/1") else ()):
        with suppress(OSError, ValueError, IndexError), open(f"/proc/{name}/stat", "rb") as file:
            _, parent, its_group, *_ = file.read().rpartition(b")")[2].split()
            parents[int(name)], group[int(name)] = int(parent), int(its_group)
    ours, pid = set(), os.getpid()
    while pid in parents:
        ours.add(pid)
        pid = parents.pop(pid)
    return not any(each == os.getpgrp() and number not in ours for number, each in group.items())
