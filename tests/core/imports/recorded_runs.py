"""What a real shell gives to `docker`, and what the imported entry gives to it, in a form that can be compared."""

import os
import pwd
import stat
import subprocess
from pathlib import Path
from typing import Any

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.merge import resolve
from launcher.core.run.container_user import container_user
from launcher.core.run.docker_command import docker_command
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.expand import with_user
from launcher.core.run.plan import HostFacts, plan
from launcher.core.values.invocation import Invocation
from launcher.core.values.reference import Reference
from launcher.run.plan_facts import inspect_call

ARGS = ("one", "two words", "*.c", "-x")
SOCKET = "/var/run/docker.sock"
"""A source of volumes that people write, in whose place a socket of the test stands."""
_RECORDER = """#!/bin/sh
while :; do case "$1" in container) shift ;; --context) shift 2 ;; *) break ;; esac; done
[ "$1" = run ] || exit 0
for word in "$@"; do printf '%s\\0' "$word"; done > "$RECORD/$CALLED.words"
env -0 > "$RECORD/$CALLED.env"
"""
_SHORT = {"e": "env", "v": "volume", "u": "user", "w": "workdir", "p": "publish", "m": "memory", "h": "hostname"}
_ALIKE = {"net": "network", "ulimits": "ulimit"}
_SWITCHES = ("rm", "init", "read-only", "interactive", "tty", "quiet")
_IDLE = (
    "log-driver",
    "log-opt",
    "name",
    "label",
    "rm",
    "init",
    "interactive",
    "tty",
    "quiet",
    "pull",
    "security-opt",
    "stop-timeout",
    "expose",
)
_OURS = (
    "LANG",
    "TERM",
    "HOME",
    "USER",
    "TZ",
    "COLORTERM",
    "APPLAUNCH_SHIM",
    "NO_COLOR",
    "CLICOLOR",
    "COLUMNS",
    "LINES",
)


class World:
    """A home, a folder of work and programs called docker that write down how they are called."""

    def __init__(self, path: Path) -> None:
        self.home, self.work, self.bin, self.record = (path / name for name in ("home", "home/work", "bin", "record"))
        for folder in (self.work, self.bin, self.record):
            folder.mkdir(parents=True)
        programs = dict.fromkeys(("docker", "podman", "nerdctl", "podman-remote"), _RECORDER)
        programs |= dict.fromkeys(("sudo", "doas", "winpty"), '#!/bin/sh\nexec "$@"\n')
        for name, text in (programs | {"xhost": "#!/bin/sh\n"}).items():
            (self.bin / name).write_text(text)
            (self.bin / name).chmod(0o755)
        (self.work / "a.c").write_text("")
        self.socket = str(self.home / "docker.sock")
        os.mknod(self.socket, stat.S_IFSOCK | 0o600)
        self.env = {
            "HOME": str(self.home),
            "USER": pwd.getpwuid(os.getuid()).pw_name,
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "RECORD": str(self.record),
            "DISPLAY": ":7",
            "TOKEN": "t",
            "PGPASSWORD": "p",
            "LANG": "C.UTF-8",
        }

    def call(self, words, name):
        """Run *words*, in which `docker` is the recorder."""
        env = self.env | {"CALLED": name}
        subprocess.run(
            words, cwd=self.work, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
        )

    def recorded(self, name):
        """Return the words and the environment of the run that was recorded as *name*, None if there was none."""
        file = self.record / f"{name}.words"
        if not file.exists():
            return None
        rows = (self.record / f"{name}.env").read_text().rstrip("\0").split("\0")
        return file.read_text().rstrip("\0").split("\0") if file.read_text() else [], dict(
            row.split("=", 1) for row in rows
        )

    def planned(self, proposal, args=ARGS):
        """Return the words of `docker run` that the entry of *proposal* gives."""
        own = Catalog.parse("schema = 1\n", "user", "catalog.toml")
        table = {key: _put_for(SOCKET, self.socket, value) for key, value in proposal.table.items()}
        own = own._replace(tables={"schema": 1, "apps": {proposal.name: table}})
        app = resolve([own], proposal.name)
        env = {name: value for name, value in self.env.items() if name not in ("RECORD", "PATH")}
        gid = os.getgid()
        call = Invocation("x", tuple(args), str(self.work), str(self.home), env["USER"], os.getuid(), gid, (gid,), env)
        entry = with_user(app.entry(app.command_names[0]), call)
        for mount in entry.volumes:
            source = mount.source.replace("${PWD}", str(self.work)).replace("~", str(self.home), 1)
            source = source.partition(":-")[2].replace("}", "") if ":-" in source else source
            if source.startswith(str(self.home)) and not Path(source).exists():
                Path(source).mkdir(parents=True, exist_ok=True)
            Path("/tmp/.X11-unix").mkdir(exist_ok=True) if "X11" in source else None
        traits = EngineTraits()
        call, facts = inspect_call(entry, call)
        spec = plan(entry, call, container_user(entry.user, call, traits), HostFacts(traits, facts))
        return [word.replace(self.socket, SOCKET) for word in docker_command(spec)][1:]


