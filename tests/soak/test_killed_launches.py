"""Launches that are killed at random moments leave no container and no process; idle containers go when their time is over."""

import random
import subprocess
import time

import pytest

from tests.leftovers import eventually_none, leftovers
from tests.soak import rounds

pytestmark = [pytest.mark.engine, pytest.mark.soak]

COUNT = rounds(short=12, whole=1000)
WARM = rounds(short=5, whole=20)  # seconds that an idle container waits
PATIENCE = 10.0
LONGEST = 0.9  # seconds; a program that sleeps is running by then


@pytest.mark.parametrize("way", ["cold", "fresh", "shared"])
def test_a_launch_that_is_killed_leaves_nothing(engine, home, way):
    dice = random.Random(f"{way} 1")
    image = engine.ref("docker.io/library/busybox:latest")
    warm = {} if way == "cold" else {"warm": f'"{WARM}s"', "reuse": f'"{way}"'}
    home.app("sh", image, entrypoint='["sh"]', network_mode='"none"', **warm)
    home.run("sh", "-c", "true", check=True)
    how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    for _ in range(COUNT):
        if way != "cold" and dice.random() < 0.3:  # one that ends well leaves a container for the next
            home.run("sh", "-c", "true", check=True)
        process = home.popen("sh", "-c", "sleep 600", **how)
        time.sleep(dice.uniform(0, LONGEST))
        process.kill()
        process.wait()

    assert not eventually_none(lambda: leftovers(engine), PATIENCE)
    assert not eventually_none(lambda: leftovers(engine, waiting=True), WARM + PATIENCE), "idle after their time"
    assert not eventually_none(home.processes, PATIENCE)
