"""A fresh Debian with Python and applaunch, and neither an engine nor bubblewrap: its root is that of the rig's image.

`python -m tests.fresh_debian` makes the root, which takes half a minute the first time; the rig's folder keeps it.
"""

import fcntl
import hashlib
import inspect
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests import rig as rigs
from tests.rig import Rig, aptproxy, recipes, shelf
from tests.rig.ingredients import python_wheels
from tests.rig.programs import pip, run

ROOT = Path(__file__).parents[1]
UID = 4343
PACKAGES = ("bubblewrap", "passt")
"""What the machine can install without a network: its package manager has downloaded it."""
_SCRIPT = Path(__file__).with_suffix(".sh")
_PYTHON = "usr/local/lib/python3.11/dist-packages"
_PROGRAM = "#!/usr/bin/python3\nimport sys\n\nfrom launcher.cli import main\n\nsys.exit(main())\n"


class FreshDebian(NamedTuple):
    """A running fresh machine: its namespaces are held by a process."""

    root: Path
    holder: int

    def run(self, *words: str, user: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program there, as an ordinary user in the folder ``~/videos`` unless *user* is false: then as root."""
        enter = ("nsenter", "-t", str(self.holder), "--mount", "--pid")
        who = ("setpriv", "--reuid", str(UID), "--regid", str(UID), "--clear-groups", "--") if user else ()
        home = "/home/ana" if user else "/root"
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        env = {"HOME": home, "PATH": f"{home}/.local/bin:{path}", "LANG": "C.UTF-8", "SSL_CERT_FILE": "/etc/rig.pem"}
        there = ("sh", "-c", f'cd {home}/videos 2>/dev/null; exec "$@"', "sh")
        return subprocess.run(
            [*enter, *who, *there, *words], env=env, capture_output=True, text=True, check=False, timeout=300
        )


def why_not() -> str:
    """Return why this machine cannot make one, "" if it can."""
    if os.geteuid() != 0:
        return "needs root"
    return next((f"needs {each}" for each in ("unshare", "nsenter") if shutil.which(each) is None), "")


@contextmanager
def fresh_debian(rig: Rig, folder: Path) -> Iterator[FreshDebian]:
    """Start a fresh machine, whose changes go to *folder* and are deleted with it; public names lead to the *rig*."""
    base = make_root(rig)
    root, upper, work = (folder / name for name in ("root", "upper", "work"))
    for each in (root, upper, work):
        each.mkdir()
    run("mount", "-t", "overlay", "-o", f"lowerdir={base},upperdir={upper},workdir={work}", "overlay", str(root))
    try:
        _install_applaunch(root)
        _settle(root, rig)
        words = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private")
        with subprocess.Popen(
            [*words, "sh", str(_SCRIPT), str(root), "sh", "-c", "echo up; exec sleep infinity"],
            stdout=subprocess.PIPE,
            text=True,
        ) as outer:
            try:
                if outer.stdout is None or outer.stdout.readline() != "up\n":
                    raise OSError("the fresh machine did not start")
                (inner,) = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()
                yield FreshDebian(root, int(inner))
            finally:
                outer.kill()
    finally:
        run("umount", "-l", str(root))


def make_root(rig: Rig) -> Path:
    """Return the root of the fresh machine, without applaunch itself; made unless the rig's folder has it."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    made_by = inspect.getsource(_make_root), inspect.getsource(_unpack_image), _IN_ROOT
    debian = recipes.key(recipes.named("debian"))
    key = hashlib.sha256(repr((debian, PACKAGES, wanted, made_by)).encode()).hexdigest()[:16]
    folder = rig.place.main
    root = folder / f"fresh-debian-{key}"
    with (folder / "fresh-debian.lock").open("w") as lock:  # another worker may be making it
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            for old in folder.glob("fresh-debian-*"):
                shutil.rmtree(old)
            new = root.with_suffix(".new")
            _unpack_image(rig, new)
            _make_root(folder, new, wanted).rename(root)
    return root


def _unpack_image(rig: Rig, new: Path) -> None:
    """Unpack the rig's image of Debian, which was made with debootstrap, to *new*."""
    recipe = recipes.named("debian")
    path = shelf.path_of(recipe.repository)
    new.mkdir()
    for layer in shelf.manifest(rig.registry, path, recipes.key(recipe))["layers"]:
        with shelf.blob(rig.registry, path, layer["digest"]) as content, tempfile.TemporaryFile() as archive:
            shutil.copyfileobj(content, archive)
            archive.seek(0)
            subprocess.run(["tar", "-xz", "-C", new], stdin=archive, check=True)
    (new / "etc/apt/apt.conf.d/slim").unlink()  # it removes downloaded packages, which this machine is to have


def _make_root(folder: Path, new: Path, wanted: list[str]) -> Path:
    """Install in the root *new* what the machine has, and the *wanted* packages of Python.

    *folder* keeps what apt downloads.
    """
    with aptproxy.proxy(aptproxy.archive(folder / "apt")) as proxy:
        env = {"http_proxy": proxy, "DEBIAN_FRONTEND": "noninteractive"}
        here = ("unshare", "--mount", "sh", "-c", _IN_ROOT, "sh", str(new))
        apt = (*here, "apt-get", "-q", *aptproxy.options().split())
        run(*apt, "update", env=env)
        run(*apt, "install", "-y", "--no-install-recommends", "python3", "ca-certificates", env=env)
        run(*apt, "clean", env=env)
        run(*apt, "install", "-y", "--no-install-recommends", "--download-only", *PACKAGES, env=env)
    run(*pip(), "install", "-q", "--only-binary=:all:", "--target", str(new / _PYTHON), *python_wheels(), *wanted)
    return new


_IN_ROOT = 'mount --rbind /dev "$1/dev"; mount -t proc proc "$1/proc"; exec chroot "$@"'
"""Runs a program in a root, with mounts that end with it."""


def _install_applaunch(root: Path) -> None:
    """Install the project as pip does it from a wheel."""
    target = root / _PYTHON
    shutil.copytree(ROOT / "launcher", target / "launcher", ignore=shutil.ignore_patterns("__pycache__", "*.bundle*"))
    data = target / "launcher/data"
    for source, name in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]["force-include"].items():
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        data.mkdir(exist_ok=True)
        copy(ROOT / source, target / name)
    program = root / "usr/local/bin/applaunch"
    program.write_text(_PROGRAM)
    program.chmod(0o755)


def _settle(root: Path, rig: Rig) -> None:
    """Give the machine its user and its names."""
    home = root / "home/ana/videos"
    home.mkdir(parents=True)
    for each in (home, home.parent):
        os.chown(each, UID, UID)
    with (root / "etc/passwd").open("a") as file:
        file.write(f"ana:x:{UID}:{UID}::/home/ana:/bin/sh\n")
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    shutil.copy(rig.place.run / "hosts", root / "etc/hosts")
    shutil.copy(rig.place.run / "trusted.pem", root / "etc/rig.pem")
    (root / "etc/rig.pem").chmod(0o644)


if __name__ == "__main__":
    print(make_root(rigs.up(log=lambda line: print(f"rig: {line}", file=sys.stderr))))
