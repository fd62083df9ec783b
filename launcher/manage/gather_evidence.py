"""Reads what tells of installed apps besides the record: launch files, and shims of the caller's."""

import os

from launcher.core.deploy.evidence import Witness
from launcher.host import shims
from launcher.host.locations import Places
from launcher.state import launch_files as currents
from launcher.state.launch_files import LaunchFile


def witness(where: Places) -> Witness:
    """Return what launch files and shims tell; a launch file that is damaged tells its name."""
    names = currents.names(where.current)
    known = [each for name in names if (each := currents.read(where.current, name))]
    own = [os.path.basename(path) for path in own_shims(where.bin)]
    return Witness(tuple(names), tuple(own), tuple((tag, each.command) for each in known if (tag := _tag(each))))


def own_shims(folder: str) -> list[str]:
    """Return the shims in *folder* that the caller owns: a folder like /usr/local/bin holds those of others too."""
    return [path for path in shims.list_shims(folder) if _is_callers(path)]


def _tag(known: LaunchFile) -> str:
    """Return the tag of the deployment that a launch file is of, also while an edited catalog has moved it."""
    return str(known.aside[2]) if known.aside else known.tag


def _is_callers(path: str) -> bool:
    try:
        return os.lstat(path).st_uid == os.getuid()
    except OSError:
        return False
