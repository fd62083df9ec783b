"""What every test may stand on: the real engine of the rig, and a home that is nobody's."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pexpect
import pytest
from hypothesis import settings

from tests import command_server
from tests import rig as rigs
from tests.rig import engines
from tests.rig.engine import EngineError

VENV = Path(sys.executable).parent
WAYS = ("wire", "docker-py", "fresh", "shared")
"""How a launch reaches the engine: cold on the short cut, cold through docker-py, in a container that waits."""
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")  # a busy machine may take as long as it likes over one example


def pytest_addoption(parser):
    parser.addoption("--engine", default="docker", choices=engines.COLUMNS, help="run the tests on this engine")
    parser.addoption("--way", default=WAYS[0], choices=WAYS, help="how launches reach it")


@pytest.hookimpl(tryfirst=True)  # before pytest itself looks at the marks
def pytest_collection_modifyitems(config, items):
    """Mark whatever stands on the engine; skip, aloud, what the chosen engine cannot do whatever we do."""
    for item in items:
        if "engine" in item.fixturenames:
            item.add_marker("engine")
        why = engines.why_not(config.getoption("--engine"), f"{item.path.stem}::{item.originalname}")
        if why:
            item.add_marker(pytest.mark.skip(reason=why))


WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """Use one worker more than there are cores: tests on an engine often wait. Each may start an engine of its own."""
    return min((os.cpu_count() or 1) + 1, MOST_WORKERS)


MOST_WORKERS = 6


def pytest_configure(config):
    """Give each worker but the first a copy of the rig, where rigs start engines of their own."""
    number = int(WORKER.removeprefix("gw") or 0)
    if number and rigs.is_private():
        os.environ["APPLAUNCH_RIG"] = str(rigs.here().copy(number))
    config.rig_was_up = WORKER or rigs.current() is not None


def pytest_unconfigure(config):
    """Stop the rig and its copies, unless it ran already; the workers have ended by then."""
    if not config.rig_was_up and rigs.current():
        rigs.down()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item, nextitem):
    """Keep other workers from a borrowed engine while a test uses it: they would see its containers."""
    if not WORKER or "engine" not in item.fixturenames or rigs.is_private():
        return (yield)
    with rigs.here().turn():
        return (yield)


@pytest.fixture(scope="session")
def engine(request):
    """The rig: a private engine, a registry, images. Started here unless it runs already; then it runs on.

    With ``--engine NAME`` that engine stands in for the rig's own; it always ends with the tests.
    """
    rig = rigs.up(log=_say, copies=int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) - 1)
    with ExitStack() as stack:
        try:
            found = stack.enter_context(engines.started(request.config.getoption("--engine"), rig, _say))
        except rigs.RigError as error:
            pytest.exit(str(error), returncode=NO_ENGINE)
        before = {*found.own_tags()}
        yield found
        if found.started_by_us:
            found.start_registry()
        left = eventually_none(lambda: leftovers(found, waiting=True)) or [*{*found.own_tags()} - before]
    assert not left, f"containers or tags were left behind: {left}"


NO_ENGINE = 69
"""The exit code of a run whose engine this machine cannot start (sysexits.h: EX_UNAVAILABLE)."""


def _say(line):
    print(f"rig: {line}", file=sys.stderr, flush=True)


for each in (signal.SIGINT, signal.SIGQUIT):  # a shell starts its background jobs deaf to them, and so would we ours
    if signal.getsignal(each) is signal.SIG_IGN:
        signal.signal(each, signal.default_int_handler if each is signal.SIGINT else signal.SIG_DFL)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # nohup: we outlive the terminal, our children must not
    signal.signal(signal.SIGHUP, lambda *_: None)


@pytest.fixture
def registry(engine):
    """The rig's registry, which a test may stop; it runs again afterwards."""
    if not engine.started_by_us:
        pytest.skip("the engine is borrowed, and so is its registry: it cannot be stopped")
    yield engine
    engine.start_registry()


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
        if self.caller_uid not in {0, uid}:
            pytest.skip(f"the engine is uid {self.caller_uid}'s own: nobody else, such as uid {uid}, can use it")
        for folder, _, files in os.walk(self.path):
            for name in (folder, *(f"{folder}/{file}" for file in files)):
                os.lchown(name, uid, uid)
        for folder in (self.path, *self.path.parents):
            if folder.stat().st_uid == 0 and not folder.stat().st_mode & 0o001:
                folder.chmod(folder.stat().st_mode | 0o011)
        socket = self.docker_host.removeprefix("unix://")
        several = [str(each) for each in (*groups, *([os.stat(socket).st_gid] if os.path.exists(socket) else []))]
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

    def handed_over(self):
        """Give all that the test has written so far to the user whose engine it is."""
        if self.caller_uid:
            self.owned_by(self.caller_uid)
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


@pytest.fixture
def home(tmp_path, request, monkeypatch):
    """A scratch HOME; its programs reach the rig's engine where the test (or its file) asks for `engine`."""
    if "engine" not in request.fixturenames:
        yield Home(tmp_path / "home")
        return
    engine = request.getfixturevalue("engine")
    home = Home(tmp_path / "home", engine.docker_host, engine.caller_uid)
    home.way = request.config.getoption("--way")
    if engine.name.startswith("podman"):
        home.container_host = {"CONTAINER_HOST": engine.docker_host}
    if engine.caller_uid:  # what a test starts on a terminal of its own runs as the same user
        native = pexpect.spawn
        monkeypatch.setattr(
            pexpect,
            "spawn",
            lambda word, words, **how: native("setpriv", [*home.handed_over().prefix[1:], word, *words], **how),
        )
    yield home
    if home.way in ("fresh", "shared"):
        assert not eventually_none(home.processes, 10), "a watcher is still at work"
        home.run("applaunch", "warm", "clear")
    forget_own_tags(home.path, engine)


def forget_own_tags(home, rig):
    """Take away what the deployments of a *home* hold at the engine."""
    path = home / ".local/state/applaunch/state.db"
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as record:
        for (own,) in record.execute("SELECT id FROM record").fetchall():
            rig.forget_own(own)


@pytest.fixture(autouse=True)
def _unchanged():
    """Fail any test that leaves the environment, the folder or the mask of this process changed."""
    before = dict(os.environ), Path.cwd(), _umask()
    yield
    after = dict(os.environ), Path.cwd(), _umask()
    for each in (before, after):
        each[0].pop("PYTEST_CURRENT_TEST", None)
    assert after == before


def leftovers(rig, *, waiting=False):
    """Return the containers that a launch or a probe of ours left with the engine; *waiting*: for a call as well."""
    try:
        asked = [rig.engine.ask("GET", "/containers/json", all=1, filters=f'{{"label":["{label}"]}}') for label in OURS]
    except EngineError as said:
        if "container not known" not in str(said):
            raise
        return [["half a container, which keeps podman from listing the others"]]
    return [each["Names"] for found in asked for each in found if waiting or not waits(rig, each)]


def waits(rig, container):
    """Tell whether a container only waits for a call: nothing runs in it but what keeps it."""
    if "applaunch.warm" not in container["Labels"]:
        return False
    try:
        rows = rig.engine.ask("GET", f"/containers/{container['Id']}/top", ps_args="-o pid,args")["Processes"]
    except EngineError:
        return True
    return bool(rows) and all(row[-1].endswith(container["Command"]) for row in rows)


OURS = ("applaunch.app", "applaunch.probe")


def eventually_none(find, seconds=5.0):
    """Return what *find* still finds when the time is over, nothing as soon as it finds nothing."""
    end = time.monotonic() + seconds
    while (found := find()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
