import os
import re
import signal
import stat
import subprocess
import sys
import time

import pytest

from launcher.errors import HostError
from launcher.host import files

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")


def test_write_leaves_only_the_written_file(tmp_path):
    path = tmp_path / "new/folder/file"

    files.write(str(path), "señal\n")

    assert files.read(str(path)) == "señal\n"
    assert path.read_bytes() == "señal\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert os.listdir(path.parent) == ["file"]


def test_rewriting_a_file_keeps_its_mode(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o600)

    files.write(str(path), "new")

    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o600)
    files.write(str(path), "program", 0o755)
    assert stat.S_IMODE(path.stat().st_mode) == 0o755


@pytest.mark.parametrize("is_there", [True, False])
def test_writing_to_a_link_keeps_the_link(tmp_path, is_there):
    target = tmp_path / "dotfiles/catalog.toml"
    link = tmp_path / "catalog.toml"
    link.symlink_to("dotfiles/catalog.toml")
    if is_there:
        target.parent.mkdir()
        target.write_text("old")

    files.write(str(link), "new")

    assert link.is_symlink()
    assert target.read_text() == "new"
    assert os.listdir(target.parent) == ["catalog.toml"]


def test_reading_a_missing_file_returns_none(tmp_path):
    (tmp_path / "file").write_text("x")

    assert files.read(str(tmp_path / "none")) is None
    assert files.read(str(tmp_path / "file/none")) is None


def test_a_file_that_cannot_be_read_is_reported(tmp_path):
    (tmp_path / "bytes").write_bytes(b"\xff")

    with pytest.raises(HostError, match=r"bytes: is not UTF-8 text; save it as UTF-8$"):
        files.read(str(tmp_path / "bytes"))
    with pytest.raises(
        HostError, match=f"^{re.escape(str(tmp_path))}: cannot be read: is a directory; there is a folder"
    ):
        files.read(str(tmp_path))


def test_a_failed_write_is_reported_and_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()

    with pytest.raises(HostError, match=r"cannot be written: (not a directory|file exists)"):
        files.write(str(tmp_path / "file/below"), "y")
    with pytest.raises(HostError, match="folder: cannot be written: is a directory"):
        files.write(str(tmp_path / "folder"), "y")
    with pytest.raises(HostError, match=r"cannot be made: (not a directory|file exists)"):
        files.make_folder(str(tmp_path / "file"))
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


def test_two_may_make_the_same_folders_at_once(tmp_path, monkeypatch):
    def mkdir(path, *more, make=os.mkdir):
        make(path)  # somebody else is faster
        make(path, *more)

    monkeypatch.setattr(os, "mkdir", mkdir)
    files.make_folder(str(tmp_path / "a/b/c"))

    assert (tmp_path / "a/b/c").is_dir()


def test_create_never_overwrites_a_file(tmp_path):
    path = tmp_path / "file"

    assert files.create(str(path), "first", 0o755)
    assert not files.create(str(path), "second")
    assert (path.read_text(), os.listdir(tmp_path)) == ("first", ["file"])


def test_create_does_not_follow_a_link(tmp_path):
    (tmp_path / "link").symlink_to("nowhere")

    assert not files.create(str(tmp_path / "link"), "x")
    assert sorted(os.listdir(tmp_path)) == ["link"]


WRITER = """
import itertools, sys
from launcher.host import files
for number in itertools.count():
    files.write(sys.argv[1], f"{number}\\n" * 20_000)
    print(number, flush=True)
"""


def test_killing_a_writer_leaves_the_old_or_the_new_text(tmp_path):
    path = tmp_path / "file"
    for pause in range(5):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as writer:
            writer.stdout.readline()
            time.sleep(pause / 300)
            writer.send_signal(signal.SIGKILL)

        lines = path.read_text().splitlines()
        assert len(lines) == 20_000
        assert len({*lines}) == 1


@as_root
def test_a_full_disk_keeps_the_old_file(tmp_path):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], check=True)
    try:
        path = tmp_path / "file"
        files.write(str(path), "old")

        with pytest.raises(
            HostError, match="file: cannot be written: no space left on device; free some disk space: df -h "
        ):
            files.write(str(path), "new" * 100_000)
        with pytest.raises(HostError, match=r"cannot be written: no space left on device"):
            files.create(str(tmp_path / "other"), "new" * 100_000)

        assert (path.read_text(), os.listdir(tmp_path)) == ("old", ["file"])
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="a mode stops everybody but root; root becomes nobody here")
def test_the_folder_of_another_user_is_reported(tmp_path):
    program = (
        f"import os\nfrom launcher.host import files\nos.setuid(65534)\nfiles.write({str(tmp_path / 'file')!r}, 'x')"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert "cannot be written: permission denied; check its permissions: ls -ld " in done.stderr
    assert os.listdir(tmp_path) == []
