"""``python -m tests.killed_launches [COUNT] [--ways WAY ...]``: launches killed at random moments, and what is left of them.

COUNT launches in each way (cold, fresh, shared) are killed with SIGKILL somewhere on their way. Then no container is there
but idle ones, no process of ours runs, and the idle ones are gone when their time is over.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import rig as rigs
from tests.conftest import Home, eventually_none, leftovers

WARM = 20.0  # seconds that an idle container waits
PATIENCE = 10.0
LONGEST = 0.9  # seconds; a program that sleeps is running by then


def main(words):
    """Kill as many as the words say; returns 0, or raises AssertionError with what was left."""
    parser = argparse.ArgumentParser(prog="python -m tests.killed_launches")
    parser.add_argument("count", nargs="?", type=int, default=1000)
    parser.add_argument("--ways", nargs="+", choices=("cold", "fresh", "shared"), default=["cold", "fresh", "shared"])
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(words)
    rig = rigs.up(log=lambda line: print(f"rig: {line}", file=sys.stderr))
    for way in asked.ways:
        with tempfile.TemporaryDirectory() as folder:
            home = Home(Path(folder) / "home", rig.docker_host)
            idle = kill(home, rig, way, asked.count, random.Random(f"{way} {asked.seed}"))
        print(
            f"{way}: {asked.count} launches killed; {idle} idle containers afterwards, none after their time",
            flush=True,
        )
    return 0


def kill(home, rig, way, count, dice):
    """Kill *count* launches, and look at what is left; returns how many idle containers were there at the end."""
    image = rig.ref("docker.io/library/busybox:latest")
    warm = {} if way == "cold" else {"warm": f'"{WARM:.0f}s"', "reuse": f'"{way}"'}
    home.app("sh", image, entrypoint='["sh"]', network_mode='"none"', **warm)
    home.run("sh", "-c", "true", check=True)
    how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    for number in range(count):
        if way != "cold" and dice.random() < 0.3:  # one that ends well leaves a container for the next
            home.run("sh", "-c", "true", check=True)
        process = home.popen("sh", "-c", "sleep 600", **how)
        time.sleep(dice.uniform(0, LONGEST))
        process.kill()
        process.wait()
        if (number + 1) % 100 == 0:
            print(f"{way}: {number + 1}", file=sys.stderr, flush=True)
    left = eventually_none(lambda: leftovers(rig), PATIENCE)
    assert not left, f"{way}: left behind: {left}"
    idle = len(leftovers(rig, waiting=True))
    left = eventually_none(lambda: leftovers(rig, waiting=True), WARM + PATIENCE)
    assert not left, f"{way}: idle after their time: {left}"
    assert not eventually_none(home.processes, PATIENCE), f"{way}: a process is left"
    home.run("applaunch", "remove", "sh", check=True)
    return idle


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
