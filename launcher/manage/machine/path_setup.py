"""Check whether the folder of the shims is on PATH, and add it in the shell's start files."""

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
    """A start file of a shell, and whether it must change."""

    path: str
    text: str  # the new text
    changed: bool


class PathSetup(NamedTuple):
    """The result of setting up PATH."""

    folder: str
    shell: str
    on_path: bool
    """Whether this process has the folder on PATH."""
    block: str
    files: tuple[StartFile, ...]
    """Empty if no change is needed."""

    @property
    def changed(self) -> tuple[str, ...]:
        """The files that changed."""
        return tuple(file.path for file in self.files if file.changed)


def is_on_path(folder: str, path: str) -> bool:
    """Return whether *path* contains *folder*, under whatever name."""
    real = os.path.realpath(folder)
    return any(os.path.realpath(each) == real for each in path.split(":") if each.startswith("/"))


def ensure_path(context: Context, shell: str = "", *, dry_run: bool = False) -> PathSetup:
    """Add the folder of the shims to PATH for future shells.

    If no *shell* is given and PATH already contains the folder, nothing is written. Raises `HostError` and
    `UsageError`.
    """
    folder, env = context.places.bin, context.call.env
    if ":" in folder or "\n" in folder:
        raise HostError(folder, "a folder with that name cannot be on PATH", "set XDG_BIN_HOME to another folder")
    chosen = _shell(shell or _login_shell(env), named=bool(shell))
    block = path_block(chosen, folder)
    found = tuple(_plan_file(path, block) for path in _start_files(chosen, env, context.call.home))
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
        raise UsageError("", f"unknown shell {name!r}", f"use one of {', '.join(SHELLS)}")
    raise HostError("", f"unknown shell {name!r}", "put the folder on PATH in its start file")


def _login_shell(env: Mapping[str, str]) -> str:
    """Return the name of the login shell, from SHELL or else from the account."""
    import pwd  # noqa: PLC0415  not on every platform

    try:
        return os.path.basename(env.get("SHELL") or pwd.getpwuid(os.getuid()).pw_shell) or "sh"
    except KeyError:
        return "sh"


def _start_files(shell: str, env: Mapping[str, str], home: str) -> tuple[str, ...]:
    """Return the files that an interactive and a login *shell* read, with links resolved."""
    profile = next((path for name in _LOGIN if os.path.exists(path := f"{home}/{name}")), f"{home}/.profile")
    config = env.get("XDG_CONFIG_HOME") or f"{home}/.config"
    by_shell = {
        "bash": (f"{home}/.bashrc", profile),
        "zsh": (f"{env.get('ZDOTDIR') or home}/.zshrc",),
        "fish": (f"{config}/fish/conf.d/applaunch.fish",),
        "sh": (f"{home}/.profile",),
    }
    return tuple(os.path.realpath(path) for path in by_shell[shell])


def _plan_file(path: str, block: str) -> StartFile:
    """Return *path* with our block, replaced if it is there already or else appended."""
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
