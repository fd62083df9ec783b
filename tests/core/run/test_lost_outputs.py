"""Notes on files that a program was told to write where nothing is kept."""

import pytest

from launcher.core.policy.path_args import PathFact
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.lost_outputs import lost_outputs
from tests.core.examples import ANA, YOUTUBE_DL, planned

FOLDER = PathFact("folder", "")
THERE = dict.fromkeys(("/srv/new", "/tmp", "/home/ana/Videos", "/run", "/", "/srv", "/kept"), FOLDER)


def lost(*args, facts=THERE, **keys):
    entry, call = YOUTUBE_DL._replace(**keys), ANA._replace(args=args)
    return lost_outputs(entry, call, facts, planned(entry, call, EngineTraits(), {}))


@pytest.mark.parametrize(
    ("args", "path", "fix"),
    [
        (("-o", "/home/ana/Videos/c.mp4"), "/home/ana/Videos/c.mp4", "set path_args = 'rw' for it"),
        (("--output=/srv/new/x",), "/srv/new/x", "set path_args = 'rw' for it"),
        (("/tmp/x",), "/tmp/x", "name its folder in volumes"),
    ],
)
def test_a_new_file_in_a_folder_that_is_not_mounted_is_noted(args, path, fix):
    what = f"{path} is not there: its folder was not mounted, so what was written to it is lost; {fix}"

    assert lost(*args) == (f"applaunch: youtube-dl: note: {what}",)


@pytest.mark.parametrize(
    "args",
    [
        ("/srv",),  # it is there
        ("/nowhere/x",),  # it could not be written on this machine either
        ("/run/x.pid",),  # the image's
        ("/x",),  # no user writes there
        ("new", "sub/new"),  # in the current folder
        ("https://example.org/a", "--option", ""),
        ("-I/srv/new/x", "@/srv/new/x", "/srv/new/a:/srv/new/b", "/srv/new/a,/srv/new/b"),  # read, mostly
    ],
)
def test_anything_else_is_not(args):
    assert lost(*args) == ()


def test_a_folder_that_was_not_mounted_in_spite_of_rw_is_to_be_named():
    (line,) = lost("/srv/new/x", path_args="rw")

    assert line.endswith("; name its folder in volumes")


def test_what_is_written_to_a_mount_is_kept():
    assert lost(f"{ANA.cwd}/new", facts=THERE | {ANA.cwd: FOLDER}) == ()
    assert lost("/data/new", facts=THERE | {"/data": FOLDER}, working_dir="/data") == ()


def test_a_name_cannot_write_lines_of_its_own():
    (line,) = lost("/srv/new/a\033[2J")

    assert "\033" not in line
