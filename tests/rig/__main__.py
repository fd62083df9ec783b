"""``python -m tests.rig``: the rig by hand."""

import argparse
import shlex
import sys
import time
from pathlib import Path

from tests import rig


def main(words: list[str]) -> int:
    """Do what the words say; returns the exit code: 0 done, 1 trouble, 2 usage or no engine."""
    parser = argparse.ArgumentParser(prog="python -m tests.rig", description="A real engine and registry for the tests.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start engine and registry, build what is missing")
    commands.add_parser("down", help="stop what `up` started; what is built stays")
    commands.add_parser("status", help="say what is up; exit 1 when nothing is")
    commands.add_parser("env", help="print shell exports: eval \"$(python -m tests.rig env)\"")
    commands.add_parser("images", help="list what the registry serves")
    commands.add_parser("reset", help="remove every image and container from the engine")
    serve = commands.add_parser("serve", help="serve a folder to this machine and to containers, until interrupted")
    serve.add_argument("folder", type=Path)
    serve.add_argument("--port", type=int, default=8099)
    clip = commands.add_parser("clip", help="put clip.mp4 into a folder")
    clip.add_argument("folder", type=Path)
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
    current = rig.current()
    if current is None:
        print("rig: nothing is up; python -m tests.rig up", file=sys.stderr)
        return 1
    return _tell(asked, current)


def _tell(asked: argparse.Namespace, current: rig.Rig) -> int:
    match asked.command:
        case "status":
            for key, value in current._asdict().items():
                if key not in {"refs", "bridge"}:
                    print(f"{key:15} {value}")
        case "env":
            for key, value in current.environment.items():
                print(f"export {key}={shlex.quote(value)}")
        case "images":
            for name, pulled in current.refs.items():
                print(name, *([pulled] if pulled != name else []))
        case "reset":
            current.reset_images()
        case "clip":
            print(current.clip(asked.folder))
        case "serve":
            with current.serve(asked.folder, asked.port) as web:
                print(web.url, web.container_url, flush=True)
                _until_interrupted()
    return 0


def _until_interrupted() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return


sys.exit(main(sys.argv[1:]))
