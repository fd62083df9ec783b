"""The floor: the same container started by `runc run` alone, with no engine, from the bundle that the engine made."""

import json
import subprocess
from pathlib import Path
from typing import Any

from benchmarks.clock import Failed, Job
from benchmarks.ground import Ground, is_root
from tests.rig.programs import find

BUNDLES = "exec/containerd/daemon/io.containerd.runtime.v2.task/moby"


def bare(ground: Ground, container: str, *command: str) -> Job:
    """Return the call that runs *command* as the engine would have it run, minus network; raises `Failed`."""
    runc = find("runc")
    if runc is None or not is_root():
        raise Failed("runc is not installed" if runc is None else "runc alone needs root")
    made = Path(ground.rig.run, BUNDLES, container, "config.json")
    if not made.exists():
        raise Failed("the engine is not the rig's own: its bundle cannot be read")
    bundle = ground.folder / "bundle"
    rootfs = bundle / "rootfs"
    rootfs.mkdir(parents=True)
    _export(ground, container, rootfs)
    name = f"applaunch-bench-{ground.run}"
    (bundle / "config.json").write_text(
        json.dumps(_without_engine(json.loads(made.read_text()), rootfs, name, command))
    )
    return Job((runc, "--root", str(ground.folder / "runc"), "run", "--bundle", str(bundle), name), {}, str(bundle))


def _export(ground: Ground, container: str, rootfs: Path) -> None:
    archive = ground.folder / "rootfs.tar"
    done = ground.rig.docker("export", "--output", str(archive), container)
    if done.returncode:
        raise Failed(done.stderr.strip())
    subprocess.run(["tar", "-xf", archive, "-C", rootfs], check=True)
    archive.unlink()


def _without_engine(config: dict[str, Any], rootfs: Path, name: str, command: tuple[str, ...]) -> dict[str, Any]:
    """Return the engine's own configuration with another program, another root, and no hooks into the engine."""
    process = config["process"] | {"args": list(command), "terminal": False}
    linux = config["linux"] | {"cgroupsPath": f"/{name}"}
    kept = {key: value for key, value in config.items() if key != "hooks"}
    return kept | {"process": process, "linux": linux, "root": {"path": str(rootfs)}}
