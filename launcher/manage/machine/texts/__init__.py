"""The shell texts beside this file (README.md tells what each is for), and how a folder is quoted in them."""

import os
import shlex
from collections.abc import Callable, Mapping

from launcher.host import files


def text(name: str) -> str:
    """Return the text *name*."""
    return files.read(f"{os.path.dirname(__file__)}/{name}") or ""


def path_block(shell: str, folder: str) -> str:
    """Return the lines that put *folder* on PATH in *shell*."""
    template = text("path.fish" if shell == "fish" else "path.sh")
    return template.replace("@FOLDER@", _QUOTED.get(shell, shlex.quote)(folder))


def _fish(word: str) -> str:
    r"""Quote as fish(1) reads it: within single quotes only ``\`` and ``'`` mean something."""
    return "'" + word.replace("\\", "\\\\").replace("'", "\\'") + "'"


_QUOTED: Mapping[str, Callable[[str], str]] = {"fish": _fish}
