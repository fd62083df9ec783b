"""Archives are unpacked as docker unpacks them, and nothing is ever written outside the tree."""

import os
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest

from launcher.core.sandbox.tree import WritablePath
from launcher.core.values.invalid_value import InvalidValueError
from launcher.sandbox import manage_trees, tree_store
from launcher.sandbox.unpack_limits import UnpackLimits
from tests.sandbox.trees import ANA, MTIME, Slow, a_tar, entry, image_id, link, make, symlink

OUTSIDE = "outside"
GIVEN = {".dockerenv", "etc", "etc/hosts", "etc/hostname", "etc/resolv.conf", "etc/mtab", "dev", "dev/console"}
GIVEN |= {"etc/passwd", "etc/group", "etc/localtime", "home"}
GIVEN |= {"dev/pts", "dev/shm", "proc", "sys"}


@pytest.fixture
def store(tmp_path):
    """A store beside a file and a folder that no image may touch."""
    (tmp_path / OUTSIDE).mkdir()
    (tmp_path / OUTSIDE / "secret").write_text("secret")
    before = _state(tmp_path / OUTSIDE)
    yield tmp_path / "store"
    assert _state(tmp_path / OUTSIDE) == before
    assert {*os.listdir(tmp_path)} <= {OUTSIDE, "store", "work"}


def _state(folder):
    return {path: (os.lstat(path).st_mode, os.lstat(path).st_mtime_ns, path.read_bytes()) for path in folder.rglob("*")}


def root_of(store, number=1):
    return Path(tree_store.tree_folder(str(store), image_id(number))) / "rootfs"


def names(store):
    root = root_of(store)
    return {str(path.relative_to(root)) for path in root.rglob("*")} - GIVEN


def refused(store, *archives, **how):
    with pytest.raises(InvalidValueError) as error:
        make(store, *archives, **how)
    assert os.listdir(store) == []
    return error.value.what


CLIMBING = [
    entry("../outside/secret", "x"),
    entry("a/../../outside/secret", "x"),
    entry("..", "x"),
    entry("a/..", "x"),
    symlink("../outside/link", "/etc"),
    entry("../outside/folder/"),
    link("a", "../outside/secret"),
    link("a", "b/../../outside/secret"),
]


@pytest.mark.parametrize("bad", CLIMBING, ids=lambda bad: f"{bad[0].name} -> {bad[0].linkname}")
@pytest.mark.parametrize("layers", [False, True], ids=["export", "layer"])
def test_a_name_that_climbs_out_is_refused(store, bad, layers):
    archive = a_tar(entry("fine", "fine"), bad, entry("later", "later"))

    assert refused(store, archive, layers=layers) == "has an entry outside the image (its name contains '..')"


@pytest.mark.parametrize("target", ["/outside", "../../../../../../outside", "../outside", "/../outside/../outside"])
def test_a_link_is_followed_within_the_tree_only(store, target):
    archive = a_tar(symlink("way", target), entry("way/secret", "mine"), entry("outside/", mode=0o755))

    make(store, archive)

    assert (root_of(store) / "outside/secret").read_text() == "mine"
    assert os.readlink(root_of(store) / "way") == target


def test_a_link_to_a_file_outside_is_not_written_through(store, tmp_path):
    secret = str(tmp_path / OUTSIDE / "secret")
    archive = a_tar(symlink("a", secret), entry("a", "mine"), symlink("b/c", secret), entry("b/c/d", "mine"))

    make(store, archive)

    assert (root_of(store) / "a").read_text() == "mine"
    assert (root_of(store) / "b/c").is_symlink()
    assert (root_of(store) / secret[1:] / "d").read_text() == "mine"


def test_an_absolute_name_is_within_the_tree(store, tmp_path):
    make(store, a_tar(entry(str(tmp_path / OUTSIDE / "secret"), "mine"), entry("//x", "x"), link("y", "/x")))

    assert (root_of(store) / str(tmp_path)[1:] / OUTSIDE / "secret").read_text() == "mine"
    assert (root_of(store) / "y").samefile(root_of(store) / "x")


