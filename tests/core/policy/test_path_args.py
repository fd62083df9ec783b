import pytest

from launcher.core.policy.path_args import PathFact, argument_mounts, invisible_paths, named_paths
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.mount_plan import inspected_paths, plan_mounts
from launcher.core.values.mount import Mount
from launcher.run.replay import is_inside
from tests.core.examples import ANA, YOUTUBE_DL

CWD = "/home/ana/clips"
HERE = Mount(CWD, CWD)


def there(*paths, **links):
    """Facts about existing files, and the targets of links."""
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
        (["//etc/passwd", "//", "///srv//x"], ["/etc/passwd", "/", "/srv/x"]),
        (["/a=b/c"], ["/a=b/c"]),
        (["-v", "--", "-", "https://host/x", ""], []),
        (["/mnt/b", "/mnt/b"], ["/mnt/b"]),
    ],
)
def test_an_argument_is_a_path_as_a_whole_or_after_its_equals_sign(args, paths):
    assert named_paths(args, "ro", CWD) == tuple(paths)


GLUED = [
    ("-I../inc", ["/home/ana/inc"]),
    ("-L/srv/lib", ["/srv/lib"]),
    ("@/tmp/x.rsp", ["/home/ana/work/@/tmp/x.rsp", "/tmp/x.rsp"]),
    ("file:///srv/x", ["/srv/x"]),
    ("/a:../b", ["/a:../b", "/a", "/home/ana/b"]),
    ("--opt=/a,/b", ["/a,/b", "/a", "/b"]),
]


@pytest.mark.parametrize(("arg", "paths"), GLUED)
def test_a_path_is_found_where_tools_glue_it_to_something(arg, paths):
    assert sorted(named_paths([arg], "ro", "/home/ana/work")) == sorted(paths)
    assert not is_inside(arg)


@pytest.mark.parametrize(
    "arg", ["host:/srv/x", "-I inc", "-Iinc/x", "https://example.org/a:/b", "user@host", "a,b", "s/a/b", "--a-/b"]
)
def test_what_only_looks_like_it_is_no_other_path(arg):
    assert set(named_paths([arg], "ro", "/w")) <= {f"/w/{arg}"}


def test_an_array_of_options_selects_only_their_values():
    args = ["/mnt/a", "--file", "/mnt/b", "--out=/mnt/c", "-o", "/mnt/d"]

    assert named_paths(args, ("--file", "--out"), CWD) == ("/mnt/b", "/mnt/c")
    assert named_paths([], ("--file", "--out"), CWD) == ()


def test_an_existing_path_is_mounted_at_the_same_path():
    assert argument_mounts(["/mnt/b"], "ro", there("/mnt/b"), [HERE]) == (Mount("/mnt/b", "/mnt/b", read_only=True),)
    assert argument_mounts(["/mnt/b"], "rw", there("/mnt/b"), [HERE]) == (Mount("/mnt/b", "/mnt/b"),)


def test_a_visible_or_missing_path_is_not_mounted():
    assert argument_mounts([f"{CWD}/a", "/mnt/missing"], "ro", there(f"{CWD}/a"), [HERE]) == ()


def test_a_mounted_folder_makes_its_content_visible():
    facts = {"/mnt/a": PathFact("folder", "/mnt/a"), "/mnt/a/b": PathFact("file", "/mnt/a/b")}

    assert [mount.target for mount in argument_mounts(["/mnt/a/b", "/mnt/a"], "ro", facts, [])] == ["/mnt/a"]


def test_the_target_of_a_link_is_mounted_too():
    facts = {f"{CWD}/link": PathFact("file", "/mnt/real")}

    assert [mount.target for mount in argument_mounts([f"{CWD}/link"], "ro", facts, [HERE])] == ["/mnt/real"]


@pytest.mark.parametrize(
    "path", ["/", "/etc", "/proc/1/environ", "/dev/sda", "/usr/bin/env", "/home", "/tmp", "/sys/x"]
)
def test_system_folders_are_never_mounted(path):
    facts = {path: PathFact("folder", path)}

    assert argument_mounts([path], "rw", facts, []) == ()


