"""A shim that a program calls inside its container: it runs where an engine can be reached, and never in a circle."""

import shutil
from pathlib import Path

import pytest

import launcher
from tests.leftovers import eventually_none, leftovers

pytestmark = pytest.mark.engine

PROBE = "docker.io/applaunch/probe:latest"
PACKAGE = Path(launcher.__file__).parents[1]


@pytest.fixture
def nested(home, engine):
    """Make an app whose Python can run the shims of this home: it sees them and, if it should, the engine's socket.

    The package is a copy, mounted where the shims look for it: an ordinary user's engine cannot enter everybody's.
    """
    copy = home.path / "package"
    for name in ("launcher", "shims"):
        shutil.copytree(PACKAGE / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(PACKAGE / "catalog.toml", copy)
    socket = engine.docker_host.removeprefix("unix://")

    def make(name, *, with_socket):
        mine = [f"{home.path}:{home.path}", f"{copy}:{PACKAGE}:ro", *([f"{socket}:{socket}"] if with_socket else [])]
        volumes = ", ".join(f'"{each}"' for each in mine)
        keys = {"environment": f'["DOCKER_HOST={engine.docker_host}"]'} if with_socket else {}
        home.app(
            name,
            engine.ref(PROBE),
            entrypoint='["python3", "-I"]',
            volumes=f"[{volumes}]",
            network_mode='"none"',
            **keys,
        )
        home.run(name, "-c", "pass", check=True)
        return str(home.bin / name)

    return make


def test_a_program_inside_runs_another_one_beside_it(home, nested, sh):
    home.run(sh, "-c", "true", check=True)
    outer = nested("outer", with_socket=True)
    (home.work / "file").write_text("mine")

    ended = home.run(outer, str(home.bin / sh), "-c", "cat file; cat; echo $APPLAUNCH_SHIM >&2; exit 7", input="fed")

    assert (ended.stdout, ended.stderr, ended.returncode) == ("minefed", "outer:bsh\n", 7)


@pytest.mark.parametrize("between", [[], ["b"], ["b", "c"]])
def test_a_circle_of_shims_is_one_line(home, nested, between):
    shims = [nested(name, with_socket=True) for name in ("a", *between)]

    ended = home.run(*shims, shims[0], "-c", "print('no')")

    way = " > ".join(("a", *between, "a"))
    assert (ended.stdout, ended.returncode) == ("", 125)
    assert ended.stderr == (
        f"applaunch: a: called by what it has started itself ({way});"
        " there, put the real program of that name before the shims on PATH\n"
    )


def test_without_an_engine_inside_the_line_says_where_one_is(home, nested, sh):
    outer, sudo = nested("outer", with_socket=False), "sudo " if home.user else ""

    ended = home.run(outer, str(home.bin / sh), "-c", "true")

    assert (ended.stdout, ended.returncode) == ("", 125)
    assert ended.stderr == (
        f"applaunch: bsh: no engine answers, and bubblewrap cannot run it: bubblewrap is not installed; {sudo}apt install bubblewrap,"
        " or: this is a container: run applaunch outside, or mount the engine's socket"
        " (-v /var/run/docker.sock:/var/run/docker.sock)\n"
    )


def test_what_the_program_of_a_killed_launcher_had_started_beside_it_is_found_dead(home, nested, sh, engine):
    home.run(sh, "-c", "true", check=True)
    outer = nested("outer", with_socket=True)
    process = home.popen(outer, str(home.bin / sh), "-c", "echo ready; exec sleep 600", stdin=-3, stdout=-1)
    assert process.stdout.readline() == b"ready\n"

    process.kill()
    process.stdout.close()
    process.wait(20)

    def mended():
        home.run("applaunch", "doctor", "--fix")  # or the next sweep, within the hour
        return leftovers(engine)

    assert not eventually_none(mended, 10)
