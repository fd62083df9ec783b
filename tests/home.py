"""A scratch HOME, and programs run in it as its user would run them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import command_server, opened

VENV = Path(sys.executable).parent
WAYS = ("wire", "docker-py", "fresh", "shared")
"""How a launch reaches the engine: cold on the short cut, cold through docker-py, in a container that waits."""
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
        self.prefix = []
        self.way = WAYS[0]
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
        return self

    def _give_to(self, uid):
        """Give all files to *uid* and return the groups by which that user can use the engine."""
        if self.caller_uid not in {0, uid}:
            pytest.skip(f"the engine is uid {self.caller_uid}'s own: nobody else, such as uid {uid}, can use it")
        for folder, _, files in os.walk(self.path):
            for name in (folder, *(f"{folder}/{file}" for file in files)):
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
        self.apps.append(name)
        lines = "".join(f"{key} = {value}\n" for key, value in keys.items())
        path = self.config("catalog.d") / f"{name}.toml"
        path.write_text(f'schema = 1\n[apps.{name}]\nimage = "{image}"\n{lines}')
        self.run("applaunch", "add", name, check=True)
        return name
