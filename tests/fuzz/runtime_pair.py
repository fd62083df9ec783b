"""The two apps of an example, one for each runtime: runs both, and compares what came of them."""

import json
import os
import random
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from tests import opened
from tests import rig as rigs
from tests.fuzz.call_program import ENDLESS, call_program, ordinary_user
from tests.fuzz.example_files import ExampleFiles
from tests.fuzz.example_setting import Setting
from tests.fuzz.neutral_results import neutral_result
from tests.fuzz.random_entries import Example, random_example
from tests.fuzz.stated_results import expected_result, sandbox_result, without_mount_points
from tests.home import Home

IMAGE = "docker.io/applaunch/probe:latest"
APPS = ("engine", "auto")
"""The apps of all examples, by their runtimes."""
FACTS = Path(__file__).with_name("facts_program.py").read_text()
CALLS = re.findall(r'"([a-z0-9_ ]+)": \(\d', FACTS)
REPEATED = 0.15
"""How many examples run twice more: the first of these saves its plan, the second is run by it."""
WRITABLE = ("/tmp", "/var/tmp", "/run/lock")


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
        self._files = ExampleFiles(self.home.path, self.groups[0], APPS)
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
        journal = self._journal()
        other = self._run("auto", example, setting)
        if any("no engine can carry it" in line for line in engine["stderr"]):
            return Outcome("bubblewrap alone", "", _carried(other, example))
        if engine["exit code"] == other["exit code"] == ENDLESS:
            return Outcome("waits for ever by both", "", {})
        runtime = self._runtime(journal)
        if runtime == "engine":
            return Outcome(runtime, self._why(), {})
        if example.caller.closed:  # a sandboxed program has no such stream, as a native one; a container has
            engine = engine | {name: other[name] for name in ("exit code", "stdout", "stderr")}
        if runtime == "neither" and other["exit code"] in (126, 127):
            engine = engine | {"files": without_mount_points(engine["files"], other["files"])}
        found = differences(expected_result(engine, other, setting), sandbox_result(other, setting))
        repeats = rng.random() < REPEATED
        if repeats:
            self._run("auto", example, setting)
            again = self._run("auto", example, setting)
            found |= {
                f"repeated: {name}": each
                for name, each in differences(sandbox_result(other, setting), sandbox_result(again, setting)).items()
            }
        shown = {key: value for key, value in example.keys.items() if "facts" not in value}
        return Outcome(
            runtime,
            "",
            found,
            repeats,
            f"{shown} {example.caller._replace(typed=b'')} {example.script!r} {example.words}",
        )

    def _runtime(self, journal: list[str]) -> str:
        """Return what ran the program since the *journal* was read; "neither" if it was refused."""
        runs = [json.loads(line) for line in self._journal()[len(journal) :]]
        return str(runs[-1].get("runtime") or "engine") if runs else "neither"

    def _journal(self) -> list[str]:
        files = sorted((self.home.path / ".local/state/applaunch/runs").glob("*.jsonl"))
        return [line for file in files for line in file.read_text().splitlines()]

    def _why(self) -> str:
        said = self.home.run("applaunch", "info", "auto", "--json", check=True)
        return str(json.loads(said.stdout)["runtimes"]["auto"].get("why") or "decided while planning")

    def _run(self, app: str, example: Example, setting: Setting) -> dict[str, Any]:
        self._files.reset()
        env = {**self.home.env, **example.caller.env}
        words = [str(self.home.bin / app)]
        if example.has_facts:
            words += [example.script, json.dumps(example.how)]
        called = call_program(
            [*words, *example.words], env, self.home.path / example.caller.folder, example.caller, self._become
        )
        return neutral_result(called, setting, app) | {"files": self._files.read(app)}


def _namespaces() -> dict[str, int]:
    return {
        name: os.stat(f"/proc/self/ns/{name}").st_ino for name in ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
    }


def _carried(found: dict[str, Any], example: Example) -> dict[str, tuple[Any, Any]]:
    """Compare the bytes of a call that no engine can carry with those that arrived."""
    if "place" not in found:
        return {}
    given = [os.fsencode(word).decode("latin-1") for word in example.words]
    return differences({"argv": given}, {"argv": found["place"]["argv"]})


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
