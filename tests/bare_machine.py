"""A machine without a container engine: an ordinary user, public names at the rig's registry, no socket of an engine.

It is a mount namespace of this machine, which only root can make; nothing outside it changes.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests import opened
from tests.rig import Rig

_SCRIPT = Path(__file__).with_suffix(".sh")


class BareMachine(NamedTuple):
    """Such a machine, and a user of it."""

    prefix: list[str]  # words that run a program there as this user
    home: Path
    env: dict[str, str]  # what its programs need to trust the rig's registry


def why_not(rig: Rig) -> str:
    """Return why there can be no such machine here, "" if there can."""
    if os.geteuid() != 0 or not rig.started_by_us:
        return "needs root, and a registry of the rig's own that stands for public names"
    return next((f"needs {each}" for each in ("bwrap", "pasta", "unshare") if shutil.which(each) is None), "")


@contextmanager
def bare_machine(rig: Rig, folder: Path) -> Iterator[BareMachine]:
    """Give such a machine; *folder* is empty, and its user's home is made in it."""
    home = folder / "home"
    home.mkdir(parents=True)
    trusted = folder / "trusted.pem"
    shutil.copy(rig.place.run / "trusted.pem", trusted)
    trusted.chmod(0o644)
    hosts = rig.place.run / "hosts"
    words = ("unshare", "--mount", "--propagation", "slave", "sh", str(_SCRIPT), str(hosts))
    holder = subprocess.Popen(
        [*words, sys.executable, "-IS", opened.__file__, "hold", *_closed_folders(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        if holder.stdout is None or holder.stdout.read(1) != b"!":
            raise OSError("no mount namespace")
        enter = [sys.executable, "-IS", opened.__file__, "setpriv", str(holder.pid), str(opened.UID), "", "--"]
        yield BareMachine(enter, home, {"SSL_CERT_FILE": str(trusted)})
    finally:
        holder.communicate()


def hand_over(folder: Path) -> None:
    """Give *folder* and all that is in it to the user."""
    for path, _, files in os.walk(folder):
        for name in (path, *(f"{path}/{file}" for file in files)):
            os.lchown(name, opened.UID, opened.UID)


def _closed_folders(folder: Path) -> list[str]:
    """Return the folders that the namespace has to open to others: those above Python, this package and *folder*."""
    above = [each for each in (*reversed(folder.parents), folder) if not each.stat().st_mode & 0o001]
    return [*dict.fromkeys((*opened.closed_folders(), *map(str, above)))]
