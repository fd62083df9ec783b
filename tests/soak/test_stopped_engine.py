"""A signal ends a launch at once while dockerd is stopped, and no container is left when it goes on.

In each way (cold, docker-py, fresh, shared) and for each of INT, TERM, HUP and QUIT, dockerd is stopped (SIGSTOP) at even
moments of a launch. docs/engines.md has the times of a whole soak; this is no test of the machine's speed.
"""

import os
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.leftovers import eventually_none, leftovers
from tests.soak import rounds

pytestmark = [pytest.mark.engine, pytest.mark.soak]

COUNT = rounds(short=2, whole=40)
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
PATIENCE = 10.0
LONGEST = {"docker-py": 1.2}
STARTED = 0.04  # seconds; before that it is Python itself that starts
USUAL = 0.6  # seconds; a program that sleeps is running by then


@pytest.mark.parametrize("way", ["cold", "docker-py", "fresh", "shared"])
def test_a_signal_ends_a_launch_while_the_engine_is_stopped(engine, home, way):
    if not engine.started_by_us:
        pytest.skip("the engine is borrowed: it cannot be stopped")
    image = engine.ref("docker.io/library/busybox:latest")
    warm = {"warm": '"60s"', "reuse": f'"{way}"'} if way in ("fresh", "shared") else {}
    home.app("sh", image, entrypoint='["sh"]', network_mode='"none"', **warm)
    home.run("sh", "-c", "true", check=True)
    longest = LONGEST.get(way, USUAL)
    for step in range(COUNT):
        moment = STARTED + (longest - STARTED) * step / COUNT
        for number in SIGNALS:
            said, took, code = stalled(home, engine, way, warm, number, moment)
            told = f"{number.name} at {moment:.3f} s: {took:.3f} s, {code}, {said[-300:]!r}"
            print(told)
            assert code == -number, told
            assert "Traceback" not in said, told
            assert not eventually_none(lambda: leftovers(engine), PATIENCE), told
    if warm:
        home.run("applaunch", "warm", "clear")
    assert not eventually_none(home.processes, 20)


def stalled(home, engine, way, warm, number, moment):
    """Stop dockerd so long after a launch has begun, and send the signal; returns what was said, seconds and code."""
    if warm:
        home.run("applaunch", "warm", "start", "sh")
    env = {"APPLAUNCH_WIRE": "0"} if way == "docker-py" else {}
    how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    process = home.popen("sh", "-c", "exec sleep 600", env=env, **how)
    time.sleep(moment)
    with stopped(engine):
        began = time.monotonic()
        process.send_signal(number)
        said = _said(process)
        return said, time.monotonic() - began, process.returncode


def _said(process):
    """Wait for the end, and return what was said on stderr; one that does not end is killed."""
    try:
        return process.communicate(timeout=10)[1].decode()
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()[1].decode()


@contextmanager
def stopped(rig):
    """Stop the rig's dockerd, as a machine that swaps or a debugger does."""
    pid = int((Path(rig.run) / "dockerd.pid").read_text().split()[0])
    os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(0.02)
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
