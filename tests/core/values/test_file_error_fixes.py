"""Each error of the system with the fix that goes with it; all who write files take it from here."""

import errno
import os

import pytest

from launcher.core.values.file_error_fixes import fix_for
from launcher.host.files import file_error
from launcher.state.state_folders import unwritable

PATH = "/home/ana/.config/x y"


def error(number, filename=None):
    return OSError(number, os.strerror(number), filename)


@pytest.mark.parametrize(("number", "word"), [
    (errno.ENOSPC, "make room: df -h /home/ana/.config"),
    (errno.EDQUOT, "quota"),
    (errno.EROFS, "read-only: findmnt -T /home/ana/.config"),
    (errno.EACCES, "see who may write there: ls -ld /home/ana/.config"),
    (errno.EPERM, "see who may write there: ls -ld /home/ana/.config"),
    (errno.ENOTDIR, "a file stands where a folder is needed"),
    (errno.EISDIR, "a folder stands where a file is needed: ls -ld '/home/ana/.config/x y'"),
    (errno.ENAMETOOLONG, "use a shorter name"),
    (errno.ELOOP, "links"),
    (errno.EMFILE, "ulimit -n"),
    (errno.EFBIG, "ulimit -f"),
    (errno.EIO, "dmesg"),
    (errno.ENOENT, "mkdir -p /home/ana/.config"),
])  # fmt: skip
def test_whoever_writes_a_file_names_the_same_fix(number, word):
    found = fix_for(error(number), PATH)

    assert word in found
    assert unwritable(PATH, error(number)).fix == file_error(PATH, "cannot be written", error(number)).fix == found


def test_only_a_full_disk_is_told_to_make_room_and_only_a_refusal_who_may_write():
    every = {number: fix_for(error(number), PATH) for number in errno.errorcode}

    assert {number for number, fix in every.items() if "make room" in fix} == {errno.ENOSPC, errno.EDQUOT}
    assert not any("who may write" in every[number] for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO))


def test_what_cannot_be_read_is_not_told_to_make_folders():
    assert fix_for(error(errno.EACCES), PATH, reading=True) == "see who may read it: ls -ld '/home/ana/.config/x y'"
    assert "mkdir" not in fix_for(error(errno.ENOENT), PATH, reading=True)


def test_the_folder_that_was_refused_is_shown_where_the_system_names_it():
    assert fix_for(error(errno.EACCES, "/home/ana/.config"), PATH).endswith("ls -ld /home/ana")


@pytest.mark.parametrize(("path", "folder"), [("/x", "/"), ("x", "."), ("it's/x", "'it'\"'\"'s'")])
def test_the_fix_can_be_pasted(path, folder):
    assert fix_for(error(errno.EACCES), path) == f"see who may write there: ls -ld {folder}"
