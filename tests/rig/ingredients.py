"""What goes into a build beside its folder: Debian's root made with debootstrap, and wheels that pip fetches."""

import platform
import shutil
import tarfile
from pathlib import Path

from tests.rig.programs import pip, run
from tests.rig.recipes import Recipe

SUITE = "bookworm"
GLIBC = 36  # bookworm's glibc is 2.36: wheels for 2.5 to 2.36 run there
TRIMMED = (
    *("var/cache/apt/archives/*.deb", "var/cache/apt/*.bin", "var/cache/debconf/*-old", "var/lib/apt/lists/*"),
    *("var/log/*.log", "var/log/apt/*", "usr/share/man/*", "usr/share/info/*", "usr/share/locale/*", "usr/share/doc/*"),
)


def context(recipe: Recipe, workshop: Path, proxy: str | None) -> Path:
    """Pack the build context of *recipe* as a tar file in *workshop*."""
    packed = workshop / f"{recipe.name}.tar"
    with tarfile.open(packed, "w") as tar:
        tar.add(recipe.folder, ".", filter=_owned_by_root)
        if recipe.needs == "root":
            tar.add(debian_root(workshop, recipe.folder, proxy), "root.tar")
        if recipe.needs == "wheels":
            tar.add(wheels(recipe.folder / "requirements.txt", workshop / f"wheels-{recipe.name}"), "wheels")
    return packed


def debian_root(workshop: Path, folder: Path, proxy: str | None) -> Path:
    """Make a trimmed minimal Debian and pack it; ``etc`` in *folder* is laid over it."""
    root, packed = workshop / "root", workshop / "root.tar"
    shutil.copytree(folder / "etc", root / "etc")  # before dpkg runs, which reads it
    env = {"http_proxy": proxy} if proxy else {}
    here = ("unshare", "--mount")  # debootstrap mounts /proc in there: the mount ends with it, whatever happens
    run(*here, "debootstrap", "--variant=minbase", SUITE, str(root), "http://debian.rig.invalid/debian", env=env)
    (root / "etc/apt/sources.list").unlink(missing_ok=True)
    for pattern in TRIMMED:
        for each in root.glob(pattern):
            shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()
    for secret_of_this_machine in ("etc/hostname", "etc/resolv.conf", "etc/machine-id"):
        (root / secret_of_this_machine).write_text("")
    run("tar", "--numeric-owner", "-C", str(root), "--exclude=./dev/*", "-cf", str(packed), ".")
    shutil.rmtree(root)
    return packed


def wheels(requirements: Path, folder: Path) -> Path:
    """Fetch the wheels that Debian's Python needs, from wherever this machine's pip gets them."""
    wanted = ("-q", "--no-deps", "--only-binary=:all:", "-d", str(folder), "-r", str(requirements))
    run(*pip(), "download", *wanted, *python_wheels())
    return folder


def python_wheels() -> list[str]:
    """Return pip's options for wheels that Debian's Python can use."""
    machine = platform.machine()
    fitting = [f"--platform=manylinux_2_{minor}_{machine}" for minor in range(GLIBC, 4, -1)]
    old = [f"--platform=manylinux{year}_{machine}" for year in ("2014", "2010", "1")]
    python = ("--python-version=3.11", "--implementation=cp", "--abi=cp311", "--abi=abi3", "--abi=none")
    return [*python, *fitting, *old]


def _owned_by_root(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid, info.gid, info.uname, info.gname, info.mtime = 0, 0, "root", "root", 0
    return info
