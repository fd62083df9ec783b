"""The module that shims written before version 3 import: they run on until `applaunch doctor --fix` replaces them."""

import os
from collections.abc import Sequence
from typing import NoReturn

from launcher.run import shim


def main(argv: Sequence[str]) -> NoReturn:
    """Run the command that *argv* names, and end this process with its exit code."""
    os._exit(shim.main(argv))
