"""How deep a launch is nested when its first request leaves for the engine."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import launcher
from launcher.core.values.resolved_image import ResolvedImage
from launcher.host import files
from launcher.host.locations import places
from launcher.state import launch_files, write_launch_file

PACKAGE = Path(launcher.__file__).parent
MOST = 8
"""Calls of ours, from the shim's `main` to the one that writes to the engine's socket, both counted."""

PROGRAM = """
import os, sys, traceback
import launcher.engine.engine_http as http
from launcher.core.run.engine_traits import EngineTraits
from launcher.engine import detect_traits
from launcher.run import shim

class Socket:
    def __init__(self, *_):
        pass

    def settimeout(self, seconds):
        pass

    def connect(self, path):
        tell("connect")

    def sendall(self, data):
        tell("send")
        os._exit(0)

def tell(what):
    frames = [each for each in traceback.extract_stack() if each.filename.startswith(sys.argv[1])]
    print(what, len(frames), *[each.name for each in frames], flush=True)

def no_child():
    raise OSError("no process to be had")

os.fork = no_child
http.socket = type("socket", (), {"AF_UNIX": 0, "socket": Socket})
detect_traits.cached_traits = lambda *_: EngineTraits()
shim.main([sys.argv[2]])
"""


def test_a_request_leaves_for_the_engine_at_most_eight_calls_below_the_shim(home):
    env = home.env | {"DOCKER_HOST": f"unix://{home.path}/sock"}
    name = home.app("mybox", "docker.io/library/busybox:1", network_mode='"none"')
    launch_file_of(home, name)

    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(f"{home.path}/sock")
        engine.listen()
        words = [sys.executable, "-c", PROGRAM, str(PACKAGE), name]
        done = subprocess.run(words, env=env, cwd=home.work, capture_output=True, text=True, check=False)

    told = {what: (int(depth), frames) for what, depth, *frames in map(str.split, done.stdout.splitlines())}
    assert set(told) == {"connect", "send"}, done.stderr
    assert max(depth for depth, _ in told.values()) <= MOST, told


def launch_file_of(home, name):
    """Make what the first launch of *name* makes, its image and the names of its users: the common case."""
    known = places(home.env, str(home.path))
    launch_file = launch_files.read(known.current, name).with_image(ResolvedImage(image_id="sha256:1"))
    write_launch_file.write(known.current, launch_file)
    for kind in ("", "-kept"):  # for an ordinary user, and for root
        for file in ("passwd", "group"):
            files.create(f"{known.accounts}/1-{os.getuid()}-{os.getgid()}{kind}/{file}", "")
