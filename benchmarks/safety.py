"""What each safety feature adds to a launch: `python -m benchmarks.safety [ROUNDS]`, against the rig's engine.

Every round runs each variant once, in turn, so that whatever else the machine does hits all alike; what is shown
are medians in milliseconds from create to exit, and the difference to a container with none of the features.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from launcher.core.values.mount import Mount
from launcher.core.values.run_spec import RunSpec
from launcher.engine import run_session
from launcher.engine.docker_client import connect
from launcher.engine.endpoint import Endpoint
from launcher.engine.sdk_engine import SdkEngine
from launcher.host.terminal import Terminal
from launcher.host.watcher import Watcher
from tests import rig as rigs

IMAGE = "docker.io/library/busybox:latest"
HOME = "/home/ana"


def variants(folder: Path) -> dict[str, RunSpec]:
    """Return the bare container, the bare one with each feature, and one with all of them."""
    (folder / "passwd").write_text("ana:x:1000:1000:ana:/home/ana:/bin/sh\nroot:x:0:0:root:/root:/bin/sh\n")
    (folder / "group").write_text("ana:x:1000:\nroot:x:0:\n")
    bare = RunSpec(IMAGE, command=("true",), network_mode="none", init=False, stdin=False)
    names = (
        Mount(f"{folder}/passwd", "/etc/passwd", read_only=True),
        Mount(f"{folder}/group", "/etc/group", read_only=True),
    )
    features = {
        "init": {"init": True},
        "labels": {"labels": tuple((f"applaunch.{key}", "x") for key in ("app", "command", "run", "pid", "started"))},
        "passwd and group": {"mounts": names},
        "home (tmpfs)": {"tmpfs": ((HOME, "uid=1000,gid=1000,mode=0700"),)},
        "caller's uid": {"user": "1000:1000"},
        "no capabilities": {"cap_drop": ("ALL",)},
        "no-new-privileges": {"security_opt": ("no-new-privileges:true",)},
    }
    each = {name: bare._replace(**changes) for name, changes in features.items()}
    merged = {key: value for changes in features.values() for key, value in changes.items()}
    return {"none of them": bare, **each, "all of them": bare._replace(**merged)}


def timed(work: Callable[[], object]) -> float:
    """Return how many milliseconds *work* takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def watched() -> None:
    """Start a watcher and say farewell."""
    with Watcher(lambda: None, lambda: None):
        pass


def main(rounds: int) -> None:
    """Measure and print the table."""
    rig = rigs.up(log=lambda line: print(f"rig: {line}", file=sys.stderr))
    client = connect(Endpoint(rig.docker_host))
    rig.docker("pull", "-q", rig.ref(IMAGE))
    engine = SdkEngine(client, rig.docker_host, "docker")
    with tempfile.TemporaryDirectory() as folder:
        specs = variants(Path(folder))
        times: dict[str, list[float]] = {name: [] for name in (*specs, "watcher")}
        for _ in range(rounds):
            for name, spec in specs.items():
                with Terminal() as terminal:
                    times[name].append(timed(lambda: run_session.run_container(spec, engine, terminal)))  # noqa: B023  called at once
            times["watcher"].append(timed(watched))
    base = statistics.median(times["none of them"])
    print(f"| feature | median ms | adds ms |\n|---|---|---|  <!-- {rounds} rounds -->")
    for name, values in times.items():
        median = statistics.median(values)
        added = median if name == "watcher" else median - base
        print(f"| {name} | {median:.1f} | {added:+.1f} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 25)