def test_a_link_that_becomes_another_one_is_not_remembered(store):
    archive = a_tar(
        entry("real/"),
        symlink("way", "real"),
        entry("way/one", "1"),
        symlink("way", "/other"),
        entry("way/two", "2"),
        entry("real", "now a file"),
    )

    make(store, archive)

    assert names(store) == {"real", "way", "other", "other/two"}


def test_a_loop_of_links_is_refused(store):
    loop = a_tar(symlink("a", "b"), symlink("b", "a"), entry("a/x", "x"))
    growing = a_tar(symlink("a", "a/a/a/a/a/a/a/a"), entry("a/x", "x"))

    assert refused(store, loop) == refused(store, growing) == "has an entry whose path is a loop of links"


@pytest.mark.parametrize("source", ["nowhere", "folder", "nowhere/x", ".", "", "way/secret"])
def test_a_hard_link_to_nothing_or_a_folder_is_refused(store, source):
    archive = a_tar(entry("folder/"), symlink("way", "/outside"), link("a", source))

    assert refused(store, archive) == "has a hard link to a file that it does not have"


def test_a_hard_link_in_the_place_of_its_own_folder_is_refused(store):
    assert (
        refused(store, a_tar(entry("a/b", "b"), link("a", "a/b"))) == "has a hard link to a file that it does not have"
    )


def test_a_file_in_the_place_of_a_device_is_a_file(store):
    make(store, a_tar(entry("a", kind=tarfile.CHRTYPE), entry("a", "a file"), link("b", "a")))

    assert (root_of(store) / "b").read_text() == "a file"


def test_a_file_is_no_folder(store):
    assert refused(store, a_tar(entry("a", "a"), entry("a/b", "b"))) == "has an entry below a file"


def test_devices_pipes_and_setuid_bits_are_not_unpacked(store):
    archive = a_tar(
        entry("disk", kind=tarfile.BLKTYPE, devmajor=8),
        entry("null", kind=tarfile.CHRTYPE, devmajor=1, devminor=3),
        entry("pipe", kind=tarfile.FIFOTYPE),
        link("same", "null"),
        entry("su", "su", mode=0o6755),
        entry("shared/", mode=0o2775),
        entry("open/", mode=0o1777),
    )

    make(store, archive)

    root = root_of(store)
    assert names(store) == {"su", "shared", "open"}
    modes = {name: stat.S_IMODE((root / name).stat().st_mode) for name in names(store)}
    assert modes == {"su": 0o755, "shared": 0o775, "open": 0o1777}


def test_the_later_of_two_entries_of_one_name_counts(store):
    archive = a_tar(
        entry("a", "first"),
        link("b", "a"),
        entry("a", "second, longer"),
        entry("c/", mode=0o700),
        entry("c/d", "d"),
        entry("c/", mode=0o755, mtime=5),
        symlink("e", "a"),
        entry("e", "a file"),
        entry("f/"),
        entry("f/g", "g"),
        symlink("f", "c"),
        entry("h/"),
        entry("h", "a file"),
    )

    make(store, archive)

    root = root_of(store)
    assert [(root / name).read_text() for name in "abeh"] == ["second, longer", "first", "a file", "a file"]
    assert (root / "c/d").read_text() == "d"
    assert (stat.S_IMODE((root / "c").stat().st_mode), (root / "c").stat().st_mtime) == (0o755, 5)
    assert os.readlink(root / "f") == "c"


def test_names_need_not_be_utf8(store):
    name = os.fsdecode(b"caf\xe9\xff \n\\x")

    made = make(
        store, a_tar(entry(name, "x"), entry(f"{name}d/", mode=0o777, gid=3), format=tarfile.GNU_FORMAT), owner=ANA
    )

    assert os.fsencode(name) in os.listdir(os.fsencode(root_of(store)))
    assert manage_trees.verify_tree(str(store), image_id()) == []
    assert tree_store.read_tree(str(store), image_id()) == made
    assert made.writable == (WritablePath(f"/{name}d", 0o777, empty=True),)


