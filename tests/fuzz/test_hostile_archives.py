"""Whatever an archive holds, nothing outside its tree changes, and the tree is whole or not there."""

import os
import random
import subprocess
import tarfile
from pathlib import Path

import pytest

from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import HostError
from launcher.sandbox import manage_trees, tree_store
from launcher.sandbox.unpack_limits import UnpackLimits
from tests.fuzz.fuzz_archives import random_layer
from tests.sandbox.trees import a_tar, entry, image_id, link, make, symlink

SOAK = os.environ.get("APPLAUNCH_SOAK") == "1"
LIMITS = UnpackLimits(size=30_000_000, files=2000)
BLOCK = 512


@pytest.fixture
def world(tmp_path):
    """A folder with a store, and beside it what must stay as it is."""
    for name in ("outside", "a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "secret").write_text("secret")
    before = state(tmp_path)
    (tmp_path / "store").mkdir()
    yield tmp_path
    assert state(tmp_path) == before


def state(folder):
    found = {}
    for path in folder.rglob("*"):
        if "store" not in path.parts:
            status = path.lstat()
            found[path] = (status.st_mode, status.st_mtime_ns, path.is_file() and path.read_bytes())
    return found


def try_archive(world, *archives, layers):
    """Unpack archives; return whether it worked, and check what is left in either case."""
    store = str(world / "store")
    try:
        made = make(store, *archives, layers=layers, limits=LIMITS)
    except (InvalidValueError, HostError) as error:
        why = str(error)
    else:
        why = ""
    if why:
        assert "\n" not in why
        assert os.listdir(store) == []
        return False
    assert manage_trees.verify_tree(store, image_id()) == []
    assert tree_store.read_tree(store, image_id()) == made
    assert manage_trees.remove_tree(store, image_id()) is not None
    assert os.listdir(store) == []
    return True


def corpus(work):
    entries = [
        entry("a/"),
        entry("a/b", "content" * 200),
        symlink("s", "../../../a"),
        link("h", "a/b"),
        entry("n" * 150, "long"),
        entry("d/.wh.x"),
        entry("e", "e", pax_headers={"mtime": "5.25", "SCHILY.xattr.user.a": "b"}),
        entry("a/.wh..wh..opq"),
    ]
    with (work / "sparse").open("wb") as file:
        for place in range(0, 400_000, 50_000):
            file.seek(place)
            file.write(b"x" * 600)
    for kind in ("gnu", "posix --sparse-version=0.0", "posix --sparse-version=0.1", "posix"):
        words = ["tar", "-C", work, "-cS", "--format", *kind.split(), "sparse"]
        yield subprocess.run(words, capture_output=True, check=True).stdout
    yield a_tar(*entries)
    yield a_tar(*entries, format=tarfile.GNU_FORMAT)
    yield a_tar(*entries[:4], format=tarfile.USTAR_FORMAT)


def mutated(data, chance):
    """Change some bytes, mostly in headers, whose checksums are then right again, most of the time."""
    found = bytearray(data.rstrip(b"\0").ljust(len(data), b"\0"))
    for _ in range(chance.choice((1, 1, 2, 5))):
        block = chance.randrange(len(found) // BLOCK) * BLOCK
        at = block + chance.choice(
            (chance.randrange(BLOCK), chance.randrange(100, 160), 156, chance.randrange(345, BLOCK))
        )
        match chance.randrange(4):
            case 0:
                found[at] = chance.randrange(256)
            case 1:
                found[at] = ord(chance.choice("01234567/.\0xgLKS5D7A"))
            case 2:
                piece = chance.choice((b"../", b"/", b"\xff" * 8, b"7" * 11, b"\x80" + bytes(10), b"999999 ", b"\n"))
                found[at : at + len(piece)] = piece
            case 3:
                other = chance.randrange(len(found) // BLOCK) * BLOCK
                found[block : block + BLOCK] = found[other : other + BLOCK]
    if chance.random() < 0.8:
        for block in range(0, len(found) - BLOCK + 1, BLOCK):
            if found[block + 257 : block + 262] == b"ustar":
                found[block + 148 : block + 156] = b" " * 8
                found[block + 148 : block + 156] = b"%06o\0 " % sum(found[block : block + BLOCK])
    return bytes(found[: chance.randrange(len(found))]) if chance.random() < 0.1 else bytes(found)


def test_mutated_archives(world, tmp_path_factory):
    chance = random.Random(14)
    archives = list(corpus(tmp_path_factory.mktemp("work")))
    worked = [try_archive(world, archive, layers=False) for archive in archives]

    results = [
        try_archive(world, mutated(chance.choice(archives), chance), layers=chance.random() < 0.5)
        for _ in range(6000 if SOAK else 1500)
    ]

    assert all(worked)
    assert 0.1 < sum(results) / len(results) < 0.95  # the mutations are neither all harmless nor all plainly broken


def test_random_layers(world):
    chance = random.Random(15)

    results = [
        try_archive(world, *(a_tar(*random_layer(chance)) for _ in range(chance.randrange(1, 4))), layers=True)
        for _ in range(3000 if SOAK else 700)
    ]

    assert 0.1 < sum(results) / len(results) < 0.9


def test_any_bytes_are_refused(world):
    chance = random.Random(16)

    for _ in range(200):
        assert not try_archive(world, chance.randbytes(chance.choice((1, 512, 5000))), layers=False)


def test_what_stays_is_the_world(world):
    """The fixture would notice a change."""
    before = state(world)
    secret = world / "a/secret"
    text = secret.read_text()
    times = secret.stat()

    secret.write_text("changed")

    assert state(world) != before
    secret.write_text(text)
    os.utime(secret, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert Path(secret).read_text() == "secret"
