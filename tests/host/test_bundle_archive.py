"""Bundles as files: written whole or not at all, and every byte of them checked."""

import os
import random
import resource
import signal
import subprocess
import sys

import pytest

from launcher.core.bundles import canonical_tar
from launcher.core.bundles.bundle_check import read_bundle
from launcher.errors import HostError, UserError
from launcher.host import bundle_archive
from tests import bundles

FILES = [(name, len(data), (data,)) for name, data in bundles.bundle().items()]


@pytest.fixture
def bundle(tmp_path):
    path = str(tmp_path / "team.applaunch")
    bundle_archive.write(path, FILES)
    return path


def looked_at(path):
    with bundle_archive.open_bundle(path) as file:
        found = read_bundle(file.sizes, file.read_small, path)
        file.verify_blobs()
        return found


def test_a_bundle_reads_back_as_written(bundle):
    files = bundles.bundle()

    with bundle_archive.open_bundle(bundle) as file:
        assert file.sizes == {name: len(data) for name, data in files.items()}
        assert {name: file.read_small(name) for name in file.entries} == files
        assert file.size == os.path.getsize(bundle)
    assert {lock.app for lock in looked_at(bundle).locks} == {"one", "two"}


def test_the_order_of_the_files_does_not_change_the_bundle(bundle, tmp_path):
    bundle_archive.write(str(tmp_path / "other"), reversed(FILES))

    assert (
        (tmp_path / "other").read_bytes()
        == (tmp_path / "team.applaunch").read_bytes()
        == bundles.tarred(bundles.bundle())
    )


def test_tar_can_read_a_bundle(bundle):
    listed = subprocess.run(["tar", "tvf", bundle], capture_output=True, text=True, check=True)

    assert len(listed.stdout.splitlines()) == len(FILES)
    assert listed.stderr == ""


def refused(data, path):
    path.unlink(missing_ok=True)  # a file that is overwritten is flushed to disk by some file systems
    path.write_bytes(data)
    with pytest.raises(UserError) as said:
        looked_at(str(path))
    assert said.value.line.count("\n") == 0
    return said.value


def test_a_change_of_any_byte_is_detected(tmp_path):
    data = bundles.tarred(bundles.bundle())
    dice = random.Random(7)
    path = tmp_path / "team.applaunch"
    path.write_bytes(data)
    looked_at(str(path))

    for at in {*dice.sample(range(len(data)), 3000), *range(1024), *range(len(data) - 1100, len(data))}:
        changed = bytearray(data)
        changed[at] ^= 1 << dice.randrange(8)
        refused(bytes(changed), path)


def test_a_truncated_bundle_is_refused_at_any_length(tmp_path):
    data = bundles.tarred(bundles.bundle())
    dice = random.Random(8)

    for end in (0, 1, 511, 512, len(data) - 1024, len(data) - 512, len(data) - 1, *dice.sample(range(len(data)), 200)):
        refused(data[:end], tmp_path / "torn")
    assert "is truncated: it ends after" in refused(data[:5000], tmp_path / "torn").what


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda data: b"", "is not a bundle: it is too short"),
        (lambda data: b"hello" * 200, "is not a bundle: there is no tar header"),
        (lambda data: canonical_tar.END, "is not a bundle: it does not contain applaunch/applaunch.lock"),
        (lambda data: bundles.tarred({"a": b"x"}), "is not a bundle: it does not contain applaunch/applaunch.lock"),
        (lambda data: data + b"\0", "unexpected data after the end"),
        (lambda data: data[:-1024] + canonical_tar.header("x", 0) + canonical_tar.END, "contains the unexpected file"),
        (
            lambda data: data[:-1024] + canonical_tar.header("index.json", 0) + canonical_tar.END,
            "is out of order after 'oci-layout'",
        ),
        (lambda data: data[:-1024] + canonical_tar.header("z", 1 << 60) + canonical_tar.END, "is truncated"),
    ],
)
def test_an_invalid_bundle_is_reported_in_one_line(make, what, tmp_path):
    trouble = refused(make(bundles.tarred(bundles.bundle())), tmp_path / "x")

    assert what in trouble.what
    assert trouble.where == str(tmp_path / "x")
    assert trouble.fix


def test_a_bundle_has_at_most_10000_entries(tmp_path):
    refused_ = refused(
        b"".join(canonical_tar.header(f"{at:05}", 0) for at in range(bundle_archive.MAX_ENTRIES + 1))
        + canonical_tar.END,
        tmp_path / "x",
    )

    assert "more than 10000 entries" in refused_.what


def test_a_large_document_is_not_read_into_memory(tmp_path):
    path = tmp_path / "x"
    with path.open("wb") as file:
        file.write(canonical_tar.header("applaunch/applaunch.lock", 1 << 33))
        file.seek(1 << 33, 1)
        for name in ("applaunch/catalog.toml", "index.json", "manifest.json", "oci-layout"):
            file.write(canonical_tar.header(name, 2) + b"{}" + canonical_tar.padding(2))
        file.write(canonical_tar.END)

    with pytest.raises(HostError, match="larger than 8 MiB"):
        looked_at(str(path))


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "device"])
def test_a_path_that_is_not_a_regular_file_is_refused_immediately(kind, tmp_path):
    path = tmp_path / "x"
    if kind == "folder":
        path.mkdir()
    if kind == "pipe":
        os.mkfifo(path)

    with pytest.raises(HostError):
        looked_at("/dev/zero" if kind == "device" else str(path))


def test_a_file_that_is_not_a_bundle_is_never_overwritten(bundle, tmp_path):
    bundle_archive.check_writable(bundle)
    bundle_archive.check_writable(str(tmp_path / "new"))
    (tmp_path / "mine.tar").write_bytes(canonical_tar.header("mine", 0) + canonical_tar.END)
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("mine")
    os.mkfifo(tmp_path / "pipe")

    for name in ("mine.tar", "folder", "text", "pipe"):
        with pytest.raises(HostError):
            bundle_archive.check_writable(str(tmp_path / name))
    with pytest.raises(HostError, match="its folder is missing; mkdir -p"):
        bundle_archive.check_writable(str(tmp_path / "no/where"))


def test_writing_to_a_link_replaces_its_target(bundle, tmp_path):
    (tmp_path / "link").symlink_to("team.applaunch")
    os.truncate(bundle, 10)

    bundle_archive.write(str(tmp_path / "link"), FILES)

    assert (tmp_path / "link").is_symlink()
    looked_at(bundle)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), HostError("x", "y")])
def test_a_failed_write_keeps_the_old_bundle(error, bundle, tmp_path):
    def pieces():
        yield b"x" * 1000
        raise error

    before = (tmp_path / "team.applaunch").read_bytes()
    with pytest.raises((HostError, KeyboardInterrupt)) as said:
        bundle_archive.write(bundle, [("a", 2000, pieces())])

    assert os.listdir(tmp_path) == ["team.applaunch"]
    assert (tmp_path / "team.applaunch").read_bytes() == before
    if isinstance(error, OSError):
        assert said.value.line.endswith("no space left on device; free some space, or write to another disk")


def test_a_full_disk_is_reported_for_the_temporary_file(tmp_path):
    program = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, {resource.getrlimit(resource.RLIMIT_FSIZE)[1]}))
from launcher.host import bundle_archive
try:
    with bundle_archive.temporary_file({str(tmp_path / "x")!r}) as file:
        file.write(bytes(200_000))
        file.flush()
except bundle_archive.HostError as error:
    print(error)
"""
    assert signal.SIGXFSZ
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.startswith(f"{tmp_path}/x: cannot be written: file too large")
    assert os.listdir(tmp_path) == []
