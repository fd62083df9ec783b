"""``python -m tests.stalled_launches [COUNT] [--ways WAY ...]``: launches that get a signal while dockerd is stopped.

In each way (cold, docker-py, fresh, shared) and for each of INT, TERM, HUP and QUIT, dockerd is stopped (SIGSTOP) at COUNT even
moments of a launch. The signal must end the launch; ten seconds after dockerd goes on, no container may be left.
"""

import argparse
import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from tests import rig as rigs
from tests.conftest import Home, eventually_none, leftovers

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
WAYS = ("cold", "docker-py", "fresh", "shared")
LIMIT = 0.5  # seconds from the signal to the end of the launch
PATIENCE = 10.0
LONGEST = {"docker-py": 1.2}
STARTED = 0.04  # seconds; before that it is Python itself that starts
USUAL = 0.6  # seconds; a program that sleeps is running by then


def main(words):
    """Stop as often as the words say; returns 0 where every launch ended in time and nothing was left."""
    parser = argparse.ArgumentParser(prog="python -m tests.stalled_launches")
    parser.add_argument("count", nargs="?", type=int, default=40)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    asked = parser.parse_args(words)
    rig = rigs.up(log=lambda line: print(f"rig: {line}", file=sys.stderr))
    sound = True
    for way in asked.ways:
        with tempfile.TemporaryDirectory() as folder:
            home = Home(Path(folder) / "home", rig.docker_host)
            took, left, odd = stalls(home, rig, way, asked.count)
        took.sort()
        late = sum(each > LIMIT for each in took)
        print(
            f"{way}: {len(took)} launches, dockerd stopped: ended in {took[len(took) // 2]:.3f} s (median), {took[-1]:.3f} s at most, "
            f"{late} later than {LIMIT} s; containers left: {left}; other than of its signal or by itself: {odd}",
            flush=True,
        )
        sound = sound and not (late or left or odd)
    return 0 if sound else 1


def stalls(home, rig, way, count):
    """Stop dockerd in *count* launches for each signal; returns the seconds each took, containers left, odd endings."""
    image = rig.ref("docker.io/library/busybox:latest")
    warm = {"warm": '"60s"', "reuse": f'"{way}"'} if way in ("fresh", "shared") else {}
    home.app("sh", image, entrypoint='["sh"]', network_mode='"none"', **warm)
    home.run("sh", "-c", "true", check=True)
    took, left, odd = [], 0, []
    longest = LONGEST.get(way, USUAL)
    for step, number in itertools.product(range(count), SIGNALS):
        moment = STARTED + (longest - STARTED) * step / count
        if warm:
            home.run("applaunch", "warm", "start", "sh")
        env = {"APPLAUNCH_WIRE": "0"} if way == "docker-py" else {}
        how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        process = home.popen("sh", "-c", "exec sleep 600", env=env, **how)
        time.sleep(moment)
        with stopped(rig):
            began = time.monotonic()
            process.send_signal(number)
            said = _said(process)
            took.append(time.monotonic() - began)
        if took[-1] > LIMIT or process.returncode != -number or "Traceback" in said:
            odd += [f"{number.name} at {moment:.3f} s: {took[-1]:.3f} s, {process.returncode}, {said[-300:]!r}"]
        found = eventually_none(lambda: leftovers(rig), PATIENCE)
        left += len(found)
        for each in found:
            print(f"{way}: {number.name} at {moment:.3f} s left {each}", file=sys.stderr, flush=True)
            rig.engine.ask("DELETE", f"/containers{each[0]}", force=1, v=1)
    for each in odd:
        print(f"{way}: {each}", file=sys.stderr, flush=True)
    if warm:
        home.run("applaunch", "warm", "clear")
    eventually_none(home.processes, 20)
    home.run("applaunch", "remove", "sh", check=True)
    return took, left, len(odd)


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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
