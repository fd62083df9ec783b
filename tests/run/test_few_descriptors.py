"""A launch with few descriptors (``ulimit -n``) runs, or ends with one line and 125; it leaves no container."""

import pytest

from tests.leftovers import eventually_none, leftovers

pytestmark = pytest.mark.engine


CASES = [  # with 3, the system cannot load Python
    *(("cold", most) for most in range(4, 21)),
    *(pytest.param("warm", most, marks=pytest.mark.about("engine")) for most in range(4, 13)),
]


@pytest.mark.parametrize(("way", "most"), CASES)
def test_it_runs_or_says_what_is_missing(home, engine, sh, way, most):
    if way == "warm":
        image = engine.ref("docker.io/library/busybox:latest")
        home.app(sh, image, entrypoint='["sh"]', network_mode='"none"', warm='"60s"')
        home.run("applaunch", "warm", "start", sh)
    home.run(sh, "-c", "true", check=True)  # what is found out about a new engine is known

    home.takes_over = True  # a container needs fewer descriptors of ours than a sandbox does
    done = home.run("bash", "-c", f"ulimit -n {most}; exec {home.bin}/{sh} -c 'echo hello'")

    if done.returncode:
        *site, last = done.stderr.splitlines()  # Python's own module for packages complains as well
        assert (done.returncode, done.stdout) == (125, "")
        assert last.startswith("applaunch: ")
        assert last.endswith(": too many open files; ulimit -n 64")
        assert "Traceback" not in "".join(site)
    else:
        assert (done.stdout, done.stderr) == ("hello\n", "")
    if way == "warm":
        assert not eventually_none(home.processes, 20)
        home.run("applaunch", "warm", "clear")
    assert not eventually_none(lambda: leftovers(engine, waiting=True))


@pytest.mark.about("engine")
def test_what_cannot_even_be_imported_is_one_line(home, sh):
    done = home.run("bash", "-c", f"ulimit -n 6; exec {home.bin}/{sh} -c 'echo hello'", env={"APPLAUNCH_WIRE": "0"})

    assert done.returncode == 125
    assert done.stderr.endswith("applaunch: files: too many open files; ulimit -n 64\n")
    assert "Traceback" not in done.stderr
