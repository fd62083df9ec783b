"""An image unpacked for bubblewrap, against the engine's own export piped into tar."""

import secrets
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.clock import Failed, Job, Sample
from benchmarks.ground import Ground
from benchmarks.race import Race, Row, Target, Variant

_ROOT = Path(__file__).parents[2]
_TAR = 'docker export "$1" | tar -x -C "$2"'


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
    env = ground.plain.env | {"PYTHONPATH": str(_ROOT)}
    program = (sys.executable, "-m", "benchmarks.unpack_image", ground.rig.docker_host, image)

    def tar(folder: str) -> Job:
        return ground.plain.job("sh", "-c", _TAR, "sh", container, folder)

    def unpack(folder: str) -> Job:
        return Job((*program, folder), env, str(ground.plain.work))

    variants = (Variant("tar", _fresh(ground, tar)), Variant("tree", _fresh(ground, unpack)))
    name = ground.sizes.unpacked.rpartition("/")[2]
    rows = (
        Row(f"`docker export | tar -x` of {name}", "tar"),
        Row(f"**unpack {name}**, from the engine", "tree", "tar", target=Target(1.5)),
        Row(f"CPU of unpacking {name}", "tree", "tar", "cpu"),
        Row(f"peak memory of unpacking {name} (RSS)", "tree", "tar", "peak"),
    )
    return Race("trees", variants, rows, share=0.2, pause=ground.settle)


def _fresh(ground: Ground, job: Callable[[str], Job]) -> Callable[[], Sample]:
    def once() -> Sample:
        folder = ground.folder / f"tree-{secrets.token_hex(4)}"
        folder.mkdir()
        return ground.clock.measure(job(str(folder)))

    return once
