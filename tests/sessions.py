"""Session files: what a person types and what it prints. `python -m tests.sessions [--show] FILE...` runs them.

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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests import bare_machine
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


def play(
    text: str, env: dict[str, str], cwd: Path, *, show: bool, prefix: Sequence[str] = ()
) -> Iterator[tuple[Step, int, str]]:
    """Type every step; yield it with its exit code and what it printed (with *show* it goes to the terminal).

    *prefix* are words that run the shell as somebody else, or elsewhere.
    """
    for step in steps(text):
        if show:
            print(f"\n\x1b[1m$ {step.command}\x1b[0m" if sys.stdout.isatty() else f"\n$ {step.command}", flush=True)
        ended = subprocess.run(
            [*prefix, "bash", "-c", step.command],
            env=env,
            cwd=cwd,
            stdin=None if show else subprocess.DEVNULL,
            stdout=None if show else subprocess.PIPE,
            stderr=None if show else subprocess.STDOUT,
            text=True,
            check=False,
        )
        yield step, ended.returncode, ended.stdout or ""


WITHOUT_ENGINE = ("bubblewrap",)
"""The sessions of a user whose machine has no engine (`tests.bare_machine`)."""


def demo(paths: Sequence[Path]) -> int:
    """Show sessions on a real engine, in scratch HOMEs, with a web server that has a clip; returns the exit code."""
    was_up = rigs.current()
    rig = rigs.up(log=lambda line: print(f"rig: {line}", file=sys.stderr, flush=True))
    try:
        for path in paths:
            with tempfile.TemporaryDirectory(prefix="applaunch-demo-") as folder:
                if code := _demo(path, rig, Path(folder)):
                    return code
        return 0
    finally:
        if was_up is None:
            rigs.down(rig)


def _demo(path: Path, rig: rigs.Rig, folder: Path) -> int:
    if path.stem in WITHOUT_ENGINE and (why := bare_machine.why_not(rig)):
        print(f"\n{path} is left out: {why}", file=sys.stderr)
        return 0
    web = folder / "web"
    web.mkdir()
    rig.clip(web)
    with rig.serve(web) as server, scene(path, rig, folder / "scene") as (home, env, prefix):
        work = home / "videos"
        env |= {"CLIP": f"{server.container_url}/clip.mp4"}
        for step, code, _ in play(path.read_text(), env, work, show=True, prefix=prefix):
            if code != step.exit_code:
                print(f"\n{path}:{step.line}: ended with {code}, not {step.exit_code}", file=sys.stderr)
                return 1
    return 0


@contextmanager
def scene(path: Path, rig: rigs.Rig, folder: Path) -> Iterator[tuple[Path, dict[str, str], Sequence[str]]]:
    """Give a scratch HOME with a folder ``videos``, the environment of a session, and the words that run its shell."""
    folder.mkdir(mode=0o755)
    if path.stem not in WITHOUT_ENGINE:
        home = folder / "home"
        (home / "videos").mkdir(parents=True)
        yield home, environment(home, rig.docker_host), ()
        return
    with bare_machine.bare_machine(rig, folder) as bare:
        (bare.home / "videos").mkdir()
        bare_machine.hand_over(bare.home)
        env = environment(bare.home, "", **bare.env)
        yield bare.home, {key: value for key, value in env.items() if key != "DOCKER_HOST"}, bare.prefix


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.sessions")
    parser.add_argument("--show", action="store_true", help="to the terminal, as a demo")
    parser.add_argument("files", type=Path, nargs="+")
    sys.exit(demo(parser.parse_args().files))