def _put_for(text: str, other: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_put_for(text, other, each) for each in value]
    return value.replace(f"{text}:", f"{other}:", 1) if isinstance(value, str) else value


def differences(alias, env, entry, work):
    """Return how the run line of an *entry* differs from the one that an *alias* gave to docker."""
    meant, got = _read(alias, env, work), _read(entry, env, work)
    for each in (meant, got):  # applaunch gives every program a name of the machine
        each["add-host"] = each.get("add-host", set()) - {"host.docker.internal:host-gateway"}
    found = [
        f"{key}: {meant.get(key)} is {got.get(key)}"
        for key in sorted({*meant} | {*got})
        if key not in ("volume", "env", "cap-drop", "cap-add", "group-add", "tmpfs") and meant.get(key) != got.get(key)
    ]
    found += [f"{key}: {sorted(lost)} lost" for key in _SETS if (lost := meant.get(key, set()) - got.get(key, set()))]
    more = {
        each
        for each in got.get("volume", set()) - meant.get("volume", set())
        if not each.split(":")[1].startswith("/etc/")
    }
    names = {each.partition("=")[0] for each in got.get("env", set()) - meant.get("env", set())} - {*_OURS}
    return found + [f"volume: {sorted(more)} added"] * bool(more) + [f"env: {sorted(names)} added"] * bool(names)


_SETS = ("volume", "env", "cap-add", "group-add", "tmpfs")


def _read(words, env, work):
    """Return the options of a run line by their long names, its image and its command."""
    found = {}
    rest = list(words[1:])
    while rest and rest[0].startswith("-"):
        for name, value in _option(rest):
            _put(found, name, value, env, work)
    found["image"] = Reference.parse(rest[0]).full
    found["command"] = rest[1:]
    if "entrypoint" in found:
        found["command"] = [*([found.pop("entrypoint")] if found.get("entrypoint") else []), *found["command"]]
        found["entrypoint"] = True
    return found


def _option(rest):
    word = rest.pop(0)
    if word.startswith("--"):
        name, equals, value = word[2:].partition("=")
        name = _ALIKE.get(name, name)
        return [(name, value if equals else "" if name in _SWITCHES else rest.pop(0))]
    found = []
    for at, letter in enumerate(word[1:], 1):
        if letter in "itdP":
            found.append(({"i": "interactive", "t": "tty", "d": "detach", "P": "publish-all"}[letter], ""))
            continue
        found.append((_SHORT[letter], word[at + 1 :].removeprefix("=") or rest.pop(0)))
        break
    return found


def _put(found, name, value, env, work):
    if name == "env":
        text = value if "=" in value else f"{value}={env[value]}" if value in env else ""
        earlier = {each for each in found.get("env", set()) if each.partition("=")[0] != value.partition("=")[0]}
        found["env"] = earlier | ({text} if text else set())
    elif name in ("volume", "mount"):
        found.setdefault("volume", set()).add(_mount(value, work) if name == "volume" else _long_mount(value, work))
    elif name == "publish":
        found.setdefault(name, set()).add(value.removeprefix("127.0.0.1:").removesuffix("/tcp"))
    elif name == "cap-add":
        found.setdefault(name, set()).add(value.upper())
    elif name in ("cap-drop", "group-add", "tmpfs", "add-host", "dns", "ulimit"):
        found.setdefault(name, set()).add(value)
    elif name == "userns":
        found["user"] = found.get("user") or "you"
    elif name not in _IDLE:
        found[name] = _ALIKE_VALUES[name](value) if name in _ALIKE_VALUES else value


def _bytes(value):
    return str(int(value[:-1]) << {"k": 10, "m": 20, "g": 30}[value[-1]]) if value[-1].isalpha() else value


def _with_group(value):
    """Return the user with a group: `-u $(id -u)` is you with your own group, which its note says."""
    return f"{value}:{os.getgid()}" if value == str(os.getuid()) else value


_ALIKE_VALUES = {
    "network": lambda value: value if value != "bridge" else None,
    "memory": _bytes,
    "shm-size": _bytes,
    "cpus": float,
    "user": _with_group,
}


def _mount(value, work):
    source, target, *options = value.split(":")
    if source.startswith("."):
        source = os.path.normpath(f"{work}/{source}")
    source = os.path.realpath(source) if source.startswith("/etc/") else source.rstrip("/") or "/"
    return f"{source}:{target.rstrip('/')}:{'ro' if 'ro' in ','.join(options).split(',') else 'rw'}"


def _long_mount(value, work):
    parts = dict(part.partition("=")[::2] for part in value.split(","))
    source = parts.get("source", parts.get("src", ""))
    target = parts.get("target", parts.get("dst", parts.get("destination", "")))
    is_read_only = "readonly" in parts or "ro" in parts
    return _mount(f"{source}:{target}" + (":ro" if is_read_only else ""), work)
