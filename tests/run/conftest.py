"""Apps that the tests of launches drive from outside."""

import pytest

from tests.leftovers import eventually_none, leftovers, of_sandboxes

PROBE = "docker.io/applaunch/probe:latest"
BUSYBOX = "docker.io/library/busybox:latest"


@pytest.fixture
def probe(engine, home):
    """An app whose program tells, as JSON, everything that it sees."""
    return home.app("probe", engine.ref(PROBE), command='["probe"]', network_mode='"none"')


@pytest.fixture(scope="session")
def _small(engine):
    """The small image is there before the first call of it, which would tell of its pull."""
    engine.engine.pull(engine.ref(BUSYBOX))


@pytest.fixture
def sh(engine, home, _small):
    """A shell in a small image."""
    return home.app("bsh", engine.ref(BUSYBOX), entrypoint='["sh"]', network_mode='"none"')


@pytest.fixture
def bash(engine, home):
    """A real bash with python, vim, less, git."""
    return home.app("pbash", engine.ref(PROBE), entrypoint='["bash"]', network_mode='"none"')


@pytest.fixture(autouse=True)
def _nothing_left(request, tmp_path):
    engine = request.getfixturevalue("engine") if "engine" in request.fixturenames else None
    yield
    assert not eventually_none(lambda: of_sandboxes(tmp_path / "home"))
    assert not engine or not eventually_none(lambda: leftovers(engine, waiting=True))


@pytest.fixture
def user(home, stores):
    """The home of an ordinary user who has no right of root's; the images of that user are unpacked once."""
    home.stores = stores
    return home.ordinary()


@pytest.fixture
def sandboxed(user, engine):
    """A function that adds an app which runs by bubblewrap or not at all, and has its image unpacked."""

    def add(name="tool", image=PROBE, **keys):
        keys = {"entrypoint": '["bash"]', "network_mode": '"none"', "runtime": '"bubblewrap"'} | keys
        user.app(name, engine.ref(image), **keys)
        user.run("applaunch", "pull", name, check=True)
        return name

    return add