def test_a_new_file_mounts_its_folder_if_writing_is_allowed():
    facts = {"/srv/out": PathFact("folder", "/srv/out")}

    assert argument_mounts(["/srv/out/new"], "rw", facts, []) == (Mount("/srv/out", "/srv/out"),)
    assert argument_mounts(["/srv/out/new"], "ro", facts, []) == ()
    assert argument_mounts(["/tmp/new"], "rw", {"/tmp": PathFact("folder", "/tmp")}, []) == ()


def folders(*paths):
    return {path: PathFact("folder", path) for path in paths}


def test_with_rw_the_folder_of_a_file_is_mounted_once_so_that_the_file_can_be_replaced():
    facts = there("/srv/in/a", "/srv/in/b") | folders("/srv/in")

    assert argument_mounts(["/srv/in/a", "/srv/in/b"], "rw", facts, []) == (Mount("/srv/in", "/srv/in"),)
    assert argument_mounts(["/srv/in/a"], "ro", facts, []) == (Mount("/srv/in/a", "/srv/in/a", read_only=True),)


def test_a_folder_behind_a_link_is_mounted_at_both_paths():
    facts = {"/srv/link": PathFact("folder", "/data/in"), "/srv/link/a": PathFact("file", "/data/in/a")}

    mounts = argument_mounts(["/srv/link/a"], "rw", facts, [])

    assert mounts == (Mount("/data/in", "/data/in"), Mount("/data/in", "/srv/link"))


def test_a_link_to_a_file_beside_it_is_in_the_folder_too():
    facts = {"/srv/in": PathFact("folder", "/srv/in"), "/srv/in/link": PathFact("file", "/srv/in/a")}

    assert argument_mounts(["/srv/in/link"], "rw", facts, []) == (Mount("/srv/in", "/srv/in"),)


def test_a_file_behind_a_link_to_elsewhere_is_mounted_without_a_folder():
    facts = {"/srv/in": PathFact("folder", "/srv/in"), "/srv/in/link": PathFact("file", "/data/a")}

    mounts = argument_mounts(["/srv/in/link"], "rw", facts, [])

    assert mounts == (Mount("/data/a", "/data/a"), Mount("/data/a", "/srv/in/link"))


@pytest.mark.parametrize(
    "path",
    [
        "/home/ana/notes",
        "/home/ana/.config/tool.toml",
        "/home/ana/.ssh/config",
        "/home/ana/.config/fish/config.fish",
        "/keys/mine/key.pem",
        "/etc/nginx/nginx.conf",
        "/tmp/x",
        "/var/tmp/x",
        "/var/lib/x",
        "/srv/x",
    ],
)
def test_a_file_in_a_large_or_protected_folder_is_mounted_without_it(path):
    entry = YOUTUBE_DL._replace(path_args="rw")
    call = ANA._replace(args=(path,), secrets=(*ANA.secrets, "/keys/mine/key.pem"))
    parents = path.rpartition("/")[0], "/home/ana", "/home/ana/.ssh", "/home/ana/.config/fish"
    facts = there(path) | {each: PathFact("folder", each) for each in parents}

    mounts = plan_mounts(entry, call, facts, EngineTraits()).mounts

    assert [mount.source for mount in mounts if mount.source != CWD] == [path]


def test_secrets_in_the_folder_of_a_named_file_are_covered_and_start_up_files_read_only():
    entry = YOUTUBE_DL._replace(path_args="rw")
    call = ANA._replace(args=("/home/ana/dots/a",), secrets=(".ssh",), startup=("dots/rc",))
    facts = (
        there("/home/ana/dots/a")
        | folders("/home/ana/dots")
        | {
            "/home/ana/.ssh": PathFact("folder", "/home/ana/dots/ssh"),
            "/home/ana/dots/rc": PathFact("file", "/home/ana/dots/rc"),
        }
    )

    seen = plan_mounts(entry, call, facts, EngineTraits())

    assert Mount("/home/ana/dots", "/home/ana/dots") in seen.mounts
    assert Mount("/home/ana/dots/rc", "/home/ana/dots/rc", read_only=True) in seen.mounts
    assert [path for path, _ in seen.tmpfs] == ["/home/ana/dots/ssh"]


