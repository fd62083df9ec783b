"""The engine and bubblewrap compared on random entries and calls: `python -m tests.fuzz.fuzz_runtimes [COUNT] [--seed N]`.

Each example is an entry with random keys, and a call of it by an ordinary user. The engine runs it, then whatever
applaunch chooses, which is bubblewrap if it gives the same run; some examples run again, as a repeated call does. What
came of them (exit code, streams, files with their owners and modes) and what the program saw (`facts_program`) is
compared value by value, with the differences that `stated_differences` tells and no others. What the engine has to run
is counted apart.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from tests import opened
from tests import rig as rigs
from tests.fuzz.call_program import Called, call_program, ordinary_user
from tests.fuzz.random_entries import Example, random_example
from tests.fuzz.stated_differences import Setting, expected_facts, made_folder, neutral_facts, refused, sandbox_mounts
from tests.home import Home

IMAGE = "docker.io/applaunch/probe:latest"
APPS = ("engine", "auto")
"""The apps of all examples, by their runtimes."""
FACTS = Path(__file__).with_name("facts_program.py").read_text()
CALLS = re.findall(r'"([a-z0-9_ ]+)": \(\d', FACTS)
REPEATED = 0.15
"""How many examples run twice more: the first of these saves its plan, the second is run by it."""


class Outcome(NamedTuple):
    """What came of an example."""

    runtime: str
    """What ran it by applaunch's choice: only bubblewrap is a comparison."""
    reason: str
    """Why the engine had to."""
    differences: dict[str, tuple[Any, Any]]
    repeated: bool = False
    keys: str = ""


