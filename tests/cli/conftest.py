"""Apps and answers that the tests of management commands share."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.cli import hostile
from tests.cli.projects import BB, write
from tests.registry.servers import Server, Shelf
from tests.remotes.conftest import keys, web  # noqa: F401  their fixtures are ours
from tests.remotes.team import Team

IMAGE = "docker.io/library/busybox:latest"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def installed(home):
    """An app of the user's own on PATH, added with no engine in sight."""
    return home.app("mybox", IMAGE, network_mode='"none"')


@pytest.fixture
def project(home):
    """A project with a catalog of its own, beside an installed app."""
    home.catalog(f'[apps.bb]\nimage = "{BB}"\nentrypoint = ["echo", "mine"]\nnetwork_mode = "none"\n')
    home.run("applaunch", "add", "bb", check=True)
    folder = home.path / "proj"
    (folder / "sub").mkdir(parents=True)
    write(folder, '[apps.bb]\nentrypoint = ["echo", "project"]\n')
    return folder


@pytest.fixture
def tool(home, project):
    """A registry with an image of two platforms, and a project that names it."""
    shelf = Shelf()
    shelf.index("1", ["linux/amd64", "linux/arm64/v8", "linux/s390x"])
    server = Server(shelf)
    write(project, f'[apps.tool]\nimage = "{server.name}/team/tool:1"\n')
    yield shelf
    server.close()


@pytest.fixture
def answer(home):
    """Run a command with --json and return what it says; its exit code must be the one that is expected."""

    def ask(*words, code=0, **how):
        done = home.run("applaunch", *words, "--json", **how)
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)

    return ask


@pytest.fixture
def found(answer):
    """Examine everything and return the findings that are not well, the engine's aside, as (check, state, what)."""

    def examine(*words, **how):
        engine_down = {"code": 1} | how
        findings = answer("doctor", *words, **engine_down)["findings"]
        return [tuple(each[key] for key in ("check", "state", "what")) for each in findings if _matters(each)]

    return examine


@pytest.fixture
def views(home):
    """Carry out many calls, as `each_view` has them, and return what each said."""

    def look(calls):
        how = {"env": {"PYTHONPATH": str(ROOT), "EDITOR": "true"}, "check": True, "timeout": 900}
        done = home.run(sys.executable, "-m", "tests.cli.each_view", input=json.dumps(calls), **how)
        return [tuple(each) for each in json.loads(done.stdout)]

    return look


@pytest.fixture
def see(views):
    """Carry out calls in order, and return what is wrong with what each shows, and all that is shown."""

    def seen(*words, terminal):
        said = views([[each, terminal, "n\n" * 3 + "\x04"] for each in words])
        found = [
            (call, trouble)
            for call, (_, *both) in zip(words, said, strict=True)
            for text in both
            for trouble in hostile.wrong(text, terminal=terminal)
        ]
        crashed = [
            call for call, (code, out, err) in zip(words, said, strict=True) if code < 0 or "Traceback" in out + err
        ]
        assert not crashed
        return found, "\n".join(text for _, *both in said for text in both).encode("latin-1").decode()

    return seen


@pytest.fixture
def team(home, tmp_path, keys, answer):  # noqa: F811  pytest's way to ask for one
    """A folder to publish in, and a home that may have it as the remote `team`."""
    folder = tmp_path / "team"
    folder.mkdir()
    return Team(home, folder, keys, answer)


def _matters(finding):
    return finding["state"] != "ok" and finding["check"] != "engine"


@pytest.fixture
def shell():
    """Return the path of a shell; a test that needs one which is not installed is skipped aloud."""

    def find(name):
        return shutil.which(name) or pytest.skip(f"{name} is not installed: apt install {name}")

    return find
