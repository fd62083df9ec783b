"""The program is the caller, whoever that is: the owner of a rootless engine too, and whoever runs these tests."""

import json
import os

import pytest

from tests.home import SANDBOXED

pytestmark = pytest.mark.engine


@pytest.fixture
def uid(home, engine):
    """The caller's uid on this machine."""
    return engine.caller_uid or home.user or os.getuid()


@pytest.mark.smoke
def test_files_are_mine(home, bash, uid):
    home.run(bash, "-c", "touch made && mkdir -p folder/inner && echo x > folder/inner/file", check=True)

    for name in ("made", "folder", "folder/inner/file"):
        assert (home.work / name).stat().st_uid == uid


def test_what_is_mine_can_be_read_written_and_removed(home, bash):
    (home.work / "secret").write_text("old")
    (home.work / "secret").chmod(0o600)
    (home.work / "closed").mkdir(mode=0o700)
    (home.work / "closed/gone").write_text("x")

    ended = home.run(bash, "-c", "cat secret && echo new > secret && rm -r closed", check=True)

    assert ended.stdout == "old"
    assert (home.work / "secret").read_text() == "new\n"
    assert not (home.work / "closed").exists()


def test_i_have_a_name_and_a_home_that_can_be_written(home, bash):
    script = (
        "whoami >/dev/null && cd ~ && touch x && git init -q repo && python3 -c 'import getpass; getpass.getuser()'"
    )

    ended = home.run(bash, "-c", f"{script} && echo $HOME")

    assert ended.stdout == f"{home.path}\n"


def test_the_program_has_no_capabilities_but_those_over_its_own_files(home, bash):
    status = home.run(bash, "-c", "cat /proc/self/status", check=True).stdout

    values = dict(line.split(":\t") for line in status.splitlines() if ":\t" in line)
    over_files = sum(1 << bit for bit in (0, 1, 3))  # CHOWN, DAC_OVERRIDE, FOWNER: capability.h
    assert int(values["CapEff"], 16) & ~over_files == 0
    if home.way not in SANDBOXED:  # bwrap leaves root's bounding set; no_new_privs makes it of no use
        assert int(values["CapBnd"], 16) & ~over_files == 0
    assert values["NoNewPrivs"] == "1"


def test_user_image_leaves_who_it_is_to_the_image(home, engine):
    home.app("asis", engine.ref("docker.io/applaunch/probe:latest"), command='["probe"]', user='"image"')

    seen = json.loads(home.run("asis", check=True).stdout)

    assert (seen["uid"], seen["home"], seen["whoami"]) == (0, "/root", "root")