@pytest.mark.parametrize("format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_and_large_numbers(store, format):
    name = "/".join(["d" * 50] * 8 + ["f" * 120])
    archive = a_tar(
        entry(name, "long"),
        symlink("s", "x/" * 300),
        link("h", name),
        entry("big", "x", uid=3_000_000, gid=2**31 - 2, mtime=2**33 - 5),
        entry("old", "x", mtime=-5),
        format=format,
    )

    make(store, archive)

    root = root_of(store)
    assert (root / name).read_text() == "long"
    assert os.readlink(root / "s") == "x/" * 300
    assert (root / "h").samefile(root / name)
    assert (root / "big").stat().st_mtime == 2**33 - 5
    assert (root / "old").stat().st_mtime == -5
    if os.getuid() == 0:
        assert ((root / "big").stat().st_uid, (root / "big").stat().st_gid) == (3_000_000, 2**31 - 2)


def test_fractions_of_a_second_are_kept(store):
    make(store, a_tar(entry("a", "a", pax_headers={"mtime": "1234.56789"})))

    assert (root_of(store) / "a").stat().st_mtime_ns == 1_234_567_890_000


@pytest.mark.parametrize("kind", ["gnu", "posix --sparse-version=0.0", "posix --sparse-version=0.1", "posix"])
def test_sparse_files(store, tmp_path, kind):
    (tmp_path / "work").mkdir()
    with (tmp_path / "work/sparse").open("wb") as file:
        for place in range(0, 5_000_000, 100_000):
            file.seek(place)
            file.write(b"%d" % place)
        file.truncate(6_000_000)
    words = ["tar", "-C", tmp_path / "work", "-cS", "--format", *kind.split(), "sparse"]
    archive = subprocess.run(words, capture_output=True, check=True).stdout

    make(store, Slow(archive))

    assert (root_of(store) / "sparse").read_bytes() == (tmp_path / "work/sparse").read_bytes()
    assert (root_of(store) / "sparse").stat().st_blocks < 1_000_000 / 512
    assert manage_trees.verify_tree(str(store), image_id()) == []


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, (4 << 20) - 1, 4 << 20, (4 << 20) + 1, 9_000_000])
def test_files_of_every_size(store, size):
    data = os.urandom(size)

    make(store, Slow(a_tar(entry("a", data), entry("b", "b")), 65_537))

    assert (root_of(store) / "a").read_bytes() == data
    assert (root_of(store) / "b").read_text() == "b"
    assert (root_of(store) / "a").stat().st_mtime == MTIME
    assert manage_trees.verify_tree(str(store), image_id()) == []


def test_extended_attributes_are_ignored(store):
    capability = {"SCHILY.xattr.security.capability": "\x01\0\0\x02", "SCHILY.xattr.user.x": "y"}

    make(store, a_tar(entry("ping", "ping", mode=0o755, pax_headers=capability)))

    assert os.listxattr(root_of(store) / "ping") == []


