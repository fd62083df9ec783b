"""What is mounted of a project, by its facts."""

import pytest

from launcher.core.policy.path_args import PathFact
from launcher.core.policy.project_mounts import may_be_project
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.mount_plan import inspected_paths, plan_mounts
from launcher.core.values.mount import Mount
from launcher.errors import CannotRunError
from tests.core.examples import ANA, YOUTUBE_DL

HOME = ANA.home
TOP, GIT = f"{HOME}/repo", f"{HOME}/main/.git"
CALL = ANA._replace(cwd=f"{TOP}/src/a", project=TOP)
ENTRY = YOUTUBE_DL._replace(mount_cwd="project", working_dir="", volumes=())


def planned(entry=ENTRY, call=CALL, **facts):
    """Return the mounts and the working directory of *call*; of *facts* by path, all others are as they should be."""
    known = {path: PathFact("folder", path) for path in inspected_paths(entry, call)} | facts
    return plan_mounts(entry, call, known, EngineTraits())


def of_folder(plan):
    """Return the mounts that are not of the time zone, nor of the user's own files."""
    return [mount for mount in plan.mounts if mount.source in {CALL.cwd, TOP, GIT}]


@pytest.mark.parametrize(
    ("folder", "may"),
    [
        *((path, True) for path in (TOP, "/srv/repo", "/data", "/etc/ansible", "/home/ana2/x", "/mnt/disk/x")),
        *((path, False) for path in (HOME, "/home", "/", "/home/ben", "/etc", "/usr", "/usr/local", "/opt", "/tmp")),
        *((path, False) for path in ("/run/x", "/proc/1", "/sys/x", "/dev/shm", "/boot/x", "/var", "/root", "/nix")),
    ],
)
def test_a_folder_that_is_no_ones_own_project_is_none(folder, may):
    assert may_be_project(folder, HOME) == may


def test_the_top_is_mounted_and_the_program_starts_in_the_current_folder():
    plan = planned()

    assert of_folder(plan) == [Mount(TOP, TOP)]
    assert plan.working_dir == CALL.cwd


def test_the_git_folder_of_a_worktree_is_mounted_in_the_same_mode():
    entry = ENTRY._replace(mount_cwd="project-ro")

    assert of_folder(planned(entry, CALL._replace(repository=GIT))) == [
        Mount(TOP, TOP, read_only=True),
        Mount(GIT, GIT, read_only=True),
    ]


@pytest.mark.parametrize(("folder", "start"), [("/data", "/data/src/a"), ("/", "/src/a"), ("~/x", f"{HOME}/x/src/a")])
def test_the_top_is_mounted_at_working_dir(folder, start):
    plan = planned(ENTRY._replace(working_dir=folder))

    assert [mount.source for mount in of_folder(plan)] == [TOP]
    assert plan.working_dir == start


def test_an_absolute_argument_has_the_project_at_its_own_path_too():
    plan = planned(ENTRY._replace(working_dir="/data"), CALL._replace(args=(f"{TOP}/README",)))

    assert of_folder(plan) == [Mount(TOP, "/data"), Mount(TOP, TOP)]


def test_an_argument_by_the_shells_name_of_the_current_folder_has_it_there_too():
    typed = f"{HOME}/link/a"
    plan = planned(call=CALL._replace(typed_cwd=typed, args=(f"{typed}/in",)))

    assert of_folder(plan) == [Mount(TOP, TOP), Mount(CALL.cwd, typed)]


@pytest.mark.parametrize("mode", ["rw", "ro", "none"])
def test_other_modes_mount_no_project(mode):
    assert Mount(TOP, TOP) not in planned(ENTRY._replace(mount_cwd=mode)).mounts


@pytest.mark.parametrize(
    "fact", [PathFact("folder", f"{HOME}/.ssh"), PathFact("file", TOP), PathFact("", "")], ids=["link", "file", "gone"]
)
def test_a_top_that_has_become_another_is_not_mounted(fact):
    assert of_folder(planned(**{TOP: fact})) == [Mount(CALL.cwd, CALL.cwd)]


def test_a_git_folder_that_has_become_a_link_is_not_mounted():
    plan = planned(call=CALL._replace(repository=GIT), **{GIT: PathFact("folder", f"{HOME}/.ssh")})

    assert of_folder(plan) == [Mount(TOP, TOP)]


@pytest.mark.parametrize("place", ["secrets", "startup"])
def test_in_a_protected_folder_of_a_project_the_current_folder_alone_is_mounted(place):
    call = CALL._replace(**{"secrets": (), "startup": ()} | {place: (f"{TOP}/src",)})

    assert of_folder(planned(call=call)) == [Mount(CALL.cwd, CALL.cwd)]


def test_a_secret_in_the_project_is_covered():
    plan = planned(call=CALL._replace(secrets=(f"{TOP}/key",), startup=()))

    assert of_folder(plan) == [Mount(TOP, TOP)]
    assert [path for path, _ in plan.tmpfs] == [f"{TOP}/key"]


def test_a_git_folder_in_a_secret_is_not_mounted():
    call = CALL._replace(repository=GIT, secrets=(f"{HOME}/main",), startup=())

    assert of_folder(planned(call=call)) == [Mount(TOP, TOP)]


def test_a_denied_current_folder_is_refused_and_a_denied_part_of_the_project_is_hidden():
    with pytest.raises(CannotRunError, match=r"the current folder .* is denied to it"):
        planned(ENTRY._replace(deny=(f"{TOP}/src",)))
    with pytest.raises(CannotRunError, match=r"the current folder .* is denied to it"):
        planned(ENTRY._replace(deny=(HOME,)))
    assert [path for path, _ in planned(ENTRY._replace(deny=(f"{TOP}/other",))).tmpfs] == [f"{TOP}/other"]
