"""Every mount of a sandbox finds its place in the tree, and what is missing there is made."""

import pytest

from launcher.core.sandbox.mount_layout import Child, Layout, Point, StandIn
from launcher.core.sandbox.tree_owner import TreeOwner
from launcher.sandbox.lay_out import lay_out


@pytest.fixture
def tree(tmp_path):
    """A small image: /home and /etc/hosts are there, /var/run is a link."""
    root = tmp_path / "rootfs"
    for folder in ("usr/bin", "home", "etc", "run", "var", "tmp"):
        (root / folder).mkdir(parents=True)
    (root / "etc/hosts").touch()
    (root / "etc/mtab").symlink_to("/proc/mounts")
    (root / "var/run").symlink_to("/run")
    return root


def layout(tree, *points, working_dir="", uid=4343):
    found, _ = lay_out(str(tree), points, working_dir, TreeOwner(uid, uid))
    return found


def test_a_mount_point_that_is_there_needs_nothing(tree, tmp_path):
    point = Point("/tmp", str(tmp_path))

    assert layout(tree, point) == Layout(points=(point,))


def test_a_link_in_the_image_is_followed_inside_it(tree, tmp_path):
    assert layout(tree, Point("/var/run", str(tmp_path))).points == (Point("/run", str(tmp_path)),)


def test_a_missing_mount_point_replaces_the_deepest_folder_that_is_there(tree, tmp_path):
    found = layout(tree, Point("/home/ana/a/b", str(tmp_path)))

    assert found.stand_ins == (StandIn("/home", 0o755, ()),)
    assert found.folders == ("/home/ana", "/home/ana/a")


def test_the_children_of_a_replaced_folder_come_along(tree):
    found = layout(tree, Point("/etc/new", "/etc/hostname"))

    assert found.stand_ins == (StandIn("/etc", 0o755, (Child("hosts"), Child("mtab", "/proc/mounts"))),)


def test_a_mount_in_a_tmpfs_needs_folders_and_no_stand_in(tree, tmp_path):
    found = layout(tree, Point("/home/ana/a/b", str(tmp_path)), Point("/home/ana"))

    assert [each.folder for each in found.stand_ins] == ["/home"]
    assert found.folders == ()
    assert found.points == (
        Point("/home/ana"),
        Point("/home/ana/a", is_folder=True),  # after the tmpfs that it is in
        Point("/home/ana/a/b", str(tmp_path)),
    )


def test_a_working_folder_in_a_tmpfs_is_made_in_it(tree):
    found = layout(tree, Point("/tmp"), working_dir="/tmp/a/b")

    assert (found.folders, found.points[1:]) == (
        (),
        (Point("/tmp/a", is_folder=True), Point("/tmp/a/b", mode=0o555, is_folder=True)),  # not yours to write
    )


def test_a_tmpfs_has_the_mode_of_the_folder_that_it_covers_and_its_owner_the_rights_of_others(tree):
    (tree / "run").chmod(0o755)
    (tree / "tmp").chmod(0o1777)
    points = [Point(path, mode=0o1777, keeps_mode=True, owner=(0, 0)) for path in ("/run", "/tmp", "/new")]

    modes = {"/run": 0o555, "/tmp": 0o1777, "/new": 0o1777}
    assert {each.target: each.mode for each in layout(tree, *points).points} == modes
    assert {each.target: each.mode for each in layout(tree, *points, uid=0).points} == modes | {"/run": 0o755}


@pytest.mark.parametrize(
    ("owner", "mode", "own"),
    [((0, 0), 0o750, 0o050), ((0, 0), 0o1777, 0o1777), ((4343, 0), 0o700, 0o700), ((0, 4343), 0o750, 0o550)],
)
def test_a_tmpfs_of_somebody_else_gives_the_rights_that_it_gives_in_a_container(tree, owner, mode, own):
    (point,) = layout(tree, Point("/tmp", mode=mode, owner=owner)).points

    assert oct(point.mode) == oct(own)


def test_nothing_is_mounted_over_the_whole_image(tree, tmp_path):
    assert layout(tree, Point("/", str(tmp_path))).problem == "no mount at /: it is the image itself"


def test_a_mount_inside_another_uses_its_contents(tree, tmp_path):
    (tmp_path / "src/cache").mkdir(parents=True)
    outer, inner = Point("/tmp", str(tmp_path / "src")), Point("/tmp/cache")

    assert layout(tree, inner, outer) == Layout(points=(outer, inner))


def test_a_read_only_mount_without_the_path_has_no_place_for_another(tree, tmp_path):
    found = layout(tree, Point("/tmp", str(tmp_path), read_only=True), Point("/tmp/new"))

    assert "/tmp/new" in found.problem


def test_a_file_cannot_be_mounted_on_a_folder(tree):
    assert "one is a folder" in layout(tree, Point("/tmp", "/etc/hostname")).problem


def test_a_folder_with_many_entries_is_not_replaced(tree, tmp_path):
    for number in range(201):
        (tree / f"usr/bin/{number}").touch()

    assert "201 entries in /usr/bin" in layout(tree, Point("/usr/bin/new", str(tmp_path))).problem


def test_a_missing_working_folder_is_made(tree):
    found = layout(tree, working_dir="/srv/app")

    assert [each.folder for each in found.stand_ins] == ["/"]
    assert found.folders == ("/srv", "/srv/app")


def test_a_loop_of_links_is_a_problem_and_no_crash(tree, tmp_path):
    (tree / "a").symlink_to("b")
    (tree / "b").symlink_to("a")

    assert "/a/x" in layout(tree, Point("/a/x", str(tmp_path))).problem
