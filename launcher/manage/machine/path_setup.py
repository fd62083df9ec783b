"""The folder of the shims on PATH: whether it is there, and the shell's start files that put it there."""

import os
import stat
from collections.abc import Mapping
from typing import NamedTuple

from launcher.errors import HostError, UsageError
from launcher.host import files
from launcher.manage.context import Context
from launcher.manage.machine.texts import path_block

SHELLS = ("bash", "zsh", "fish", "sh")
_LOGIN = (".bash_profile", ".bash_login", ".profile")  # bash(1): a login shell reads the first that exists
_BEGIN, _END = "# >>> applaunch ensurepath", "# <<< applaunch ensurepath <<<"
_LIKE_SH = ("ash", "dash", "ksh", "mksh")


class StartFile(NamedTuple):
    """One start file of a shell, and whether it has to change."""

    path: str
    text: str  # as it shall be
    changed: bool


class PathSetup(NamedTuple):
    """What became of PATH."""

    folder: str
    shell: str
    on_path: bool
    """Whether this very process has the folder on PATH."""
    block: str
    files: tuple[StartFile, ...]
    """Empty where nothing of ours is needed."""

    @property
    def changed(self) -> tuple[str, ...]:
        """The files that changed."""
        return tuple(file.path for file in self.files if file.changed)


def is_on_path(folder: str, path: str) -> bool:
    """Tell whether *folder*, under whatever name, is one of *path*'s."""
    real = os.path.realpath(folder)
    return any(os.path.realpath(each) == real for each in path.split(":") if each.startswith("/"))


def ensure_path(desk: Context, shell: str = "", *, dry_run: bool = False) -> PathSetup:
    """Put the folder of the shims on PATH for the shells to come.

    Where no *shell* is named and PATH has it by other means, nothing is written. Raises `HostError`, `UsageError`.
    """
    folder, env = desk.places.bin, desk.call.env
    if ":" in folder or "\n" in folder:
        raise HostError(folder, "a folder of that name cannot be on PATH", "set XDG_BIN_HOME to another folder")
    chosen = _shell(shell or _login_shell(env), named=bool(shell))
    block = path_block(chosen, folder)
    found = tuple(_planned(path, block) for path in _start_files(chosen, env, desk.call.home))
    on_path = is_on_path(folder, env.get("PATH", ""))
    if on_path and not shell and not any(_BEGIN in file.text and not file.changed for file in found):
        found = ()
    if not dry_run:
        for file in found:
            if file.changed:
                files.write(file.path, file.text, _mode(file.path))
    return PathSetup(folder, chosen, on_path, block, found)


def _shell(name: str, *, named: bool) -> str:
    if name in SHELLS:
        return name
    if name in _LIKE_SH:
        return "sh"
    if named:
        raise UsageError("", f"the shell {name!r} is not known here", f"use one of {', '.join(SHELLS)}")
    raise HostError("", f"the shell {name!r} is not known here", "put the folder on PATH in its start file")


def _login_shell(env: Mapping[str, str]) -> str:
    """Return the name of the shell that people log in to: SHELL, else what the system has."""
    import pwd  # noqa: PLC0415  not on every platform

    try:
        return os.path.basename(env.get("SHELL") or pwd.getpwuid(os.getuid()).pw_shell) or "sh"
    except KeyError:
        return "sh"


def _start_files(shell: str, env: Mapping[str, str], home: str) -> tuple[str, ...]:
    """Return the files that an interactive and a login *shell* read, as the real files behind any links."""
    profile = next((path for name in _LOGIN if os.path.exists(path := f"{home}/{name}")), f"{home}/.profile")
    config = env.get("XDG_CONFIG_HOME") or f"{home}/.config"
    by_shell = {
        "bash": (f"{home}/.bashrc", profile),
        "zsh": (f"{env.get('ZDOTDIR') or home}/.zshrc",),
        "fish": (f"{config}/fish/conf.d/applaunch.fish",),
        "sh": (f"{home}/.profile",),
    }
    return tuple(os.path.realpath(path) for path in by_shell[shell])


def _planned(path: str, block: str) -> StartFile:
    """Return what *path* shall hold: its own text with our block in the place it has, else at the end."""
    before = files.read(path) or ""
    start, end = before.find(_BEGIN), before.find(_END)
    if 0 <= start < end:
        after = before[:start] + block + before[end + len(_END) :].removeprefix("\n")
    elif not before.strip():
        after = block
    else:
        after = before.rstrip("\n") + "\n\n" + block
    return StartFile(path, after, after != before)


def _mode(path: str) -> int:
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except OSError:
        return 0o644
