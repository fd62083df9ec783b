"""Trees share equal files, survive interruptions, and show every change."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pytest

from launcher.core.sandbox.tree import WritablePath
from launcher.errors import HostError
from launcher.sandbox import manage_trees, tree_store
from tests.sandbox.trees import ANA, MTIME, Slow, a_tar, entry, image_id, link, make, symlink

ROOT = Path(__file__).parents[2]


def root_of(store, number=1):
    return Path(tree_store.tree_folder(str(store), image_id(number))) / "rootfs"


def used(store):
    """Return the bytes on disk of a store."""
    return int(subprocess.run(["du", "-s", "-B1", store], capture_output=True, check=True).stdout.split()[0])


def many(count, changed=()):
    """Return entries of *count* files; those with a number in *changed* are of a second version."""
    for number in range(count):
        version = "second" if number in changed else "first"
        yield entry(f"d{number % 7}/f{number}", f"{version} {number} ".encode() * 900, mtime=MTIME + number)


class TestSharing:
    def test_a_second_version_costs_what_changed(self, tmp_path):
        make(tmp_path, a_tar(*many(1000), entry("large", bytes(range(256)) * 40_000)))
        before = used(tmp_path)

        make(tmp_path, a_tar(*many(1000, range(0, 1000, 20)), entry("large", bytes(range(256)) * 40_000)), number=2)

        assert used(tmp_path) - before <= before / 10
        sizes = manage_trees.tree_sizes(str(tmp_path))
        assert all(0.9 < size.shared / size.size < 1 for size in sizes.values())
        assert sizes[image_id(1)].shared == sizes[image_id(2)].shared

    @pytest.mark.parametrize(
        "other",
        [
            entry("a", "other content"),
            entry("a", "content", mode=0o755),
            entry("a", "content", mtime=MTIME + 1),
            entry("a", "content", pax_headers={"mtime": f"{MTIME}.5"}),
            pytest.param(entry("a", "content", uid=7), marks=pytest.mark.skipif(os.getuid() != 0, reason="one owner")),
        ],
        ids=["content", "mode", "time", "fraction", "owner"],
    )
    @pytest.mark.parametrize("size", [1, 1_000_000], ids=["small", "large"])
    def test_a_file_that_differs_in_anything_is_not_shared(self, tmp_path, other, size):
        info, data = other
        info.size = len(data) * size
        make(tmp_path, a_tar(entry("a", "content" * size)))
        make(tmp_path, a_tar((info, data * size)), number=2)
        make(tmp_path, a_tar(entry("b", "content" * size)), number=3)

        assert not (root_of(tmp_path, 2) / "a").samefile(root_of(tmp_path) / "a")
        assert (root_of(tmp_path, 3) / "b").samefile(root_of(tmp_path) / "a")
        assert (root_of(tmp_path, 2) / "a").read_bytes() == data * size

    def test_two_equal_files_of_one_image_stay_two(self, tmp_path):
        make(tmp_path, a_tar(entry("a", "same"), entry("b", "same"), link("c", "a")))
        make(tmp_path, a_tar(entry("a", "same"), entry("b", "same"), link("c", "a")), number=2)

        for number in (1, 2):
            root = root_of(tmp_path, number)
            assert (root / "a").samefile(root / "c")
            assert not (root / "a").samefile(root / "b")
        assert manage_trees.verify_tree(str(tmp_path), image_id(2)) == []

    @pytest.mark.parametrize("size", [1, 1_000_000], ids=["small", "large"])
    def test_a_file_that_was_changed_in_place_is_not_spread(self, tmp_path, size):
        make(tmp_path, a_tar(entry("a", "content" * size)))
        path = root_of(tmp_path) / "a"
        data = bytearray(path.read_bytes())
        data[3] ^= 1
        path.write_bytes(data)
        os.utime(path, (MTIME, MTIME))

        make(tmp_path, a_tar(entry("a", "content" * size)), number=2)

        assert manage_trees.verify_tree(str(tmp_path), image_id(1)) == ["/a was changed: content"]
        assert manage_trees.verify_tree(str(tmp_path), image_id(2)) == []

    def test_removing_one_frees_what_only_it_has(self, tmp_path):
        shared, own = b"s" * 100_000, b"o" * 50_000
        make(tmp_path, a_tar(entry("s", shared), entry("o", own), link("o2", "o")))
        make(tmp_path, a_tar(entry("s", shared)), number=2)
        sizes = manage_trees.tree_sizes(str(tmp_path))

        freed = manage_trees.remove_tree(str(tmp_path), image_id(1))

        assert sizes == {image_id(1): (150_000, 100_000), image_id(2): (100_000, 100_000)}
        assert 50_000 <= freed < 60_000
        assert (root_of(tmp_path, 2) / "s").read_bytes() == shared
        assert manage_trees.tree_sizes(str(tmp_path)) == {image_id(2): (100_000, 0)}

    def test_a_tree_that_is_removed_meanwhile_is_not_needed(self, tmp_path):
        make(tmp_path, a_tar(*many(50)))

        make(
            tmp_path,
            Slow(a_tar(*many(50)), during=lambda: manage_trees.remove_tree(str(tmp_path), image_id(1))),
            number=2,
        )

        assert [tree.image_id for tree in tree_store.list_trees(str(tmp_path))] == [image_id(2)]
        assert manage_trees.verify_tree(str(tmp_path), image_id(2)) == []


class TestChanges:
    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            (lambda root: (root / "d/a").write_text("other"), "/d/a was changed: time, size, content"),
            (lambda root: (root / "d/a").unlink(), "/d/a is missing"),
            (lambda root: (root / "d/new").write_text(""), "/d/new is not part of the image"),
            (lambda root: (root / "d/a").chmod(0o600), "/d/a was changed: mode"),
            (lambda root: (root / "d").chmod(0o700), "/d was changed: mode"),
            (lambda root: root.chmod(0o700), "/. was changed: mode"),
            (lambda root: os.utime(root / "d/a", (1, 1)), "/d/a was changed: time"),
            (lambda root: os.utime(root / "s", (1, 1), follow_symlinks=False), "/s was changed: time"),
            (
                lambda root: ((root / "s").unlink(), (root / "s").symlink_to("elsewhere")),
                "/s was changed: time, size, content",
            ),
            (lambda root: ((root / "d/a").unlink(), (root / "d/a").mkdir()), "/d/a is of another kind"),
        ],
    )
    def test_a_changed_tree_is_found(self, tmp_path, change, expected):
        make(tmp_path, a_tar(entry("d/"), entry("d/a", "a"), symlink("s", "d")))
        times = {path: path.stat().st_mtime_ns for path in (root_of(tmp_path), root_of(tmp_path) / "d")}

        change(root_of(tmp_path))
        for path, mtime in times.items():
            os.utime(path, ns=(mtime, mtime))

        assert manage_trees.verify_tree(str(tmp_path), image_id()) == [expected]

    def test_the_time_of_a_folder_counts_as_well(self, tmp_path):
        make(tmp_path, a_tar(entry("d/"), entry("d/a", "a")))

        os.utime(root_of(tmp_path) / "d", (5, 5))

        assert manage_trees.verify_tree(str(tmp_path), image_id()) == ["/d was changed: time"]

    def test_a_damaged_or_missing_list_is_reported(self, tmp_path):
        make(tmp_path, a_tar(entry("a", "a")))
        path = root_of(tmp_path).parent / "files"
        whole = path.read_bytes()

        for data in (whole[:-1], whole[:50], b"", whole.replace(b"etc", b"etd", 1), b"x\0end \0"):
            path.write_bytes(data)
            assert manage_trees.verify_tree(str(tmp_path), image_id()) == ["the list of its files is damaged"]
        path.unlink()
        assert manage_trees.verify_tree(str(tmp_path), image_id()) == [
            "the list of its files cannot be read: no such file or directory"
        ]

    @pytest.mark.parametrize("damage", [b"", b"{}", b"x" * 100])
    def test_a_tree_with_a_damaged_marker_is_made_again(self, tmp_path, damage):
        make(tmp_path, a_tar(entry("a", "a")))
        (root_of(tmp_path).parent / "tree.json").write_bytes(damage)

        assert tree_store.read_tree(str(tmp_path), image_id()) is None
        (problem,) = manage_trees.check_store(str(tmp_path))
        assert problem == (str(root_of(tmp_path).parent), "an unpacked image whose description is damaged")

        made = make(tmp_path, a_tar(entry("a", "a")))

        assert tree_store.read_tree(str(tmp_path), image_id()) == made
        assert manage_trees.check_store(str(tmp_path)) == []
        assert len(os.listdir(tmp_path)) == 1

    def test_a_damaged_tree_in_use_stays(self, tmp_path):
        make(tmp_path, a_tar(entry("a", "a")))
        (root_of(tmp_path).parent / "tree.json").write_bytes(b"")
        held = tree_store.hold_tree(str(tmp_path), image_id())

        with pytest.raises(HostError, match="damaged and in use"):
            make(tmp_path, a_tar(entry("a", "a")))
        os.close(held)

        assert os.listdir(tmp_path) == [root_of(tmp_path).parent.name]


class TestWritable:
    def test_the_topmost_writable_paths_of_an_ordinary_user_are_listed(self, tmp_path):
        tree = make(
            tmp_path,
            a_tar(
                entry("tmp/", mode=0o1777),
                entry("srv/", mode=0o775, gid=50),
                entry("srv/data/", mode=0o777),
                entry("srv/file", "x", mode=0o666),
                entry("home/"),
                entry("home/ana/", mode=0o700, uid=4343),
                entry("root/", mode=0o700),
                entry("root/open/", mode=0o777),
                entry("etc/own", "x", mode=0o664, gid=4343),
                entry("etc/theirs", "x", mode=0o664, gid=1),
            ),
            owner=ANA,
        )

        assert tree.writable == (
            WritablePath("/etc/own", 0o664, empty=False),
            WritablePath("/home/ana", 0o700, empty=True),
            WritablePath("/srv", 0o775, empty=False),
            WritablePath("/tmp", 0o1777, empty=True),
        )

    def test_root_can_write_everything(self, tmp_path):
        if os.getuid():
            pytest.skip("only root can make root's trees")
        tree = make(tmp_path, a_tar(entry("tmp/", mode=0o1777), entry("a/", mode=0o700, uid=5)))

        assert tree.writable == (WritablePath("/", 0o755, empty=False), WritablePath("/tmp", 0o1777, empty=True))

    def test_volumes_exist(self, tmp_path):
        make(tmp_path, a_tar(symlink("way", "real"), entry("real/")), volumes=("/data/deep", "/way/volume"))

        make(
            tmp_path,
            a_tar(symlink("way", "real"), entry("real/"), symlink("etc", "/real/etc")),
            a_tar(entry("x", "x")),
            volumes=("/data/deep", "/way/volume"),
            number=2,
        )

        assert (root_of(tmp_path, 2) / "way").is_symlink()
        assert (root_of(tmp_path, 2) / "real/volume").is_dir()
        assert (root_of(tmp_path, 2) / "real/etc/hosts").is_file()
        assert (root_of(tmp_path) / "data/deep").is_dir()
        assert (root_of(tmp_path) / "real/volume").is_dir()


MAKER = """
    import os, sys, time
    sys.path.insert(0, {root!r})
    from tests.sandbox.trees import TreeOwner, Slow, a_tar, entry, image_id, make
    owner = TreeOwner(os.getuid(), os.getgid(), ())
    def during():
        print("reading", flush=True)
        {during}
    archive = Slow(a_tar(*[entry(f"d/{{n}}", b"x" * 1000) for n in range(300)]), 100_000, during)
    made = make({store!r}, archive, owner=owner)
    print("made", made.files, flush=True)
