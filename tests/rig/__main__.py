"""``python -m tests.rig``: the rig by hand."""

import argparse
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests import rig
from tests.rig import engines


def main(words: list[str]) -> int:
    """Do what the words say; returns the exit code: 0 done, 1 trouble, 2 usage or no engine."""
    parser = argparse.ArgumentParser(prog="python -m tests.rig", description="A real engine and registry.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start engine and registry, build what is missing")
    commands.add_parser("down", help="stop what `up` started; what is built stays")
    commands.add_parser("status", help="say what is up; exit 1 when nothing is")
    commands.add_parser("env", help='print shell exports: eval "$(python -m tests.rig env)"')
    commands.add_parser("images", help="list what the registry serves")
    commands.add_parser("reset", help="remove every image and container from the engine")
    serve = commands.add_parser("serve", help="serve a folder to this machine and to containers, until interrupted")
    serve.add_argument("folder", type=Path)
    serve.add_argument("--port", type=int, default=8099)
    clip = commands.add_parser("clip", help="put clip.mp4 into a folder")
    clip.add_argument("folder", type=Path)
    other = commands.add_parser("with", help="run a command with another engine, which ends with it")
    other.add_argument("engine", choices=engines.COLUMNS)
    other.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND", help="sees DOCKER_HOST")
    asked = parser.parse_args(words)
    try:
        return _do(asked)
    except rig.RigError as error:
        print(error, file=sys.stderr)
        return error.exit_code


def _do(asked: argparse.Namespace) -> int:
    if asked.command == "up":
        began = time.monotonic()
        found = rig.up(log=lambda text: print(f"rig: {text}", file=sys.stderr, flush=True))
        print(f"up: {found.docker_host} registry {found.registry} ({time.monotonic() - began:.1f} s)")
        return 0
    if asked.command == "down":
        rig.down()
        return 0
    if asked.command == "with":
        return _with(asked)
    current = rig.current()
    if current is None:
        print("rig: nothing is up; python -m tests.rig up", file=sys.stderr)
        return 1
    _DO[asked.command](current, asked)
    return 0


def _with(asked: argparse.Namespace) -> int:
    def log(text: str) -> None:
        print(f"rig: {text}", file=sys.stderr, flush=True)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # or the engine would outlast us
    with engines.started(asked.engine, rig.up(log), log) as found:
        return subprocess.run(asked.words, env=os.environ | found.environment, check=False).returncode


def _status(current: rig.Rig, _: argparse.Namespace) -> None:
    for key, value in current._asdict().items():
        if key not in {"refs", "bridge"}:
            print(f"{key:15} {value}")


def _env(current: rig.Rig, _: argparse.Namespace) -> None:
    for key, value in current.environment.items():
        print(f"export {key}={shlex.quote(value)}")


def _images(current: rig.Rig, _: argparse.Namespace) -> None:
    for name, pulled in current.refs.items():
        print(name, *([pulled] if pulled != name else []))


def _serve(current: rig.Rig, asked: argparse.Namespace) -> None:
    with suppress(KeyboardInterrupt), current.serve(asked.folder, asked.port) as web:
        print(web.url, web.container_url, flush=True)
        while True:
            time.sleep(3600)


_DO: dict[str, Callable[[rig.Rig, argparse.Namespace], None]] = {
    "status": _status,
    "env": _env,
    "images": _images,
    "reset": lambda current, _: current.reset_images(),
    "clip": lambda current, asked: print(current.clip(asked.folder)),
    "serve": _serve,
}

sys.exit(main(sys.argv[1:]))