@pytest.mark.parametrize(("theirs", "targets"), [((), ["/home/ana"]), (("path_args",), [])])
def test_for_a_new_file_the_home_is_mounted_for_apps_of_ones_own(theirs, targets):
    entry = YOUTUBE_DL._replace(path_args="rw", mount_cwd="none")
    call = ANA._replace(args=("/home/ana/new",), theirs=theirs)

    mounts = plan_mounts(entry, call, folders("/home/ana"), EngineTraits()).mounts

    assert [mount.target for mount in mounts] == targets


def test_none_mounts_nothing():
    assert argument_mounts(["/mnt/b"], "none", there("/mnt/b"), []) == ()


def test_an_existing_invisible_path_is_reported():
    paths = [f"{CWD}/a", "/mnt/b", "/mnt/missing", "/etc/hosts"]

    assert invisible_paths(paths, there(f"{CWD}/a", "/mnt/b", "/etc/hosts"), [HERE]) == ("/mnt/b",)


def test_an_absolute_path_in_the_current_folder_is_visible_if_that_is_mounted_elsewhere():
    call = ANA._replace(args=(f"{CWD}/clip.mp4",))
    facts = {f"{CWD}/clip.mp4": PathFact("file", f"{CWD}/clip.mp4")}

    mounts = plan_mounts(YOUTUBE_DL, call, facts, EngineTraits()).mounts

    assert mounts == (Mount(CWD, "/data"), Mount(CWD, CWD))


def test_secrets_in_a_named_home_are_masked_and_a_named_secret_is_mounted():
    home = {"/home/ana": PathFact("folder", "/home/ana"), "/home/ana/.ssh": PathFact("folder", "/home/ana/.ssh")}
    call = ANA._replace(args=("/home/ana",))

    seen = plan_mounts(YOUTUBE_DL, call, home, EngineTraits())

    assert "/home/ana/.ssh" in inspected_paths(YOUTUBE_DL, call)
    assert seen.tmpfs == (("/home/ana/.ssh", "ro,mode=0555"),)
    assert plan_mounts(YOUTUBE_DL, ANA._replace(args=("/home/ana/.ssh",)), home, EngineTraits()).tmpfs == ()


def test_podman_does_not_copy_a_secret_into_its_mask():
    facts = {"/home/ana/.ssh": PathFact("folder", "/home/ana/.ssh")}

    seen = plan_mounts(YOUTUBE_DL, ANA._replace(cwd="/home/ana"), facts, EngineTraits("podman"))

    assert seen.tmpfs == (("/data/.ssh", "ro,mode=0555,notmpcopyup"),)


def test_the_callers_time_zone_is_passed():
    berlin = "/usr/share/zoneinfo/Europe/Berlin"
    facts = {berlin: PathFact("file", berlin), "/etc/localtime": PathFact("file", berlin)}

    by_name = plan_mounts(YOUTUBE_DL, ANA._replace(env={"TZ": "Europe/Berlin"}), facts, EngineTraits()).mounts
    by_file = plan_mounts(YOUTUBE_DL, ANA, facts, EngineTraits()).mounts
    fixed = plan_mounts(YOUTUBE_DL._replace(environment=(("TZ", "UTC"),)), ANA, facts, EngineTraits()).mounts

    assert by_name[-1] == Mount(berlin, berlin, read_only=True)
    assert by_file[-1] == Mount(berlin, "/etc/localtime", read_only=True)
    assert fixed == (Mount(CWD, "/data"),)


def test_mounts_are_relabelled_for_selinux_except_home_and_system_folders():
    selinux = EngineTraits(selinux=True)
    entry = YOUTUBE_DL._replace(volumes=(Mount("/etc/ssl", "/x"), Mount("/srv/y", "/y", relabel="Z")))
    facts = {"/etc/ssl": PathFact("folder", "/etc/ssl"), "/srv/y": PathFact("folder", "/srv/y")}

    labels = [mount.relabel for mount in plan_mounts(entry, ANA, facts, selinux).mounts]

    assert labels == ["z", "", "Z"]
    assert plan_mounts(YOUTUBE_DL, ANA._replace(cwd="/home/ana"), {}, selinux).mounts[0].relabel == ""
