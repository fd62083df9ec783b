import pytest

from launcher.core.policy.path_args import PathFact, argument_mounts, invisible_paths, named_paths
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.mount_plan import plan_mounts, sources
from launcher.core.values.mount import Mount
from tests.core.examples import ANA, YOUTUBE_DL

CWD = "/home/ana/clips"
HERE = Mount(CWD, CWD)


def there(*paths, **links):
    """Facts about files that exist, and links to what they really are."""
    return {path: PathFact("file", path) for path in paths} | {
        path.replace("_", "/"): PathFact("file", real) for path, real in links.items()
    }


@pytest.mark.parametrize(
    ("args", "paths"),
    [
        (["../a"], ["/home/ana/a"]),
        (["/mnt/b"], ["/mnt/b"]),
        (["--out=/srv/x"], ["/srv/x"]),
        (["if=/srv/x", "of=../y"], ["/srv/x", "/home/ana/y"]),
        (["plain"], [f"{CWD}/plain"]),
        (["a/../../b"], ["/home/ana/b"]),
        (["/a=b/c"], ["/a=b/c"]),
        (["-v", "--", "-", "https://host/x", "file:///x", ""], []),
        (["/mnt/b", "/mnt/b"], ["/mnt/b"]),
    ],
)
def test_an_argument_names_a_path_whole_or_after_its_equals_sign(args, paths):
    assert named_paths(args, "ro", CWD) == tuple(paths)


def test_an_array_of_options_looks_at_their_values_only():
    args = ["/mnt/a", "--file", "/mnt/b", "--out=/mnt/c", "-o", "/mnt/d"]

    assert named_paths(args, ("--file", "--out"), CWD) == ("/mnt/b", "/mnt/c")


def test_what_exists_elsewhere_is_bound_where_it_is():
    assert argument_mounts(["/mnt/b"], "ro", there("/mnt/b"), [HERE]) == (Mount("/mnt/b", "/mnt/b", read_only=True),)
    assert argument_mounts(["/mnt/b"], "rw", there("/mnt/b"), [HERE]) == (Mount("/mnt/b", "/mnt/b"),)


def test_what_is_seen_already_or_is_not_there_is_left_alone():
    assert argument_mounts([f"{CWD}/a", "/mnt/missing"], "ro", there(f"{CWD}/a"), [HERE]) == ()


def test_a_folder_shows_what_is_in_it():
    facts = {"/mnt/a": PathFact("folder", "/mnt/a"), "/mnt/a/b": PathFact("file", "/mnt/a/b")}

    assert [mount.target for mount in argument_mounts(["/mnt/a/b", "/mnt/a"], "ro", facts, [])] == ["/mnt/a"]


def test_a_link_to_elsewhere_brings_what_it_points_at():
    facts = {f"{CWD}/link": PathFact("file", "/mnt/real")}

    assert [mount.target for mount in argument_mounts([f"{CWD}/link"], "ro", facts, [HERE])] == ["/mnt/real"]


@pytest.mark.parametrize(
    "path", ["/", "/etc", "/proc/1/environ", "/dev/sda", "/usr/bin/env", "/home", "/tmp", "/sys/x"]
)
def test_the_systems_own_folders_are_never_bound(path):
    facts = {path: PathFact("folder", path)}

    assert argument_mounts([path], "rw", facts, []) == ()


def test_a_new_file_needs_its_folder_and_the_right_to_write():
    facts = {"/srv/out": PathFact("folder", "/srv/out")}

    assert argument_mounts(["/srv/out/new"], "rw", facts, []) == (Mount("/srv/out", "/srv/out"),)
    assert argument_mounts(["/srv/out/new"], "ro", facts, []) == ()
    assert argument_mounts(["/tmp/new"], "rw", {"/tmp": PathFact("folder", "/tmp")}, []) == ()


def test_none_binds_nothing():
    assert argument_mounts(["/mnt/b"], "none", there("/mnt/b"), []) == ()


def test_what_exists_and_is_not_seen_is_worth_a_hint():
    paths = [f"{CWD}/a", "/mnt/b", "/mnt/missing", "/etc/hosts"]

    assert invisible_paths(paths, there(f"{CWD}/a", "/mnt/b", "/etc/hosts"), [HERE]) == ("/mnt/b",)


def test_an_absolute_path_in_the_current_folder_works_where_that_is_mounted_elsewhere():
    call = ANA._replace(args=(f"{CWD}/clip.mp4",))
    facts = {f"{CWD}/clip.mp4": PathFact("file", f"{CWD}/clip.mp4")}

    mounts = plan_mounts(YOUTUBE_DL, call, facts, EngineTraits()).mounts

    assert mounts == (Mount(CWD, "/data"), Mount(CWD, CWD))


def test_a_named_home_has_its_secrets_covered_and_a_named_secret_is_shown():
    home = {"/home/ana": PathFact("folder", "/home/ana"), "/home/ana/.ssh": PathFact("folder", "/home/ana/.ssh")}
    call = ANA._replace(args=("/home/ana",))

    seen = plan_mounts(YOUTUBE_DL, call, home, EngineTraits())

    assert "/home/ana/.ssh" in sources(YOUTUBE_DL, call)
    assert seen.tmpfs == (("/home/ana/.ssh", "ro,mode=0555"),)
    assert plan_mounts(YOUTUBE_DL, ANA._replace(args=("/home/ana/.ssh",)), home, EngineTraits()).tmpfs == ()


def test_podman_is_told_not_to_copy_a_secret_into_what_covers_it():
    facts = {"/home/ana/.ssh": PathFact("folder", "/home/ana/.ssh")}

    seen = plan_mounts(YOUTUBE_DL, ANA._replace(cwd="/home/ana"), facts, EngineTraits("podman"))

    assert seen.tmpfs == (("/data/.ssh", "ro,mode=0555,notmpcopyup"),)


def test_the_callers_time_zone_comes_along():
    berlin = "/usr/share/zoneinfo/Europe/Berlin"
    facts = {berlin: PathFact("file", berlin), "/etc/localtime": PathFact("file", berlin)}

    by_name = plan_mounts(YOUTUBE_DL, ANA._replace(env={"TZ": "Europe/Berlin"}), facts, EngineTraits()).mounts
    by_file = plan_mounts(YOUTUBE_DL, ANA, facts, EngineTraits()).mounts
    fixed = plan_mounts(YOUTUBE_DL._replace(environment=(("TZ", "UTC"),)), ANA, facts, EngineTraits()).mounts

    assert by_name[-1] == Mount(berlin, berlin, read_only=True)
    assert by_file[-1] == Mount(berlin, "/etc/localtime", read_only=True)
    assert fixed == (Mount(CWD, "/data"),)


def test_selinux_labels_what_is_mounted_but_never_a_home_or_a_folder_of_the_system():
    selinux = EngineTraits(selinux=True)
    entry = YOUTUBE_DL._replace(volumes=(Mount("/etc/ssl", "/x"), Mount("/srv/y", "/y", relabel="Z")))
    facts = {"/etc/ssl": PathFact("folder", "/etc/ssl"), "/srv/y": PathFact("folder", "/srv/y")}

    labels = [mount.relabel for mount in plan_mounts(entry, ANA, facts, selinux).mounts]

    assert labels == ["z", "", "Z"]
    assert plan_mounts(YOUTUBE_DL, ANA._replace(cwd="/home/ana"), {}, selinux).mounts[0].relabel == ""
