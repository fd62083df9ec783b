"""Mounts in bwrap's words."""

import pytest

from launcher.core.sandbox.mount_layout import (
    Child,
    Layout,
    Point,
    StandIn,
    folder_words,
    point_words,
    root_words,
    seal_words,
    tmpfs_point,
)


def line(words):
    return " ".join(words)


def test_a_tree_with_all_mount_points_is_one_mount():
    assert line(root_words("/trees/x/rootfs", Layout())) == "--ro-bind /trees/x/rootfs /"


def test_a_folder_without_a_mount_point_is_replaced_with_its_children():
    etc = StandIn("/etc", 0o755, (Child("hosts"), Child("mtab", "/proc/mounts")))

    words = line(root_words("/t", Layout((etc,))))

    assert words == (
        "--ro-bind /t / --perms 0755 --tmpfs /etc --ro-bind /t/etc/hosts /etc/hosts --symlink /proc/mounts /etc/mtab"
    )


def test_what_a_mount_covers_is_not_bound_first():
    etc = StandIn("/etc", 0o755, (Child("hosts"), Child("passwd")))

    words = line(root_words("/t", Layout((etc,), points=(Point("/etc/hosts", "/ours"),))))

    assert words == "--ro-bind /t / --perms 0755 --tmpfs /etc --ro-bind /t/etc/passwd /etc/passwd"


def test_the_root_itself_can_be_replaced_and_comes_first():
    layout = Layout((StandIn("/home", 0o755, ()), StandIn("/", 0o755, (Child("usr"), Child("bin", "usr/bin")))))

    words = line(root_words("/t", layout))

    assert words == ("--perms 0755 --tmpfs / --ro-bind /t/usr /usr --symlink usr/bin /bin --perms 0755 --tmpfs /home")


def test_what_had_to_be_written_is_read_only_in_the_end():
    layout = Layout((StandIn("/home", 0o755, ()),), ("/home/ana",), (Point("/s", read_only=True), Point("/t")))

    assert line(folder_words(layout)) == "--dir /home/ana"
    assert line(seal_words(layout)) == "--remount-ro /s --remount-ro /home"


@pytest.mark.parametrize(
    ("point", "words"),
    [
        (Point("/w", "/srv/w"), "--bind /srv/w /w"),
        (Point("/w", "/srv/w", read_only=True), "--ro-bind /srv/w /w"),
        (Point("/w", "/dev/null", read_only=True, device=True), "--dev-bind /dev/null /w"),
        (Point("/w"), "--perms 0755 --tmpfs /w"),
        (Point("/w", mode=0o1777, size=4096), "--size 4096 --perms 1777 --tmpfs /w"),
    ],
)
def test_a_mount_in_words(point, words):
    assert line(point_words((point,))) == words


ROOTS = Point("/t", mode=0o1777, keeps_mode=True, owner=(0, 0))


@pytest.mark.parametrize(
    ("options", "point"),
    [
        ("", ROOTS),
        ("mode=0700,uid=1000,exec", Point("/t", mode=0o700, owner=(1000, 0))),
        ("gid=5,uid=many", ROOTS._replace(owner=(0, 5))),
        ("ro,mode=0555", Point("/t", mode=0o555, owner=(0, 0), read_only=True)),
        ("size=64m", ROOTS._replace(size=64 << 20)),
        ("size=65536k,noexec", ROOTS._replace(size=64 << 20)),
        ("size=50%", ROOTS),
    ],
)
def test_a_tmpfs_by_dockers_options(options, point):
    assert tmpfs_point("/t", options) == point
