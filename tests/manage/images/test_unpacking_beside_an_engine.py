"""A pull beside an engine unpacks the image, shows how far it is, and leaves some of the disk free."""

import json
import os
import shutil

import pexpect
import pytest

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(os.getuid() != 0, reason="root stands in for anyone, which nobody else can"),
]


@pytest.fixture
def tool(home, engine, request):
    """An app that bubblewrap can run, of an ordinary user beside an engine."""
    image = engine.ref(getattr(request, "param", "docker.io/library/busybox:latest"))
    return home.ordinary().app("tool", image, entrypoint='["echo", "ran"]', network_mode='"none"')


def runtime(home):
    found = json.loads(home.run("applaunch", "info", "tool", "--json").stdout)["runtimes"]["tool"]
    return found["runtime"], found["why"]


def on_a_terminal(home, *words, **variables):
    first, *more = [*home.handed_over().prefix, shutil.which("applaunch", path=home.env["PATH"]), *words]
    child = pexpect.spawn(first, more, env=home.env | variables, cwd=str(home.work), dimensions=(24, 80), timeout=60)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    return child.before.decode()


def test_a_terminal_shows_how_far_an_image_is_unpacked(home, tool):
    shown = on_a_terminal(home, "pull", "tool")

    assert "Unpacking [" in shown
    assert "busybox:latest: Unpacked" in shown
    assert runtime(home) == ("bubblewrap", "")
    assert "npack" not in on_a_terminal(home, "pull", "tool")


def test_what_is_no_terminal_shows_nothing_of_it(home, tool):
    assert "npack" not in home.run("applaunch", "pull", "tool", check=True).stderr
    assert runtime(home) == ("bubblewrap", "")


def test_the_first_call_that_demands_bubblewrap_shows_it_too(home, tool):
    home.run("applaunch", "override", "tool", "--runtime", "bubblewrap", check=True)

    first, *more = [*home.handed_over().prefix, str(home.bin / "tool")]
    child = pexpect.spawn(first, more, env=home.env, cwd=str(home.work), timeout=60)

    child.expect("Unpacked .*ran")
    child.expect(pexpect.EOF)


def test_whoever_asks_gets_an_image_of_any_size(home, tool):
    home.config().joinpath("config.toml").write_text('[sandbox]\nunpack_limit = "1"\n')

    home.run("applaunch", "pull", "tool", check=True)

    assert runtime(home) == ("bubblewrap", "")


LARGE = pytest.mark.parametrize("tool", ["docker.io/applaunch/probe:latest"], indirect=True, ids=["large"])


@LARGE
def test_but_not_the_last_of_the_disk(home, tool):
    home.config().joinpath("config.toml").write_text('[sandbox]\nfree_disk = "900000g"\n')

    done = home.run("applaunch", "pull", "tool", check=True)

    assert done.stderr.splitlines()[-1].startswith("applaunch: tool: note: the engine runs it: ")
    assert "does not fit on the disk, which must keep some space free; free some disk space: df -h" in done.stderr
    assert runtime(home) == ("engine", "its image is not unpacked yet")
    assert home.run("tool").stdout == "ran\n"


@LARGE
def test_unless_nothing_else_may_run_it(home, tool):
    home.config().joinpath("config.toml").write_text('[sandbox]\nfree_disk = "900000g"\n')
    home.run("applaunch", "override", "tool", "--runtime", "bubblewrap", check=True)

    assert "note" not in home.run("applaunch", "pull", "tool", check=True).stderr
    assert runtime(home) == ("bubblewrap", "")