class TestLayers:
    def test_whiteouts_remove_what_earlier_layers_brought(self, store):
        base = a_tar(
            entry("a/"), entry("a/one", "1"), entry("a/two", "2"), entry("b/"), entry("b/c/"), entry("b/c/d", "d")
        )
        top = a_tar(entry("a/.wh.one"), entry(".wh.b"), entry(".wh.nothing"), entry("e/.wh.f"), entry(".wh..wh.plnk/x"))

        make(store, base, top)

        assert names(store) == {"a", "a/two", "e"}

    @pytest.mark.parametrize("first", [True, False], ids=["before its files", "after them"])
    def test_an_opaque_folder_hides_the_earlier_one(self, store, first):
        base = a_tar(entry("a/old", "old"), entry("a/b/old", "old"), entry("a/c/old", "old"), entry("d", "d"))
        mark, own = (
            entry("a/.wh..wh..opq"),
            [entry("a/"), entry("a/b/"), entry("a/b/new", "new"), entry("a/new", "new")],
        )
        top = a_tar(*([mark, *own] if first else [*own, mark]), entry("a/later", "later"), mark)

        make(store, base, top)

        assert names(store) == {"a", "a/b", "a/b/new", "a/new", "a/later", "d"}

    def test_a_whiteout_follows_no_link_out_of_the_tree(self, store, tmp_path):
        base = a_tar(
            symlink("way", str(tmp_path / OUTSIDE)), symlink("up", "../../../outside"), entry("outside/secret", "x")
        )
        top = a_tar(entry("way/.wh.secret"), entry("way/.wh..wh..opq"), entry("up/.wh.secret"), entry(".wh.up"))

        make(store, base, top)

        assert (root_of(store) / "outside/secret").exists()
        assert (root_of(store) / "way").is_dir()
        assert not (root_of(store) / "way").is_symlink()
        assert not os.path.lexists(root_of(store) / "up")

    def test_links_and_files_of_earlier_layers_give_way_to_folders(self, store):
        """As on overlayfs: docker, containerd and podman unpack each layer alone."""
        base = a_tar(symlink("a", "real"), entry("real/x", "x"), entry("b", "a file"), symlink("same", "nowhere"))
        top = a_tar(entry("a/y", "y"), entry("b/z", "z"), symlink("own", "real"), entry("own/w", "w"))

        make(store, base, top)

        assert names(store) == {"a", "a/y", "b", "b/z", "own", "real", "real/x", "real/w", "same"}

    @pytest.mark.parametrize("name", [".wh.", ".wh..", "a/.wh...", ".wh..."])
    def test_a_whiteout_of_a_folder_above_is_refused(self, store, name):
        assert refused(store, a_tar(entry("a/")), a_tar(entry(name))) == "has a whiteout of a folder above it"

    def test_an_export_has_no_whiteouts(self, store):
        make(store, a_tar(entry("a", "a"), entry(".wh.a", "a file of this name")))

        assert names(store) == {"a", ".wh.a"}

    def test_a_later_layer_replaces_files_links_and_folders(self, store):
        base = a_tar(entry("a", "1"), link("b", "a"), entry("c/x", "x"), symlink("d", "c"), entry("e/f", "f"))
        top = a_tar(entry("a", "2"), symlink("c", "e"), entry("c/g", "g"), link("h", "b"), entry("d/", mode=0o711))

        make(store, base, top)

        root = root_of(store)
        assert [(root / name).read_text() for name in ("a", "b", "h")] == ["2", "1", "1"]
        assert names(store) == {"a", "b", "c", "d", "e", "e/f", "e/g", "h"}
        assert stat.S_IMODE((root / "d").stat().st_mode) == 0o711

    def test_what_a_layer_hides_and_brings_again_is_there(self, store):
        base = a_tar(entry("a/old", "old", mode=0o600))
        top = a_tar(entry(".wh.a"), entry("a/new", "new"))

        make(store, base, top)

        assert names(store) == {"a", "a/new"}


