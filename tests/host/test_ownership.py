"""Who can have written a file: the caller, root, or somebody else; decided as ssh and git do."""

import os
import struct

import pytest

from launcher.host.ownership import owners, untrusted_reason

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to others: run as root")
ME, OTHER = 1, 2  # daemon and bin, which every Debian has, each with a group of its own


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder within a folder, both the caller's, with the caller's file in it."""
    monkeypatch.setattr(os, "getuid", lambda: ME)
    folder = tmp_path / "above/proj"
    folder.mkdir(parents=True)
    (folder / "applaunch.toml").write_text("schema = 1\n")
    for each in (folder.parent, folder, folder / "applaunch.toml"):
        os.chown(each, ME, ME)
        each.chmod(0o755 if each.is_dir() else 0o644)
    return folder


@pytest.mark.parametrize(
    ("where", "uid", "gid", "mode", "why"),
    [
        ("proj/applaunch.toml", ME, ME, 0o644, ""),
        ("proj/applaunch.toml", 0, 0, 0o644, ""),
        ("proj/applaunch.toml", ME, ME, 0o664, ""),
        ("proj", ME, ME, 0o2775, ""),
        ("proj", 0, ME, 0o775, ""),
        ("", 0, 0, 0o1777, ""),
        ("proj/applaunch.toml", OTHER, ME, 0o644, "belongs to bin"),
        ("proj/applaunch.toml", 40404, ME, 0o600, "belongs to uid 40404"),
        ("proj/applaunch.toml", ME, ME, 0o646, "anybody may write"),
        ("proj/applaunch.toml", ME, OTHER, 0o664, "the group bin may write"),
        ("proj/applaunch.toml", ME, 40404, 0o664, "the group 40404 may write"),
        ("proj/applaunch.toml", ME, ME, 0o1646, "anybody may write"),
        ("proj", OTHER, ME, 0o755, "is in {}/proj, which belongs to bin"),
        ("proj", ME, ME, 0o777, "is in {}/proj, which anybody may write"),
        ("proj", ME, OTHER, 0o2775, "is in {}/proj, which the group bin may write"),
        ("", OTHER, OTHER, 0o1777, "is in {}, which belongs to bin"),
        ("", ME, ME, 0o757, "is in {}, which anybody may write"),
    ],
)
def test_a_file_that_others_can_write_is_untrusted(place, where, uid, gid, mode, why):
    path = place.parent / where
    os.chown(path, uid, gid)
    path.chmod(mode)

    assert untrusted_reason(f"{place}/applaunch.toml", "/home/me") == why.format(place.parent)


def test_folders_above_the_home_are_not_checked(place):
    place.parent.parent.chmod(0o777)

    assert untrusted_reason(f"{place}/applaunch.toml", str(place.parent)) == ""
    assert untrusted_reason(f"{place}/applaunch.toml", "/home/me") != ""


def test_a_group_with_another_member_is_not_private(place, monkeypatch):
    import grp

    real = grp.getgrgid
    monkeypatch.setattr(grp, "getgrgid", lambda gid: grp.struct_group((real(gid).gr_name, "", gid, ["bin"])))
    place.chmod(0o775)

    assert untrusted_reason(f"{place}/applaunch.toml", "/home/me") == f"is in {place}, which the group daemon may write"


def test_an_acl_that_grants_write_access_is_detected(place):
    nobody = 0xFFFFFFFF  # acl(5), as linux/posix_acl_xattr.h has it: tag, permissions, id
    entries = [(0x01, 7, nobody), (0x02, 7, OTHER), (0x04, 5, nobody), (0x10, 7, nobody), (0x20, 5, nobody)]
    listed = b"".join(struct.pack("<HHI", *each) for each in entries)
    os.setxattr(place, "system.posix_acl_access", struct.pack("<I", 2) + listed)

    assert untrusted_reason(f"{place}/applaunch.toml", "/home/me") == f"is in {place}, which the group daemon may write"


def test_a_link_and_its_target_are_both_checked(place, tmp_path):
    target, link = tmp_path / "above/dotfiles.toml", place / "applaunch.toml"
    link.rename(target)
    link.symlink_to(target)
    os.chown(link, ME, ME, follow_symlinks=False)
    assert untrusted_reason(str(link), "/home/me") == ""

    os.chown(target, OTHER, OTHER)
    assert untrusted_reason(str(link), "/home/me") == f"leads to {target}, and that belongs to bin"
    assert owners(str(link)) == (ME, OTHER)

    os.chown(target, ME, ME)
    os.chown(link, OTHER, OTHER, follow_symlinks=False)
    assert untrusted_reason(str(link), "/home/me") == "belongs to bin"
