"""The ground that races run on: the rig's engine, scratch homes with real shims, the docker CLI, and a clean end."""

import os
import secrets
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.caller import Caller
from benchmarks.clock import Clock, Failed, Job
from benchmarks.sizes import Sizes
from tests import sessions
from tests.rig import Rig
from tests.rig.programs import find

IMAGE = "docker.io/library/busybox:latest"
LABEL = "applaunch.bench"
PATIENCE = 3.0  # seconds for the engine to be done with what has ended
STAYS = 1.0  # seconds after which a container that still runs is not one that is on its way out


class Home(NamedTuple):
    """A scratch HOME, its apps set up by the real CLI."""

    path: Path
    env: dict[str, str]
    caller: Caller

    @property
    def work(self) -> Path:
        """Where its programs are called."""
        return self.path / "work"

    def add(self, catalog: str, *names: str) -> None:
        """Write the user's catalog and install apps of it; raises `Failed` with what applaunch says."""
        path = self.path / ".config/applaunch/catalog.toml"
        path.parent.mkdir(parents=True)
        path.write_text(f"schema = 1\n{catalog}")
        self.caller.own(self.path)
        self.told("add", *names)

    def told(self, *words: str) -> str:
        """Run `applaunch` and return what it prints; raises `Failed`."""
        argv = [*self.caller.prefix, str(sessions.VENV / "applaunch"), *words]
        done = subprocess.run(argv, env=self.env, cwd=self.work, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed((done.stderr.strip() or f"exit {done.returncode}").splitlines()[-1])
        return str(done.stdout)

    def job(self, *words: str, **how: Any) -> Job:
        """Return the call of a program of this home's PATH, as its user would make it."""
        env = self.env | how.pop("env", {})
        program = shutil.which(words[0], path=env["PATH"])
        if program is None:
            raise Failed(f"{words[0]} is not on PATH")
        return Job((program, *words[1:]), env, str(self.work), **how)


class Everyday(NamedTuple):
    """A home and the names of its apps, which an engine runs but for the last."""

    home: Home
    bridged: str
    alone: str
    sandboxed: str


class Ground:
    """Everything that the races share."""

    def __init__(self, rig: Rig, folder: Path, caller: Caller, clocks: tuple[Clock, Clock], sizes: Sizes) -> None:
        """Bring the image that everything runs; the clocks measure the caller's programs, and those of this user."""
        self.rig, self.folder, self.caller, self.sizes = rig, folder, caller, sizes
        self.clock, self.native_clock = clocks
        self.run = secrets.token_hex(3)
        self.image = rig.ref(IMAGE)
        self.label = f"{LABEL}={self.run}"
        self._kept: set[str] = set()
        self._images: list[str] = []
        pulled = rig.docker("pull", "-q", self.image)
        if pulled.returncode:
            raise Failed(pulled.stderr.strip())

    def home(self, name: str) -> Home:
        """Return a new home."""
        path = self.folder / name
        (path / "work").mkdir(parents=True)
        self.caller.own(path)
        return Home(path, sessions.environment(path, self.rig.docker_host, TERM="dumb"), self.caller)

    @cached_property
    def plain(self) -> Home:
        """The home from which docker is called."""
        return self.home("plain")

    @cached_property
    def everyday(self) -> Everyday:
        """A home with the app that most races call, and the same app without network, by an engine and bubblewrap."""
        home = self.home("everyday")
        bridged, bridged_table = self.app("bridge", network_mode='"bridge"')
        alone, alone_table = self.app("none", network_mode='"none"')
        sandboxed, sandboxed_table = self.app("bubblewrap", network_mode='"none"', runtime='"bubblewrap"')
        home.add(bridged_table + alone_table + sandboxed_table, bridged, alone, sandboxed)
        home.told("run", bridged, "true")  # its image is found and held: from now on docker's line names the digest too
        return Everyday(home, bridged, alone, sandboxed)

    def app(self, name: str, **keys: str) -> tuple[str, str]:
        """Return an app's name, of this run only, and its table; *keys* are TOML. An engine runs it by default."""
        keys = {"image": f'"{self.image}"', "runtime": '"engine"'} | keys
        named = f"bench-{self.run}-{name}"
        lines = "".join(f"{key} = {value}\n" for key, value in keys.items())
        return named, f"[apps.{named}]\n{lines}"

    def alias(self, *command: str, options: Sequence[str] = (), **how: Any) -> Job:
        """Return `docker run --rm -i IMAGE COMMAND`."""
        return self.docker("run", "--rm", "-i", "--label", self.label, *options, self.image, *command, **how)

    def same_as(self, home: Home, *call: str, **how: Any) -> Job:
        """Return the docker line that applaunch itself prints for a call."""
        program, run, *words = shlex.split(home.told("run", "--dry-run", *call))
        return home.job(program, run, "--label", self.label, *words, **how)

    def docker(self, *words: str, **how: Any) -> Job:
        """Return a call of the docker CLI."""
        return self.plain.job(find("docker") or "docker", *words, **how)

    def kept(self, *command: str) -> str:
        """Start a container that stays until the end, and return its id."""
        line = ("run", "-d", "--init", "--label", self.label, self.image, *command)
        done = self.rig.docker(*line)
        if done.returncode:
            raise Failed(done.stderr.strip())
        self.keep(done.stdout.strip())
        return done.stdout.strip()

    def keep(self, container: str) -> None:
        """Let a container stay until the end."""
        self._kept.add(container)

    def changed(self, image: str, *command: str) -> str:
        """Return the name of an image that *command* makes of *image*, which stays until the end; raises `Failed`."""
        name = f"{LABEL}:{self.run}"
        made = self.rig.docker("create", "--label", self.label, "--entrypoint", command[0], image, *command[1:])
        container = made.stdout.strip()
        for words in (("start", "--attach", container), ("commit", container, name), ("rm", container)):
            done = self.rig.docker(*words) if not made.returncode else made
            if done.returncode:
                raise Failed(done.stderr.strip())
        self._images.append(name)
        return name

    def settle(self) -> None:
        """Wait until the engine has cleared away all that has ended, or the next call would pay for the last one."""
        self._until(lambda: self._passing() <= self._kept, "a container does not go away")

    def rest(self) -> None:
        """Let a moment pass, where idle containers stay and the engine is never bare."""
        time.sleep(self.sizes.pause)

    def warmed(self, name: str) -> None:
        """Wait until the engine holds a running container of an app that nobody has called; raises `Failed`.

        One that has been called runs on for a moment after its launcher has ended: what is idle stays.
        """
        seen: set[str] = set()
        since = time.monotonic()

        def stays() -> bool:
            nonlocal seen, since
            now = {
                each["Id"] for each in self._ours() if name in each["Labels"].values() and each["State"] == "running"
            }
            if now != seen:
                seen, since = now, time.monotonic()
            return bool(now) and time.monotonic() - since > STAYS

        self._until(stays, "it was accepted, but no idle container stands after a call")

    def clear(self) -> None:
        """Remove every container of this run, its images, and the tags of its deployments."""
        for each in self._ours():
            self.rig.engine.remove_container(each["Id"])
        if self._images:
            self.rig.docker("image", "rm", *self._images)
        self.rig.forget_own(f"bench-{self.run}-")

    def _passing(self) -> set[str]:
        """Return the ids of those that do not wait for a call."""
        return {each["Id"] for each in self._ours() if "applaunch.warm" not in each["Labels"]}

    def _ours(self) -> list[dict[str, Any]]:
        listed = self.rig.engine.ask("GET", "/containers/json", all="1")
        return [each for each in listed if any(self.run in value for value in each["Labels"].values())]

    def _until(self, is_so: Callable[[], bool], why: str) -> None:
        end = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > end:
                raise Failed(why)
            time.sleep(0.005)


def is_root() -> bool:
    """Whether a container can be run with no engine at all."""
    return os.geteuid() == 0
