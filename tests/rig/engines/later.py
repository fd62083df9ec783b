"""A later Debian, for its engine: made once with debootstrap, kept in the rig's folder."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.rig import aptproxy
from tests.rig.engines.site import Site
from tests.rig.programs import run
from tests.rig.trouble import RigError

SUITE = "trixie"
BROUGHT = "docker.io,tini"


def root(site: Site, log: Callable[[str], None]) -> Path:
    """Return the folder that holds it, made now if it is not there."""
    made, fresh = site.folder / SUITE, site.folder / f"{SUITE}.new"
    if made.exists():
        return made
    log(f"{site.name}: fetching {BROUGHT} from Debian's {SUITE}, once")
    _away(fresh)
    with aptproxy.proxy(aptproxy.archive(site.rig.place.folder / "apt")) as proxy:
        words = ("debootstrap", "--variant=minbase", f"--include={BROUGHT}", SUITE, str(fresh))
        try:  # its own namespace: debootstrap mounts /proc in there
            run("unshare", "--mount", *words, "http://debian.rig.invalid/debian", env={"http_proxy": proxy})
        except RigError as error:
            _away(fresh)
            what = f"Debian's {SUITE} with {BROUGHT} could not be fetched from this machine's mirror ({error})"
            raise RigError(site.name, what, "see whether the mirror carries that suite", exit_code=2) from error
    shutil.rmtree(fresh / "var/cache/apt", ignore_errors=True)
    fresh.replace(made)
    return made


def version(site: Site) -> str:
    """Return the version of the engine in there."""
    words = ("dpkg-query", f"--admindir={site.folder / SUITE}/var/lib/dpkg", "-W", "-f", "${Version}", "docker.io")
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.partition("+")[0]


def _away(folder: Path) -> None:
    if folder.exists() and not os.path.ismount(folder):
        shutil.rmtree(folder)
