"""The ordinary user of the rootless engines, known inside their enclosure alone."""

from pathlib import Path

from tests.rig.engines.site import Site

UID = 3000
NAME = "rig"
FIRST, COUNT = 1_000_000, 65_536
"""The ids that are theirs to give away, or an engine's that remaps users."""


def known(site: Site) -> tuple[str, ...]:
    """Return the steps that make this user known in the enclosure; the machine's own files stay as they are."""
    lines = {
        "passwd": f"{NAME}:x:{UID}:{UID}::{home(site)}:/bin/sh\n",
        "group": f"{NAME}:x:{UID}:\n",
        "subuid": f"{NAME}:{FIRST}:{COUNT}\n",
        "subgid": f"{NAME}:{FIRST}:{COUNT}\n",
    }
    steps: list[str] = []
    for name, line in lines.items():
        there = Path("/etc", name)
        kept = "".join(each for each in there.read_text().splitlines(keepends=True) if f":{UID}:" not in each)
        steps += ("bind", str(site.write(name, kept + line)), str(there))
    return tuple(steps)


def home(site: Site) -> Path:
    """Return the home of this user."""
    return site.run / "home"


def become() -> tuple[str, ...]:
    """Return the words that run a program as this user."""
    return ("setpriv", "--reuid", str(UID), "--regid", str(UID), "--clear-groups", "--")
