"""A scratch HOME, and programs run in it as its user would run them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import command_server, opened

VENV = Path(sys.executable).parent
BY_BUBBLEWRAP = "bubblewrap"
ROOTS_BUBBLEWRAP = "bubblewrap-root"
STRANGER = 40404
"""Another user, to whom a test may give a file in a home."""
SANDBOXED = (BY_BUBBLEWRAP, ROOTS_BUBBLEWRAP)
"""Ways of a launch that needs no engine: an ordinary user's, who has no right of root's, and root's.

Root's apps are read-only, if their test does not say otherwise: root may write to an image that is not, which bubblewrap
before 0.11 cannot give.
"""
WAYS = ("wire", "docker-py", "fresh", "shared", *SANDBOXED)
"""How a launch reaches the engine: cold on the short cut, cold through docker-py, in a container that waits; or not."""
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Home:
    """A scratch HOME, and programs run in it as its user would run them."""

    def __init__(self, path: Path, docker_host: str = "", caller_uid: int = 0) -> None:
        self.path = path
        self.caller_uid = caller_uid  # not 0: a rootless engine, of which only this user has anything
        self.bin = path / ".local/bin"
        self.programs = path / "programs"  # of this machine, as it were: last on PATH
        self.work = path / "work"
        self.work.mkdir(parents=True)
        self.docker_host = docker_host
        self.container_host = {}  # for podman's own CLI, where the engine is one
        self.user = 0  # not 0: an ordinary user, whose programs have no right of root's
        self.stores = None  # where the unpacked images of each user are, shared by all homes
        self.prefix = []
        self.way = WAYS[0]
        self.takes_over = False  # whether the engine may run what bubblewrap could: it could not be started
        self.apps = []

    @property
    def env(self):
        mine = {
            "HOME": str(self.path),
            "PATH": f"{self.bin}:{VENV}:{SYSTEM_PATH}:{self.programs}",
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "APPLAUNCH_ETC": str(self.path / "etc"),
        } | self.container_host
        if self.way == "docker-py":
            mine["APPLAUNCH_WIRE"] = "0"
        return mine | (
            {"DOCKER_HOST": self.docker_host} if self.docker_host else {"DOCKER_HOST": "unix:///nowhere.sock"}
        )

    def owned_by(self, uid, *groups):
        """Hand this home to *uid*: from now on its programs run as that user (which only root can do).

        They keep the right to read every file, so that a Python in root's home can serve them, and nothing else.
        """
        if self.way in SANDBOXED:
            return self.ordinary(uid, *groups)  # bwrap refuses a caller with a capability
        several = [str(each) for each in (*groups, *self._give_to(uid))]
        caps = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
        who = [
            "--reuid",
            str(uid),
            "--regid",
            str(uid),
            *(["--groups", ",".join(several)] if several else ["--clear-groups"]),
        ]
        self.prefix = ["setpriv", *who, *caps]
        return self

    def ordinary(self, uid=opened.UID, *groups):
        """Hand this home to *uid*, whose programs have no right of root's at all (which only root can do)."""
        self.user = uid
        self.prefix = opened.words_of(uid, *groups, *self._give_to(uid))
        for name in self.apps:
            self.unpacked(name)
        return self

    def sandboxed_by(self, way, stores):
        """Let launches need no engine; the images of all homes of a user are unpacked once, in a folder of *stores*."""
        self.way, self.stores = way, stores
        if way == BY_BUBBLEWRAP:
            opened.open_tunnels()
            return self.ordinary()
        self._share_images(0)
        return self

    def _share_images(self, uid):
        if self.stores is None:
            return
        store, link = self.stores / str(uid), self.path / ".local/share/applaunch/images"
        if not store.exists():
            store.mkdir(mode=0o700)
            os.chown(store, uid, uid)
        link.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        link.unlink(missing_ok=True)
        link.symlink_to(store)

    def runs(self):
        """Return what the journal tells of the runs in this home, each as a dictionary."""
        files = sorted((self.path / ".local/state/applaunch/runs").glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]

    def by_engine(self):
        """Return the commands that an engine ran, and why not bubblewrap; "" where that gives the same run."""
        found = {run["command"]: run["app"] for run in self.runs() if run.get("runtime") != BY_BUBBLEWRAP}
        if self.takes_over:  # nobody wonders where a test has said that the engine takes over
            return dict.fromkeys(found, "the test lets the engine take over")
        said = {name: self.run("applaunch", "info", app, "--json") for name, app in found.items()}
        told = {name: json.loads(each.stdout)["runtimes"].get(name, {}) for name, each in said.items() if each.stdout}
        return {name: told[name].get("why", "") if name in told else "its app is gone by now" for name in found}

    def _give_to(self, uid):
        """Give all files but a stranger's to *uid* and return the groups by which that user can use the engine."""
        if self.caller_uid not in {0, uid}:
            pytest.skip(f"the engine is uid {self.caller_uid}'s own: nobody else, such as uid {uid}, can use it")
        self._share_images(uid)
        for folder, _, files in os.walk(self.path):
            for name in (folder, *(f"{folder}/{file}" for file in files)):
                if os.lstat(name).st_uid != STRANGER:
                    os.lchown(name, uid, uid)
        for folder in (self.path, *self.path.parents):
            if folder.stat().st_uid == 0 and not folder.stat().st_mode & 0o001:
                folder.chmod(folder.stat().st_mode | 0o011)
        socket = self.docker_host.removeprefix("unix://")
        return [os.stat(socket).st_gid] if os.path.exists(socket) else []

    def handed_over(self):
        """Give all that the test has written so far to the user whose engine it is."""
        if self.caller_uid:
            self.owned_by(self.caller_uid)
        elif self.user:
            self._give_to(self.user)
        return self

    def run(self, *words, input=None, env=None, cwd=None, text=True, check=False, timeout=180, **more):
        """Run a program (found on this home's PATH) and return what came of it."""
        variables = {key: value for key, value in (self.env | (env or {})).items() if value is not None}
        program = shutil.which(words[0], path=variables["PATH"]) or words[0]
        self.warmed(env, cwd, unless=words[0] == "applaunch")
        if input is None and "stdin" not in more:
            more["stdin"] = subprocess.DEVNULL
        else:
            more |= {"input": input} if input is not None else {}
        more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
        prefix, cwd = self.handed_over().prefix, cwd or self.work
        if command_server.serves(program, variables, cwd, more, prefix):
            done = command_server.run(words[1:], variables, cwd, timeout, text, more, prefix)
        else:
            done = subprocess.run(
                [*prefix, program, *words[1:]],
                env=variables,
                cwd=cwd,
                text=text,
                check=False,
                timeout=timeout,
                **more,
            )
        assert not (check and done.returncode), f"{' '.join(words)}: exit {done.returncode}: {done.stderr}"
        return done

    def popen(self, *words, env=None, cwd=None, **more):
        """Start a program and return it."""
        self.warmed(env, cwd)
        variables = self.env | (env or {})
        program = shutil.which(words[0], path=variables["PATH"]) or words[0]
        argv = [*self.handed_over().prefix, program, *words[1:]]
        return subprocess.Popen(argv, env=variables, cwd=cwd or self.work, **more)

    def processes(self):
        """Return the pids of the launchers and watchers that run in this home."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                continue
            if f"{self.bin}/".encode() in words and b"setpriv" not in words:
                found.append(int(pid))
        return found

    def catalog(self, text):
        """Write the user's own catalog."""
        path = self.config() / "catalog.toml"
        path.write_text(f"schema = 1\n{text}")
        return path

    def config(self, *below):
        """Return the folder of the user's own catalogs, or one below it, made as applaunch makes it."""
        folder = self.path / ".config/applaunch"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in below:
            folder /= name
            folder.mkdir(exist_ok=True, mode=0o700)
        return folder

    def warmed(self, env=None, cwd=None, *, unless=False):
        """Where launches are to be warm, let a container wait for the next call of each app in this folder."""
        if self.way in ("fresh", "shared") and not unless:
            for name in self.apps:
                self.run("applaunch", "warm", "start", name, env=env, cwd=cwd)  # refused: that call runs cold

    def app(self, name, image, **keys):
        """Put an app of the user's own on PATH; *keys* are TOML."""
        if self.way in ("fresh", "shared"):
            keys = {"warm": '"2m"', "reuse": f'"{self.way}"'} | keys
        if self.way == ROOTS_BUBBLEWRAP and not self.user:
            keys = {"read_only": "true"} | keys
        self.apps.append(name)
        lines = "".join(f"{key} = {value}\n" for key, value in keys.items())
        path = self.config("catalog.d") / f"{name}.toml"
        path.write_text(f'schema = 1\n[apps.{name}]\nimage = "{image}"\n{lines}')
        self.run("applaunch", "add", name, check=True)
        return self.unpacked(name)

    def unpacked(self, name):
        """Have the image of an app unpacked, where launches need no engine: only then do they need none."""
        if self.way in SANDBOXED:
            self.run("applaunch", "pull", name)
        return name
