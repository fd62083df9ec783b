"""The modules of a launch put into one file, from which `launcher/quick.py` loads them.

Run by its path, in an interpreter of its own: ``python -IS bundle.py FOLDER``, where FOLDER holds the package. What a
launch loads is found out by loading it.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import SourceFileLoader
from marshal import dumps
from types import ModuleType
from typing import Any

EVERY = ("launcher.run.shim", "launcher.run.launch", "launcher.run.engine_connection", "launcher.engine.wire_engine")
"""Every launch loads these, with all that they import."""
WARM = ("launcher.run.warm_launch", "launcher.run.project_cache")
"""Launches of warm apps, and those inside projects, load these, too."""


def make(folder: str) -> None:
    """Write the bundle of the package in *folder*, whole or not at all; raises OSError."""
    sys.path.append(folder)
    quick: Any = import_module("launcher.quick")
    every, warm = loaded(EVERY), loaded(WARM)
    parts = [_part(quick, module, at_once=module in every) for module in (*every, *warm)]
    new = f"{quick.PATH}.{os.getpid()}.new"
    os.makedirs(os.path.dirname(new), exist_ok=True)
    try:
        with open(new, "wb") as file:
            file.write(dumps((quick.FORM, parts)))
        os.replace(new, quick.PATH)
    except OSError:
        if os.path.exists(new):
            os.unlink(new)
        raise


def loaded(names: Sequence[str]) -> list[ModuleType]:
    """Import *names* and return the modules of ours that this loaded, in the order in which they were complete."""
    found: list[ModuleType] = []
    load: Any = SourceFileLoader.exec_module

    def noted(self: SourceFileLoader, module: ModuleType) -> None:
        load(self, module)
        if module.__name__.startswith("launcher."):
            found.append(module)

    setattr(SourceFileLoader, "exec_module", noted)  # noqa: B010  this process does nothing else
    try:
        for name in names:
            import_module(name)
    finally:
        setattr(SourceFileLoader, "exec_module", load)  # noqa: B010  as above
    return found


def _part(quick: Any, module: ModuleType, *, at_once: bool) -> tuple[object, ...]:
    name, path = module.__name__, str(module.__file__)
    seen = quick.stamp(path)  # before its code is read: an edit in between is noticed by the next launch
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec", dont_inherit=True, optimize=2)  # no launch reads a docstring
    return name, path, seen, hasattr(module, "__path__"), at_once, code


if __name__ == "__main__":
    make(sys.argv[1])
