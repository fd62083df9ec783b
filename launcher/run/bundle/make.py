"""Makes the bundle of a launch's modules (`launcher.run.bundle` says what that is).

Run by its path, in an interpreter of its own: ``python -IS make.py FOLDER``; FOLDER holds the package `launcher`.
"""

import ast
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import SourceFileLoader
from marshal import dumps
from types import ModuleType
from typing import Any

EVERY = ("launcher.run.shim", "launcher.run.run_launch", "launcher.engine.wire_engine")
"""Every launch loads these, with all that they import."""
SOME = (
    "launcher.run.run_in_sandbox",
    "launcher.run.warm_launch",
    "launcher.run.project_cache",
    "launcher.engine.named_endpoint",
)
"""Launches of warm apps, inside projects, and with DOCKER_HOST or a docker context, load these, too."""


def make(folder: str) -> None:
    """Write the bundle of the package in *folder*, whole or not at all; raises OSError."""
    sys.path.append(folder)
    bundle: Any = import_module("launcher.run.bundle")
    every, some = load(EVERY), load(SOME)
    parts = [_part(bundle, module, at_once=module in every) for module in (*every, *some)]
    new = f"{bundle.PATH}.{os.getpid()}.new"
    os.makedirs(os.path.dirname(new), exist_ok=True)
    try:
        with open(new, "wb") as file:
            file.write(dumps((bundle.FORM, parts)))
        os.replace(new, bundle.PATH)
    except OSError:
        if os.path.exists(new):
            os.unlink(new)
        raise


def load(names: Sequence[str]) -> list[ModuleType]:
    """Import *names* and return the modules of ours that this loaded, in the order in which they were complete."""
    found: list[ModuleType] = []
    exec_module: Any = SourceFileLoader.exec_module

    def exec_and_note(self: SourceFileLoader, module: ModuleType) -> None:
        exec_module(self, module)
        if module.__name__.startswith("launcher."):
            found.append(module)

    setattr(SourceFileLoader, "exec_module", exec_and_note)  # noqa: B010  this process does nothing else
    try:
        for name in names:
            import_module(name)
    finally:
        setattr(SourceFileLoader, "exec_module", exec_module)  # noqa: B010  this process does nothing else
    return found


def _part(bundle: Any, module: ModuleType, *, at_once: bool) -> tuple[object, ...]:
    name, path = module.__name__, str(module.__file__)
    seen = bundle.stamp(path)  # before its code is read: the next launch then notices an edit in between
    with open(path, "rb") as file:
        tree = ast.parse(file.read(), path)
    for node in ast.walk(tree):  # no launch reads the types of a function, nor a docstring
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.arg):
            node.annotation = None
    code = compile(tree, path, "exec", dont_inherit=True, optimize=2)
    return name, path, seen, hasattr(module, "__path__"), code if at_once else dumps(code)


if __name__ == "__main__":
    make(sys.argv[1])
