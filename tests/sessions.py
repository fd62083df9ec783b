"""Session files: what a person types and what it prints. `python -m tests.sessions [--show] FILE` runs one.

A line that begins with ``$ `` is typed into bash, in a scratch HOME; the lines below it are what stdout and stderr
print together; ``[exit N]`` closes a command that does not end with 0. Within a line ``...`` stands for any text, a
line that is only ``...`` for any lines. ``#`` begins a comment before the first command.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests import rig as rigs

VENV = Path(sys.executable).parent


class Step(NamedTuple):
    """One command of a session, and what is expected of it."""

    line: int
    command: str
    output: tuple[str, ...]
    exit_code: int


def steps(text: str) -> Iterator[Step]:
    """Yield the steps of a session file."""
    found: list[tuple[int, str, list[str]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("$ "):
            found.append((number, line[2:], []))
        elif found:
            found[-1][2].append(line)
    for number, command, lines in found:
        while lines and not lines[-1].strip():
            lines.pop()
        code = re.fullmatch(r"\[exit (\d+)\]", lines[-1]) if lines else None
        yield Step(number, command, tuple(lines[:-1] if code else lines), int(code[1]) if code else 0)


def fits(expected: tuple[str, ...], printed: str) -> bool:
    """Tell whether *printed* is what a session file expects; how wide a column is does not matter."""
    pattern = "".join(_line(_narrow(line)) for line in expected)
    return re.fullmatch(pattern, "".join(f"{_narrow(line)}\n" for line in printed.splitlines())) is not None


def _narrow(line: str) -> str:
    return re.sub(" {2,}", "  ", line.rstrip())


def _line(line: str) -> str:
    if line == "...":
        return r"(?:.*\n)*?"
    return r".*".join(re.escape(part) for part in line.rstrip().split("...")) + r"\n"


def environment(home: Path, docker_host: str, **more: str) -> dict[str, str]:
    """Return the whole environment of a session."""
    path = f"{home}/.local/bin:{VENV}:/usr/local/bin:/usr/bin:/bin"
    fixed = {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", "TERM": os.environ.get("TERM", "dumb")}
    return fixed | {"DOCKER_HOST": docker_host, "APPLAUNCH_ETC": f"{home}/etc"} | more


def play(text: str, env: dict[str, str], cwd: Path, *, show: bool) -> Iterator[tuple[Step, int, str]]:
    """Type every step; yield it with its exit code and what it printed (with *show* it goes to the terminal)."""
    for step in steps(text):
        if show:
            print(f"\n\x1b[1m$ {step.command}\x1b[0m" if sys.stdout.isatty() else f"\n$ {step.command}", flush=True)
        ended = subprocess.run(
            ["bash", "-c", step.command],
            env=env,
            cwd=cwd,
            stdin=None if show else subprocess.DEVNULL,
            stdout=None if show else subprocess.PIPE,
            stderr=None if show else subprocess.STDOUT,
            text=True,
            check=False,
        )
        yield step, ended.returncode, ended.stdout or ""


def demo(path: Path) -> int:
    """Show a session on a real engine, in a scratch HOME, with a web server that has a clip; returns the exit code."""
    was_up = rigs.current()
    rig = rigs.up(log=lambda line: print(f"rig: {line}", file=sys.stderr, flush=True))
    try:
        with tempfile.TemporaryDirectory(prefix="applaunch-demo-") as folder:
            return _demo(path, rig, Path(folder))
    finally:
        if was_up is None:
            rigs.down(rig)


def _demo(path: Path, rig: rigs.Rig, folder: Path) -> int:
    web, home, work = folder / "web", folder / "home", folder / "home/videos"
    web.mkdir()
    work.mkdir(parents=True)
    rig.clip(web)
    with rig.serve(web) as server:
        env = environment(home, rig.docker_host, CLIP=f"{server.container_url}/clip.mp4")
        for step, code, _ in play(path.read_text(), env, work, show=True):
            if code != step.exit_code:
                print(f"\n{path}:{step.line}: ended with {code}, not {step.exit_code}", file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.sessions")
    parser.add_argument("--show", action="store_true", help="to the terminal, as a demo")
    parser.add_argument("file", type=Path)
    sys.exit(demo(parser.parse_args().file))
