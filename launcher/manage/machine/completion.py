"""Shell completion scripts, and where each shell loads them from."""

import os
import shlex
from collections.abc import Mapping

from launcher.errors import HostError, UsageError
from launcher.host import files
from launcher.manage.context import Context
from launcher.manage.machine.texts import text

SHELLS = ("bash", "zsh", "fish")
_MARK = "# applaunch completion for "


def completion_script(shell: str) -> str:
    """Return the completion script for *shell*; raises `UsageError` for an unknown shell."""
    if shell not in SHELLS:
        raise UsageError("", f"unknown shell {shell!r}", f"use one of {', '.join(SHELLS)}")
    return text(f"completion.{shell}")


def install_completion(context: Context, shell: str) -> str:
    """Write the script where *shell* loads it from and return the path; raises `HostError` for a foreign file."""
    path = completion_path(shell, context.call.env, context.call.home)
    wanted = completion_script(shell)
    before = files.read(path)
    if before is not None and _MARK not in before:
        raise HostError(path, "exists and is not applaunch's", f"mv {shlex.quote(path)} {shlex.quote(path + '.old')}")
    if before != wanted:
        files.write(path, wanted)
    return path


def completion_path(shell: str, env: Mapping[str, str], home: str) -> str:
    """Return the path of the completion for *shell*: bash-completion's user folder, zsh's fpath, or fish's."""
    data = env.get("XDG_DATA_HOME") or f"{home}/.local/share"
    config = env.get("XDG_CONFIG_HOME") or f"{home}/.config"
    bash = env.get("BASH_COMPLETION_USER_DIR", "").split(":")[0] or f"{data}/bash-completion"
    paths = {
        "bash": f"{bash}/completions/applaunch",
        "zsh": f"{data}/zsh/site-functions/_applaunch",
        "fish": f"{config}/fish/completions/applaunch.fish",
    }
    if shell not in paths:
        completion_script(shell)
    return os.path.realpath(paths[shell])
