"""An image unpacked for bubblewrap, against the engine's own export piped into tar; and its second version."""

import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.clock import Failed, Job, Sample
from benchmarks.ground import Ground
from benchmarks.race import Race, Row, Target, Variant

_ROOT = Path(__file__).parents[2]
_TAR = 'docker export "$1" | tar -x -C "$2"'
_CHANGE = r"""
find / -xdev -type f -exec stat -c '%s %n' {} + |
awk '{ all += $1 } taken + $1 <= all / 20 { taken += $1; sub(/^[0-9]+ /, ""); print }' |
while read -r file; do echo >> "$file"; done
"""
"""Changes files that hold 5 % of all bytes."""


def race(ground: Ground) -> Race:
    """Both unpack the same image, each time into a new folder: inodes that were just freed would be slow to get."""
    image = ground.rig.ref(ground.sizes.unpacked)
    pulled = ground.rig.docker("pull", "-q", image)
    if pulled.returncode:
        raise Failed(pulled.stderr.strip())
    made = ground.rig.docker("create", "--label", ground.label, image, "true")
    if made.returncode:
        raise Failed(made.stderr.strip())
    container = made.stdout.strip()
    ground.keep(container)
    second = ground.changed(image, "sh", "-c", _CHANGE)

    def tar() -> Sample:
        return ground.clock.measure(ground.plain.job("sh", "-c", _TAR, "sh", container, _new_folder(ground)))

    def tree() -> Sample:
        folder = _new_folder(ground)
        return ground.clock.measure(_unpack(ground, image, folder))._replace(disk=_disk(folder))

    def version() -> Sample:
        folder = _new_folder(ground)
        ground.clock.measure(_unpack(ground, image, folder))
        before = _disk(folder)
        return ground.clock.measure(_unpack(ground, second, folder))._replace(disk=_disk(folder) - before)

    variants = (Variant("tar", tar), Variant("tree", tree), Variant("second", version))
    name = ground.sizes.unpacked.rpartition("/")[2]
    rows = (
        Row(f"`docker export | tar -x` of {name}", "tar"),
        Row(f"**unpack {name}**, from the engine", "tree", "tar", target=Target(1.5)),
        Row(f"CPU of unpacking {name}", "tree", "tar", "cpu"),
        Row(f"peak memory of unpacking {name} (RSS)", "tree", "tar", "peak"),
        Row(f"disk for {name}, unpacked", "tree", measure="disk"),
        Row("**disk for a second version**, 5 % of it changed", "second", "tree", "disk", target=Target(0.10)),
        Row("unpack the second version", "second", "tree"),
    )
    return Race("trees", variants, rows, share=0.2, pause=ground.settle)


def _new_folder(ground: Ground) -> str:
    folder = ground.folder / f"tree-{secrets.token_hex(4)}"
    folder.mkdir()
    ground.caller.own(folder)
    return str(folder)


def _unpack(ground: Ground, image: str, folder: str) -> Job:
    env = ground.plain.env | {"PYTHONPATH": str(_ROOT)}
    program = (sys.executable, "-m", "benchmarks.unpack_image", ground.rig.docker_host, image, folder)
    return Job(program, env, str(ground.plain.work))


def _disk(folder: str) -> float:
    """Return how many MB the files in *folder* take, each counted once."""
    return (
        sum({entry.inode(): entry.stat(follow_symlinks=False).st_blocks for entry in _files(folder)}.values()) * 512e-6
    )


def _files(folder: str) -> Iterator[os.DirEntry[str]]:
    for entry in os.scandir(folder):
        yield entry
        if entry.is_dir(follow_symlinks=False):
            yield from _files(entry.path)
