"""The filter of system calls against the real engine: every call is refused in a sandbox as in a container."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from launcher.sandbox.detect_sandbox import detect_sandbox
from tests.sandbox.ordinary_user import UID

PROGRAM = Path(__file__).with_name("try_calls.py").read_text()
EPERM, EINVAL, ENOSYS = "1", "22", "38"
SET_IDS = {93, 105, 106, 113, 114, 117, 119}  # fchown, setuid, setgid, setreuid, setregid, setresuid, setresgid
NEW_IDS = {f"{number} zeros": (EPERM, EINVAL) for number in SET_IDS}
"""To become uid 0: in the user namespace of an ordinary user's sandbox there is no such user at all."""
ROOT_CAPS = ("CHOWN", "DAC_OVERRIDE", "FOWNER")


@pytest.fixture
def image(engine):
    if not engine.docker("version", "--format", "{{.Server.Version}}").stdout.startswith("20.10."):
        pytest.skip("the list is that of docker 20.10; other engines allow and refuse some other calls")
    if os.uname().machine != "x86_64":
        pytest.skip("the numbers of calls are those of x86_64")
    return engine.ref("docker.io/vimagick/youtube-dl:latest")


def in_container(engine, image, *options):
    words = ["run", "--rm", "--init", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--network", "none"]
    done = engine.docker(*words, *options, "--entrypoint", "python3", image, "-c", PROGRAM)
    return json.loads(done.stdout)


def in_sandbox(filter_path, *options, **who):
    namespaces = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    places = ["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]
    with open(filter_path, "rb") as file:
        number = file.fileno()
        words = ["bwrap", *options, *namespaces, "--die-with-parent", "--cap-drop", "ALL", *places, "--seccomp"]
        python = shutil.which("python3", path="/usr/bin")
        done = subprocess.run(
            [*words, str(number), *CAPS[bool(options)], "--", python, "-c", PROGRAM],
            pass_fds=(number,),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            **who,
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


CAPS = {True: (), False: tuple(word for cap in ROOT_CAPS for word in ("--cap-add", f"CAP_{cap}"))}


def differences(container, sandbox):
    assert container.keys() == sandbox.keys()
    pairs = {name: (container[name], sandbox[name]) for name in container if container[name] != sandbox[name]}
    return {name: pair for name, pair in pairs.items() if "waits" not in pair or {*pair} & {EPERM, ENOSYS}}


def test_an_ordinary_user_may_call_the_same_in_a_sandbox(engine, image, tmp_path):
    container = in_container(engine, image, "--user", f"{UID}:{UID}")
    user = {"user": UID, "group": UID, "extra_groups": []}
    sandbox = in_sandbox(detect_sandbox(str(tmp_path), os.environ).seccomp, "--unshare-user", **user)

    terminal = {name: ("25", EPERM) for name in container if name in OURS}
    assert differences(container, sandbox) == {**NEW_IDS, **terminal}


def test_root_may_call_the_same_in_a_sandbox(engine, image, tmp_path):
    container = in_container(engine, image, *[f"--cap-add={cap}" for cap in ROOT_CAPS])
    sandbox = in_sandbox(detect_sandbox(str(tmp_path), os.environ).seccomp)

    assert differences(container, sandbox) == dict.fromkeys(OURS, ("25", EPERM))


OURS = {f"ioctl {request:#x}" for request in (0x5412, 0x541C, 0x100005412, 0x10000541C)}
"""Requests that put input into a terminal: with an engine it is the program's own (ENOTTY: here it is none)."""