class TestTooMuch:
    def test_too_many_files(self, store):
        archive = a_tar(*[entry(f"f{number}") for number in range(30)])

        assert refused(store, archive, limits=UnpackLimits(files=29)) == "has more than 29 files"
        make(store, archive, limits=UnpackLimits(files=30))

    def test_a_bomb_of_zeros_is_not_written_beyond_the_limit(self, store):
        size = 10**12
        head = entry("zeros")[0]
        head.size = size
        poured = []

        class Bomb:
            def __init__(self):
                self.first = head.tobuf()

            def read(self, count):
                data, self.first = self.first or bytes(count), b""
                poured.append(len(data))
                return data

        assert refused(store, Bomb(), limits=UnpackLimits(size=20_000_000)) == "is too large"
        assert sum(poured) < 45_000_000

    @pytest.mark.parametrize("kind", [b"A", b"L", b"x", b"g", b"6"])
    def test_an_entry_of_any_kind_may_not_be_endless(self, store, kind):
        head = entry("x", kind=kind)[0]
        head.size = 10**15
        archive = head.tobuf(tarfile.GNU_FORMAT) + bytes(30_000_000)

        if kind == b"6":  # a pipe has no content, and then come zeros: the end
            make(store, archive)
        else:
            assert refused(store, archive, limits=UnpackLimits(size=20_000_000)) in (
                "is too large",
                "has an entry with a name that is too long",
            )

    def test_the_disk_keeps_the_space_that_it_should_keep(self, store):
        archive = a_tar(entry("a", bytes(70_000_000)))

        assert "must keep some space free" in refused(store, archive, limits=UnpackLimits(keep_free=1 << 60))

    @pytest.mark.parametrize("part", ["x", "y" * 100])
    def test_links_make_no_path_longer_than_that(self, store, part):
        deep = "/".join([part] * (1500 // (len(part) + 1) if len(part) > 1 else 150))
        steps = [
            each
            for number in range(9)
            for each in (entry(f"l{number}/{deep}/"), symlink(f"l{number + 1}", f"l{number}/{deep}"))
        ]

        assert refused(store, a_tar(*steps)) == "has an entry whose path is too long"

    @pytest.mark.parametrize("name", ["x/" * 250 + "x", "/".join(["y" * 200] * 11)])
    def test_names_that_are_too_long(self, store, name):
        assert refused(store, a_tar(entry(name, "x"))) == "has an entry with a name that is too long or invalid"


class TestDamaged:
    ARCHIVE = a_tar(entry("a/"), entry("a/file", bytes(2000), pax_headers={"comment": "x" * 600}), symlink("s", "a"))

    @pytest.mark.parametrize("end", [1, 511, 513, 1025, 1600, 3000, 4000, 5000])
    @pytest.mark.parametrize("layers", [False, True], ids=["export", "layer"])
    def test_a_truncated_archive_is_refused(self, store, end, layers):
        assert refused(store, self.ARCHIVE[:end], layers=layers) == "is truncated"

    def test_an_export_must_have_an_end(self, store):
        whole = self.ARCHIVE.rstrip(b"\0")
        without = self.ARCHIVE[: len(whole) + -len(whole) % 512]

        assert refused(store, without) == "is truncated"
        make(store, without, layers=True)

    def test_an_empty_stream_is_refused_as_an_export(self, store):
        assert refused(store, b"") == "is truncated"

    def test_a_damaged_header_is_refused(self, store):
        assert refused(store, self.ARCHIVE[:5] + b"x" + self.ARCHIVE[6:]) == "has an entry whose header is damaged"

    @pytest.mark.parametrize(
        "records", [b"99 path=x\n", b"x path=a\n", b"10 pathaaa\n", b"0 path=x\n", b"10 path=abcd"]
    )
    def test_damaged_pax_records_are_refused(self, store, records):
        head = entry("PaxHeaders", kind=tarfile.XHDTYPE)[0]
        head.size = len(records)
        archive = head.tobuf(tarfile.USTAR_FORMAT) + records.ljust(512, b"\0") + self.ARCHIVE

        assert refused(store, archive) == "has a damaged PAX header"

    @pytest.mark.parametrize("name", ["a\0b", "\0"])
    def test_a_name_with_a_zero_byte_is_refused(self, store, name):
        word = f"path={name}\n"
        records = f"{len(word) + 3} {word}".encode()
        head = entry("PaxHeaders", kind=tarfile.XHDTYPE)[0]
        head.size = len(records)
        archive = head.tobuf(tarfile.USTAR_FORMAT) + records.ljust(512, b"\0") + a_tar(entry("x", "x"))

        if name == "\0":  # nothing remains of it: the root, which a file cannot be
            make(store, archive)
            assert names(store) == set()
        else:
            assert "invalid" in refused(store, archive)
