"""A fresh Debian with neither docker nor podman nor root: told what to install, and then the main job runs."""

import re

import pytest

from tests.fresh_debian import fresh_debian, why_not
from tests.leftovers import eventually_none

pytestmark = pytest.mark.engine  # the rig's registry and its web server
_ONE_LINE = r"applaunch: youtube-dl: [^\n]+\n"


@pytest.fixture(scope="module")
def web(engine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("web")
    engine.clip(folder)
    with engine.serve(folder) as served:
        yield f"{served.container_url}/clip.mp4"


@pytest.fixture
def machine(engine, tmp_path):
    """A fresh machine with applaunch and nothing else, and the app of the main example."""
    if why := why_not() or ("" if engine.started_by_us else "needs a registry that stands for public names"):
        pytest.skip(why)
    with fresh_debian(engine, tmp_path) as fresh:
        added = fresh.run("applaunch", "add", "youtube-dl")
        assert added.returncode == 0, added.stderr
        yield fresh


def install(machine, line):
    """Install as root what the *line* tells an ordinary user to install first."""
    word = re.search(r"apt install ([a-z]+)", line)[1]
    done = machine.run("apt-get", "install", "-y", "-q", "--no-download", "--no-install-recommends", word, user=False)
    assert done.returncode == 0, done.stderr
    return word


def kept_networks(machine):
    """Return how many networks are kept for apps there; one that has ended may be a zombie, without a command line."""
    return machine.run("sh", "-c", "cat /proc/[0-9]*/cmdline").stdout.count("--config-net")


def test_one_line_after_another_tells_what_to_install_until_the_main_job_runs(machine, web):
    for missing in ("bubblewrap", "passt"):
        refused = machine.run("youtube-dl", web)
        assert refused.returncode in (125, 126)
        assert refused.stdout == ""
        assert re.fullmatch(_ONE_LINE, refused.stderr), refused.stderr
        assert install(machine, refused.stderr) == missing

    done = machine.run("youtube-dl", "--no-progress", web)

    assert done.returncode == 0, done.stderr
    assert "pulling docker.io/vimagick/youtube-dl:latest" in done.stderr
    saved = machine.run("sh", "-c", "stat -c '%u %s' *.mp4").stdout.split()
    assert (saved[0], int(saved[1]) > 1_000_000) == ("4343", True)
    runs = machine.run("applaunch", "runs").stdout
    assert "bubblewrap" in runs
    assert kept_networks(machine) == 1
    assert machine.run("applaunch", "remove", "youtube-dl").returncode == 0
    assert not eventually_none(lambda: kept_networks(machine))


def test_with_bubblewrap_alone_the_main_job_runs_once_its_user_gives_it_the_network_of_the_machine(machine, web):
    install(machine, machine.run("youtube-dl", web).stderr)
    machine.run("applaunch", "override", "youtube-dl", "--network", "host")

    done = machine.run("youtube-dl", "--no-progress", web)

    assert done.returncode == 0, done.stderr
    assert machine.run("sh", "-c", "ls *.mp4").stdout