"""


def start(store, during="", *prefix, **how):
    program = textwrap.dedent(MAKER).format(root=str(ROOT), store=str(store), during=during)
    return subprocess.Popen([*prefix, sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, **how)


class TestInterruptions:
    def test_after_a_kill_the_half_made_tree_is_found_and_removed(self, tmp_path):
        with start(tmp_path, "time.sleep(0.2)") as maker:
            for _ in range(4):  # it reads ahead
                assert maker.stdout.readline() == "reading\n"
            assert manage_trees.check_store(str(tmp_path)) == []  # somebody is at work
            assert manage_trees.clean_store(str(tmp_path)) == 0
            maker.kill()

        (problem,) = manage_trees.check_store(str(tmp_path))
        assert problem == (f"{root_of(tmp_path).parent}.new", "an image was only partly unpacked")
        assert tree_store.read_tree(str(tmp_path), image_id()) is None
        assert tree_store.list_trees(str(tmp_path)) == []
        assert manage_trees.clean_store(str(tmp_path)) > 0
        assert os.listdir(tmp_path) == []

    def test_the_next_maker_begins_anew_after_a_kill(self, tmp_path):
        with start(tmp_path, "time.sleep(0.2)") as maker:
            maker.stdout.readline()
            maker.stdout.readline()
            maker.kill()

        make(tmp_path, a_tar(entry("a", "a")))

        assert manage_trees.verify_tree(str(tmp_path), image_id()) == []
        assert not (root_of(tmp_path) / "d").exists()
        assert os.listdir(tmp_path) == [root_of(tmp_path).parent.name]

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_a_signal_leaves_nothing_or_what_is_found(self, tmp_path, number):
        with start(tmp_path, "time.sleep(0.2)", stderr=subprocess.DEVNULL) as maker:
            for _ in range(4):  # it reads ahead
                maker.stdout.readline()
            maker.send_signal(number)

        if number == signal.SIGTERM:  # whoever wants to clean up catches it; python does not
            assert manage_trees.clean_store(str(tmp_path)) > 0
        assert os.listdir(tmp_path) == []

    def test_of_two_makers_one_waits_and_uses_the_others_tree(self, tmp_path):
        with start(tmp_path, "time.sleep(0.2)") as first:
            first.stdout.readline()
            with start(tmp_path, "time.sleep(0.2)") as second:
                said = first.stdout.read(), second.stdout.read()

        assert said[0].splitlines()[-1].startswith("made")
        assert said[1] == said[0].splitlines()[-1] + "\n"  # it has read nothing
        assert os.listdir(tmp_path) == [root_of(tmp_path).parent.name]
        assert manage_trees.verify_tree(str(tmp_path), image_id()) == []

    def test_if_the_first_maker_is_killed_the_second_makes_the_tree(self, tmp_path):
        with start(tmp_path, "time.sleep(0.2)") as first:
            first.stdout.readline()
            with start(tmp_path) as second:
                time.sleep(0.3)
                first.kill()
                said = second.stdout.read()

        assert said.splitlines()[-1].startswith("made")
        assert manage_trees.verify_tree(str(tmp_path), image_id()) == []
        assert os.listdir(tmp_path) == [root_of(tmp_path).parent.name]

    def test_an_interrupted_removal_is_found(self, tmp_path):
        make(tmp_path, a_tar(entry("a", "a")))
        folder = root_of(tmp_path).parent
        folder.rename(f"{folder}.12345678.old")

        (problem,) = manage_trees.check_store(str(tmp_path))

        assert problem.what == "an unpacked image was only partly removed"
        assert manage_trees.clean_store(str(tmp_path)) > 0
        assert os.listdir(tmp_path) == []

    def test_a_full_disk_leaves_nothing(self, tmp_path):
        if os.getuid():
            pytest.skip("only root can mount a small file system")
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", tmp_path], check=True)
        try:
            with pytest.raises(HostError) as error:
                make(tmp_path, a_tar(*[entry(f"f{number}", os.urandom(100_000)) for number in range(50)]))

            folder = root_of(tmp_path).parent
            assert (
                str(error.value)
                == f"{folder}: the image cannot be unpacked: no space left on device; free some disk space: df -h {tmp_path}"
            )
            assert os.listdir(tmp_path) == []
        finally:
            subprocess.run(["umount", tmp_path], check=True)

    def test_a_tree_that_is_gone_cannot_be_held(self, tmp_path):
        with pytest.raises(HostError, match="the unpacked image is gone"):
            tree_store.hold_tree(str(tmp_path), image_id())

    def test_a_store_that_is_not_there_is_empty(self, tmp_path):
        store = str(tmp_path / "none")

        assert tree_store.list_trees(store) == manage_trees.check_store(store) == []
        assert manage_trees.tree_sizes(store) == {}


ORDINARY = ("setpriv", "--reuid", "4343", "--regid", "4343", "--clear-groups")


@pytest.fixture
def home_of_ana():
    """A folder of an ordinary user's own."""
    with tempfile.TemporaryDirectory() as folder:
        os.chown(folder, 4343, 4343)
        yield folder


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_sees_what_a_container_would_show(home_of_ana):
    store = f"{home_of_ana}/images"
    program = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