class Pair:
    """A home with an app that the engine runs, and one that bubblewrap runs where it can."""

    def __init__(self, folder: Path, rig: rigs.Rig) -> None:
        """Make the home of an ordinary user on the engine of *rig*."""
        self.home = Home(folder / "home", rig.docker_host).ordinary()
        opened.open_tunnels()
        self.groups = (os.stat(rig.docker_host.removeprefix("unix://")).st_gid,)
        self._become = ordinary_user(*self.groups)
        self._image = rig.ref(IMAGE)
        self._write({})
        for app in APPS:
            self.home.run("applaunch", "add", app, check=True)
        self.home.run("applaunch", "pull", "auto", check=True)
        (tree,) = (self.home.path / ".local/share/applaunch/images").glob("*/tree.json")
        self._rootfs = tree.parent / "rootfs"
        self._setting = Setting(
            {},
            None,
            opened.UID,
            self.home.path,
            self._rootfs,
            WRITABLE,
            _namespaces(),
            str(Path(rig.docker_host.removeprefix("unix://")).parent),
            {},
        )

    def _write(self, keys: dict[str, str]) -> None:
        for app in APPS:
            lines = "".join(f"{key} = {value}\n" for key, value in {"runtime": f'"{app}"', **keys}.items())
            text = f'schema = 1\n[apps.{app}]\nimage = "{self._image}"\n{lines}'
            tomllib.loads(text)
            (self.home.config("catalog.d") / f"{app}.toml").write_text(text)
        for path in (*self.home.config("catalog.d").iterdir(), self.home.config("catalog.d"), self.home.config()):
            os.chown(path, opened.UID, opened.UID)

    def end(self) -> None:
        """Remove the unpacked images, whose folders may be closed even to their owner."""
        self.home.run("applaunch", "remove", *APPS)
        images = self.home.path / ".local/share/applaunch/images"
        if images.exists():
            subprocess.run(["chmod", "-R", "u+w", images], check=True)
            shutil.rmtree(images)

    def compare(self, seed: str) -> Outcome:
        """Run the example of *seed* by both, and compare what came of it."""
        rng = random.Random(seed)
        example = random_example(rng, str(self.home.path), FACTS, self.groups, CALLS)
        self._write(example.keys)
        setting = self._setting._replace(keys=example.keys, caller=example.caller)
        engine = self._run("engine", example, setting)
        other = self._run("auto", example, setting)
        if any("no engine can carry it" in line for line in engine["stderr"]):
            return Outcome("bubblewrap alone", "", _carried(other, example))
        runtime = self._last_run()
        if runtime == "engine":
            return Outcome(runtime, self._why(), {})
        if example.caller.closed:  # a sandboxed program has no such stream, as a native one; a container has
            engine = engine | {name: other[name] for name in ("exit code", "stdout", "stderr")}
        if runtime == "neither" and other["exit code"] in (126, 127):
            engine = engine | {"files": _without_mount_points(engine["files"], other["files"])}
        found = differences(_expected(engine, other, setting), _sandbox(other, setting))
        repeats = rng.random() < REPEATED
        if repeats:
            self._run("auto", example, setting)
            again = self._run("auto", example, setting)
            found |= {
                f"repeated: {name}": each
                for name, each in differences(_sandbox(other, setting), _sandbox(again, setting)).items()
            }
        shown = {key: value for key, value in example.keys.items() if "facts" not in value}
        return Outcome(
            runtime,
            "",
            found,
            repeats,
            f"{shown} {example.caller._replace(typed=b'')} {example.script!r} {example.words}",
        )

    def _last_run(self) -> str:
        """Return what ran the last program; "neither" if it was refused."""
        lines = []
        for file in sorted((self.home.path / ".local/state/applaunch/runs").glob("*.jsonl")):
            lines += file.read_text().splitlines()[-1:]
        run = json.loads(lines[-1]) if lines else {"command": ""}
        return str(run.get("runtime") or "engine") if run["command"] == "auto" else "neither"

    def _why(self) -> str:
        said = self.home.run("applaunch", "info", "auto", "--json", check=True)
        return str(json.loads(said.stdout)["runtimes"]["auto"].get("why") or "decided while planning")

    def _run(self, app: str, example: Example, setting: Setting) -> dict[str, Any]:
        self._reset()
        env = {**self.home.env, **example.caller.env}
        words = [str(self.home.bin / app)]
        if example.has_facts:
            words += [example.script, json.dumps(example.how)]
        called = call_program(
            [*words, *example.words], env, self.home.path / example.caller.folder, example.caller, self._become
        )
        return _neutral(called, setting, app) | {"files": self._files(app)}

    def _reset(self) -> None:
        """Make the folders of the example as they were, the folders themselves staying the same."""
        for name, contents in CONTENTS.items():
            folder = self.home.path / name
            if folder.exists():
                for each in folder.iterdir():
                    shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()
            folder.mkdir(exist_ok=True)
            for file, content in contents.items():
                if content is None:
                    (folder / file).mkdir()
                elif content.startswith("->"):
                    (folder / file).symlink_to(content[2:])
                else:
                    (folder / file).write_text(content)
                    (folder / file).chmod(0o644)
        for name in ("left", "given", "made", "absent"):
            (self.home.path / name).unlink(missing_ok=True)
        (self.home.path / ".bashrc").write_text("rc\n")
        for app in APPS:
            shutil.rmtree(self.home.path / ".local/share/applaunch/homes" / app, ignore_errors=True)
        shutil.rmtree(self.home.path / ".config/tool", ignore_errors=True)
        for path in (*self._paths(), self.home.path / ".bashrc"):
            os.chown(path, opened.UID, opened.UID, follow_symlinks=False)
            os.utime(path, (1e9, 1e9), follow_symlinks=False)
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        os.chown(self.home.path / "kept/foreign", 0, 0)
        os.chown(self.home.path / "kept/grouped", 0, self.groups[0])
        (self.home.path / "kept/grouped").chmod(0o640)

    def _paths(self) -> list[Path]:
        found = []
        for name in CONTENTS:
            folder = self.home.path / name
            found += [folder, *folder.rglob("*")]
        return sorted(found)

    def _files(self, app: str) -> dict[str, Any]:
        kept = self.home.path / ".local/share/applaunch/homes" / app
        found = {
            str(path.relative_to(self.home.path)): _file(path) for path in (*self._paths(), self.home.path / ".bashrc")
        }
        return (
            found
            | {f"HOME/{path.relative_to(kept)}": _file(path) for path in sorted(kept.rglob("*"))}
            | {
                name: _file(self.home.path / name)
                for name in ("left", "absent", "made")
                if (self.home.path / name).exists()
            }
        )


