"""What every test may stand on: the real engine of the rig, and a home that is nobody's."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pexpect
import pytest
from hypothesis import settings

from launcher.sandbox.end_network import end_network
from tests import rig as rigs
from tests.home import BY_BUBBLEWRAP, SANDBOXED, WAYS, Home
from tests.leftovers import eventually_none, leftovers
from tests.rig import engines
from tests.strange_names import served_names, strange_names

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")  # a busy machine may take as long as it likes over one example


def pytest_addoption(parser):
    parser.addoption("--engine", default="docker", choices=engines.COLUMNS, help="run the tests on this engine")
    parser.addoption("--way", default=WAYS[0], choices=WAYS, help="how launches reach it")


@pytest.hookimpl(tryfirst=True)  # before pytest itself looks at the marks
def pytest_collection_modifyitems(config, items):
    """Mark whatever stands on the engine; leave out what is about something that the chosen column has not.

    Skip, aloud, what its engine cannot do whatever we do.
    """
    way = config.getoption("--way")
    column = way if way in SANDBOXED else config.getoption("--engine")
    apart = {}
    for item in items:
        about = engines.left_out(column, {each.args[0] for each in item.iter_markers("about")})
        if about:
            item.stash[LEFT_OUT] = about
            apart[item] = None
    config.hook.pytest_deselected(items=[*apart])
    items[:] = [each for each in items if each not in apart]
    for item in items:
        if "engine" in item.fixturenames:
            item.add_marker("engine")
        why = engines.why_not(column, f"{item.path.stem}::{item.originalname}")
        if why:
            item.add_marker(pytest.mark.skip(reason=why))


LEFT_OUT = pytest.StashKey[str]()
"""What a test is about that its column has not."""
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
        for name in _strange(found):  # of tests that were killed
            found.engine.remove_image(name)
        before = {*found.own_tags()}
        yield found
        if found.started_by_us:
            found.start_registry()
        left = eventually_none(lambda: leftovers(found, waiting=True)) or [
            *{*found.own_tags(), *_strange(found)} - before
        ]
    assert not left, f"containers or names of images were left behind: {left}"


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


@pytest.fixture(scope="session")
def stores(tmp_path_factory):
    """A folder for the unpacked images of each user, which all homes share: each image is unpacked once."""
    folder = tmp_path_factory.mktemp("stores")
    for above in (folder, *folder.parents):
        if above.stat().st_uid == os.getuid() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    yield folder
    subprocess.run(["chmod", "-R", "u+w", folder], check=True)


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
    if home.way in SANDBOXED:
        home.sandboxed_by(home.way, request.getfixturevalue("stores"))
    if engine.caller_uid or home.way in SANDBOXED or "user" in request.fixturenames:
        # what a test starts on a terminal of its own runs as the same user
        native = pexpect.spawn

        def spawn(word, words, **how):
            first, *more = [*home.handed_over().prefix, word, *words]
            return native(first, more, **how)

        monkeypatch.setattr(pexpect, "spawn", spawn)
    yield home
    if home.way in SANDBOXED:
        engines_part = home.by_engine()
        in_sandbox = sum(run.get("runtime") == BY_BUBBLEWRAP for run in home.runs())
        request.node.user_properties += [("in sandbox", in_sandbox), ("by engine", sorted({*engines_part.values()}))]
    for record in (home.path / ".local/state/applaunch/networks").glob("*"):
        end_network(str(record))
    if home.way in ("fresh", "shared"):
        assert not eventually_none(home.processes, 10), "a watcher is still at work"
        home.run("applaunch", "warm", "clear")
    forget_own_tags(home.path, engine)
    if home.way in SANDBOXED:
        assert not [name for name, why in engines_part.items() if not why], "an engine ran what bubblewrap could"


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


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.fixture(autouse=True)
def _no_name_left(request):
    """Fail any test that leaves an image in the engine under a name that would keep others from removing it.

    A module whose tests share images says so with `SHARES_IMAGES`; what it leaves is found when all tests have ended.
    """
    is_judged = "engine" in request.fixturenames and not getattr(request.module, "SHARES_IMAGES", False)
    engine = request.getfixturevalue("engine") if is_judged else None
    before = _strange(engine)
    yield
    left = _strange(engine) - before
    for name in left:  # no other test shall fail for it
        engine.engine.remove_image(name)
    assert not left, f"images were left in the engine by the names {sorted(left)}"


def _strange(engine):
    """Return the names of images in the rig's own engine that are not the rig's; a borrowed one has its owner's."""
    if not engine or not engine.started_by_us or engine.name != "docker":
        return set()
    if engine.docker_host not in _served:
        _served[engine.docker_host] = served_names(engine)
    return strange_names(engine, _served[engine.docker_host])


_served = {}
