"""Signals that end a management command: what it began is undone, at whatever moment they come."""

import json
import os
import signal
import subprocess
import time

import pytest

from launcher.cli.interruption import Interruption, SignalReceived

MOMENTS = [
    *((each / 1000, 0) for each in (0, 5, 10, 20, 40, 60, 90, 120, 400, 3000)),
    *((0.0, shims) for shims in (1, 2, 5, 10, 15, 18, 20)),
]
"""Seconds after a command has begun to listen, and how many shims are there by then."""


def history(home):
    return json.loads(home.run("applaunch", "history", "list", "--json", check=True).stdout)


def installed(home):
    return [each["name"] for each in json.loads(home.run("applaunch", "list", "--json", check=True).stdout)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_installation_is_complete_or_undone(home, number):
    home.catalog("".join(f'[apps.app{each}]\nimage = "docker.io/x/app{each}:1"\n' for each in range(20)))
    apps = [f"app{each}" for each in range(20)]
    ends = set()
    for moment, shims in MOMENTS:
        child = home.popen(
            "applaunch", "add", *apps, "-y", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        while child.poll() is None and not is_in(child.pid, "SigCgt", signal.SIGTERM):
            time.sleep(0.002)
        time.sleep(moment)
        while child.poll() is None and len([*home.bin.glob("*")]) < shims:
            time.sleep(0.001)
        child.send_signal(number)
        _, said = child.communicate(timeout=60)
        ends.add(child.returncode)

        done = installed(home)
        assert done in ([], sorted(apps))
        assert "Traceback" not in said
        assert said.count("applaunch: interrupted; partial changes were undone") <= 1
        assert sorted(each.name for each in home.bin.glob("*")) == done
        assert all(each["status"] in {"Ok", "Failed"} for each in history(home))
        if done:
            home.run("applaunch", "remove", *apps, check=True)

    assert ends <= {0, -number, 130}
    assert len(ends) > 1
    assert any(each["status"] == "Failed" for each in history(home)), "no signal came in the middle of a transaction"
    found = [each for each in home.run("applaunch", "doctor").stdout.splitlines() if each.startswith("✗")]
    assert all(each.split()[1] in {"engine", "path"} for each in found), found


def test_a_signal_that_is_ignored_stays_ignored(home):
    code = "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execvp(sys.argv[1], sys.argv[1:])"
    child = home.popen("python", "-c", code, "applaunch", "add", "jq", "-y", stdout=subprocess.DEVNULL)
    for _ in range(20):
        child.send_signal(signal.SIGHUP) if child.poll() is None and is_in(child.pid, "SigIgn", signal.SIGHUP) else None
        time.sleep(0.03)

    assert child.wait(60) == 0
    assert installed(home) == ["jq"]


def is_in(pid, which, number):
    """Tell whether a signal is in one of the masks of process *pid*: those that it ignores, or catches."""
    with open(f"/proc/{pid}/status") as file:
        mask = next(line for line in file if line.startswith(which))
    return bool(int(mask.split()[1], 16) & 1 << (number - 1))


def test_a_signal_in_the_middle_of_a_destructor_is_not_lost(capfd):
    class Thing:
        def __del__(self):
            os.kill(os.getpid(), signal.SIGTERM)

    with Interruption() as interruption, pytest.raises(SignalReceived, match="SIGTERM"):
        time.sleep(5 * bool(Thing()))

    assert interruption.signal == signal.SIGTERM
    assert capfd.readouterr().err == ""