CONTENTS: dict[str, dict[str, str | None]] = {
    "work": {"given": "content\n", "sub": None, "sub/given": "inner\n"},
    "kept": {
        "file": "kept\n",
        "sub": None,
        "none": None,
        "link": "->sub",
        "sub/file": "deep\n",
        "foreign": "root's\n",
        "grouped": "group's\n",
    },
    "shown": {"file": "shown\n", "sub": None, "none": None},
    ".ssh": {"id_rsa": "secret\n"},
}
"""The files of every example; None: a folder."""
WRITABLE = ("/tmp", "/var/tmp", "/run/lock")  # noqa: S108  the image's


def _namespaces() -> dict[str, int]:
    return {
        name: os.stat(f"/proc/self/ns/{name}").st_ino for name in ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
    }


def _file(path: Path) -> list[Any]:
    status = path.lstat()
    content = os.readlink(path) if path.is_symlink() else path.read_bytes().decode("latin-1") if path.is_file() else ""
    content = content if len(content) < 500 else f"{content[:100]}... {len(content)}"
    return [status.st_uid, status.st_gid, f"{status.st_mode:o}", status.st_nlink, content]


def _neutral(called: Called, setting: Setting, app: str) -> dict[str, Any]:
    """Return what came of a call, without what differs between any two runs."""
    out, facts = called.out.decode("latin-1"), {}
    if "\x1e" in out:
        before, _, rest = out.partition("\x1e")
        text, _, after = rest.partition("\x1f")
        out, facts = before + after, neutral_facts(json.loads(text), setting, app)
    err = called.err.decode("latin-1").replace(f"[apps.{app}]", "[apps.APP]").replace(f"/{app}.toml", "/APP.toml")
    err = re.sub(r"overlay2/.*|homes/\w+.*", "...", err)
    err = re.sub(rf"^applaunch: {app}\b", "applaunch: APP", err, flags=re.M)
    return {"exit code": called.code, "stdout": out.splitlines(), "stderr": err.splitlines(), **facts}


def _carried(found: dict[str, Any], example: Example) -> dict[str, tuple[Any, Any]]:
    """Compare the bytes of a call that no engine can carry with those that arrived."""
    if "place" not in found:
        return {}
    given = [os.fsencode(word).decode("latin-1") for word in example.words]
    return differences({"argv": given}, {"argv": found["place"]["argv"]})


def _expected(engine: dict[str, Any], other: dict[str, Any], setting: Setting) -> dict[str, Any]:
    facts = {name: value for name, value in engine.items() if name not in ("exit code", "stdout", "stderr", "files")}
    found, own = engine | (expected_facts(facts, setting) if facts else {}), [setting.uid, setting.uid]
    if facts:
        for key, value in found["writable"].items():
            if made_folder("writable", key, value, other.get("writable", {}).get(key), setting, facts):
                found["writable"] = found["writable"] | {key: "yes"}
    for section in ("writable", "proc"):
        found[section] = _with_refusals(section, found.get(section), other.get(section))
    found["files"] = {path: _mount_point(path, value, own) for path, value in found["files"].items()}
    found["stderr"] = [_refusal(mine, theirs) for mine, theirs in _pairs(found["stderr"], other["stderr"])]
    return found


