"""The fix shown for each errno, shared by all code that writes files."""

import errno
import os

import pytest

from launcher.core.values.file_error_fixes import fix_for
from launcher.host.files import file_error
from launcher.state.state_folders import write_error

PATH = "/home/ana/.config/x y"


def error(number, filename=None):
    return OSError(number, os.strerror(number), filename)


@pytest.mark.parametrize(("number", "word"), [
    (errno.ENOSPC, "free some disk space: df -h /home/ana/.config"),
    (errno.EDQUOT, "quota"),
    (errno.EROFS, "read-only: findmnt -T /home/ana/.config"),
    (errno.EACCES, "check its permissions: ls -ld /home/ana/.config"),
    (errno.EPERM, "check its permissions: ls -ld /home/ana/.config"),
    (errno.ENOTDIR, "there is a file where a folder is needed"),
    (errno.EISDIR, "there is a folder where a file is needed: ls -ld '/home/ana/.config/x y'"),
    (errno.ENAMETOOLONG, "use a shorter name"),
    (errno.ELOOP, "links"),
    (errno.EMFILE, "ulimit -n"),
    (errno.EFBIG, "ulimit -f"),
    (errno.EIO, "dmesg"),
    (errno.ENOENT, "mkdir -p /home/ana/.config"),
])  # fmt: skip
def test_every_writer_of_files_shows_the_same_fix(number, word):
    found = fix_for(error(number), PATH)

    assert word in found
    assert write_error(PATH, error(number)).fix == file_error(PATH, "cannot be written", error(number)).fix == found


def test_the_fix_matches_the_error():
    every = {number: fix_for(error(number), PATH) for number in errno.errorcode}

    assert {number for number, fix in every.items() if "free some disk space" in fix} == {errno.ENOSPC, errno.EDQUOT}
    assert not any("permissions" in every[number] for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO))


def test_a_failed_read_does_not_suggest_to_create_folders():
    assert fix_for(error(errno.EACCES), PATH, reading=True) == "check its permissions: ls -ld '/home/ana/.config/x y'"
    assert "mkdir" not in fix_for(error(errno.ENOENT), PATH, reading=True)


def test_the_fix_names_the_folder_from_the_system_error():
    assert fix_for(error(errno.EACCES, "/home/ana/.config"), PATH).endswith("ls -ld /home/ana")


@pytest.mark.parametrize(("path", "folder"), [("/x", "/"), ("x", "."), ("it's/x", "'it'\"'\"'s'")])
def test_the_fix_can_be_pasted(path, folder):
    assert fix_for(error(errno.EACCES), path) == f"check its permissions: ls -ld {folder}"
