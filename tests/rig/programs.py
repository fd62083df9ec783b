"""What programs this machine lacks, and how they come: from apt, and with no service of theirs started."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.rig.trouble import RigError

PATH = f"{os.environ.get('PATH', '/usr/bin:/bin')}:/usr/local/sbin:/usr/sbin:/sbin"  # su leaves sbin out

NEEDED = {  # a program, and the package that brings it
    "dockerd": "docker.io",
    "docker-init": "tini",
    "docker-registry": "docker-registry",
    "debootstrap": "debootstrap",
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
    "iptables": "iptables",
    "ip": "iproute2",
    "unshare": "util-linux",  # and mount
    "openssl": "openssl",
    "bwrap": "bubblewrap",
    "pasta": "passt",
    "slirp4netns": "slirp4netns",
}
SERVICES = ("docker.service", "docker.socket", "containerd.service", "docker-registry.service")
FORBID = Path("/usr/sbin/policy-rc.d")  # Debian policy 9.3.3: packages ask it before they start a service


def is_debian_as_root() -> bool:
    """Whether the rig may install here."""
    return os.geteuid() == 0 and Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def find(name: str) -> str | None:
    """Return the full path of a program (or of a file that only has to be there)."""
    if name.startswith("/"):
        return name if Path(name).exists() else None
    return shutil.which(name, path=PATH)


def run(*argv: str, env: Mapping[str, str] | None = None) -> str:
    """Run a program and return what it said; raises with its last line when it fails."""
    told = {**os.environ, "PATH": PATH, **(env or {})}
    done = subprocess.run(argv, env=told, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()
        raise RigError(argv[0], f"exit {done.returncode}: {said[-1]}", f"try it yourself: {' '.join(argv)}")
    return done.stdout


def install_missing(log: Callable[[str], None], needed: Mapping[str, str] = NEEDED) -> None:
    """Install with apt what of *needed* is not here; does nothing, quickly, where nothing is missing."""
    missing = sorted({package for program, package in needed.items() if find(program) is None})
    if not missing:
        return
    log(f"installing {' '.join(missing)}")
    had = {service for service in SERVICES if _unit(service)}
    with no_service_starting():
        _apt("update")
        _apt("install", "-y", "--no-install-recommends", *missing)
    fresh = [service for service in SERVICES if service not in had and _unit(service)]
    if fresh and find("systemctl"):
        run("systemctl", "disable", *fresh)  # or the next boot starts them


@contextmanager
def no_service_starting() -> Iterator[None]:
    """Keep packages from starting services meanwhile; a policy that is there already stays as it is."""
    if FORBID.exists():
        yield
        return
    FORBID.write_text("#!/bin/sh\nexit 101\n")
    FORBID.chmod(0o755)
    try:
        yield
    finally:
        FORBID.unlink(missing_ok=True)


def pip() -> Sequence[str]:
    """Return the words that run a pip of this machine."""
    for words in ((sys.executable, "-m", "pip"), ("python3", "-m", "pip"), ("pip3",), ("pip",)):
        with suppress(RigError, OSError):
            run(*words, "--version")
            return words
    if is_debian_as_root():
        _apt("install", "-y", "--no-install-recommends", "python3-pip")
        return ("/usr/bin/python3", "-m", "pip")
    raise RigError("pip", "not found", "install pip for this Python: python3 -m ensurepip --user")


def _apt(*words: str) -> None:
    patient = ("-q", "-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3")
    run("apt-get", *patient, *words, env={"DEBIAN_FRONTEND": "noninteractive"})


def _unit(service: str) -> bool:
    return any(Path(folder, service).exists() for folder in ("/lib/systemd/system", "/etc/systemd/system"))