def _mount_point(path: str, value: list[Any], own: list[int]) -> list[Any]:
    """Return what a mount point is like that bwrap makes in a home that is kept: the engine's belong to root."""
    if path.startswith("HOME/") and value[:3] == [0, 0, "40755"]:
        return [*own, *value[2:]]
    return [*own, "100444", 1, ""] if path.startswith("HOME/") and value == [0, 0, "100755", 1, ""] else value


def _without_mount_points(mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Return the files without the mount points in a kept home that an engine makes for a program that cannot start."""
    points = {path for path, value in mine.items() if path not in theirs and path.startswith("HOME/")}
    return {path: value for path, value in mine.items() if path not in points or value[:2] != [0, 0]}


def _pairs(mine: list[str], theirs: list[str]) -> list[tuple[str, str]]:
    return list(zip(mine, [*theirs, *([""] * len(mine))], strict=False))


def _refusal(line: str, seen: str) -> str:
    """Return what a program in a sandbox says of what it may not do: the image is read-only, and has no other users."""
    for mine, theirs in (
        ("Permission denied", "Read-only file system"),
        ("Operation not permitted", "Invalid argument"),
    ):
        if line.replace(mine, theirs) == seen:
            return seen
    if "/proc/" in line and line.replace("Read-only file system", "Permission denied") == seen:
        return seen
    return line


def _with_refusals(section: str, mine: Any, theirs: Any) -> Any:
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return {key: _with_refusals(section, value, theirs.get(key)) for key, value in mine.items()}
    if isinstance(mine, list) and isinstance(theirs, list):
        return [_with_refusals(section, *each) for each in zip(mine, theirs, strict=False)]
    return theirs if refused(section, mine, theirs) else mine


def _sandbox(found: dict[str, Any], setting: Setting) -> dict[str, Any]:
    if "mounts" not in found:
        return found
    mounts = sandbox_mounts(found["mounts"], setting)
    return found | {"mounts": {place: value for place, value in mounts.items() if value != "a stand-in"}}


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the sections in which the two differ, reduced to the values that do."""
    found = {}
    for name in dict.fromkeys([*one, *other]):
        mine, theirs = one.get(name), other.get(name)
        if mine == theirs:
            continue
        if isinstance(mine, dict) and isinstance(theirs, dict):
            keys = [key for key in dict.fromkeys([*mine, *theirs]) if mine.get(key) != theirs.get(key)]
            mine, theirs = {key: mine.get(key) for key in keys}, {key: theirs.get(key) for key in keys}
        found[name] = (mine, theirs)
    return found


def main(words: list[str]) -> int:
    """Run the examples that are asked for, and print each difference as it comes."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.fuzz_runtimes")
    parser.add_argument("count", nargs="?", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first example")
    asked = parser.parse_args(words)
    counts, reasons, began = Counter[str](), Counter[str](), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        pair = Pair(Path(folder), rigs.up(log=lambda _: None))
        for number in range(asked.first, asked.first + asked.count):
            try:
                outcome = pair.compare(f"{asked.seed}/{number}")
            except Exception:  # noqa: BLE001  one example shall not end a run of hours
                outcome = Outcome("bubblewrap", "", {"not compared": (traceback.format_exc(), "")})
            counts[outcome.runtime] += 1
            counts["repeated"] += outcome.repeated
            counts["differences"] += len(outcome.differences)
            if outcome.runtime in ("engine", "neither"):
                reasons[re.sub(r" = .*", "", outcome.reason)] += 1
            for section, (mine, theirs) in outcome.differences.items():
                sys.stdout.write(
                    f"{asked.seed}/{number} {section}\n  expected   {mine}\n  bubblewrap {theirs}\n  {outcome.keys}\n"
                )
                sys.stdout.flush()
        pair.end()
    seconds = time.monotonic() - began
    sys.stdout.write(f"run by the engine: {dict(reasons)}\n")
    sys.stdout.write(f"{asked.count} examples, seed {asked.seed}, {seconds:.0f} s: {dict(counts)}\n")
    return 1 if counts["differences"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