from launcher.sandbox import manage_trees, tree_store
from tests.sandbox.trees import TreeOwner, a_tar, entry, image_id, make
ana = TreeOwner(4343, 4343, ())
files = [entry("root/", mode=0o700), entry("root/secret", "s"), entry("shadow", "s", mode=0o640, gid=42),
    entry("mine/", mode=0o700, uid=4343), entry("bin", "b", mode=0o4755), entry("mine/f", "f", uid=4343)]
for number in (1, 2):
    make({store!r}, a_tar(*files), owner=ana, number=number)
    assert manage_trees.verify_tree({store!r}, image_id(number)) == []
root = tree_store.tree_folder({store!r}, image_id(1)) + "/rootfs/"
for path in ("root/secret", "shadow"):
    try:
        open(root + path)
    except PermissionError:
        print(path, "denied")
print(oct(os.stat(root + "bin").st_mode), os.stat(root + "bin").st_uid, os.stat(root + "mine/f").st_nlink)
print(manage_trees.tree_sizes({store!r})[image_id(1)][:])
print(manage_trees.remove_tree({store!r}, image_id(1)) > 0, manage_trees.remove_tree({store!r}, image_id(2)) > 0)
print(os.listdir({store!r}))
"""
    done = subprocess.run([*ORDINARY, sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "root/secret denied",
        "shadow denied",
        "0o100555 4343 2",
        "(4, 2)",  # what its owner cannot read is not shared
        "True True",
        "[]",
    ]
