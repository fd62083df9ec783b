"""Whether a file is only the caller's: nobody else but root can have written it, or can put another in its place.

The rule is that of ssh's StrictModes and of git's safe.directory: the file and each folder above it belong to the
caller or to root, and nobody else may write there. In a sticky folder such as /tmp nobody can replace what is another
user's, and a group of which the caller is the only member is the caller.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

ROOT: Final = 0
_ANYBODY, _GROUP, _STICKY = 0o002, 0o020, 0o1000
_FOLDER, _LINK, _KIND = 0o040000, 0o120000, 0o170000  # stat.h


def untrusted_reason(path: str, home: str) -> str:
    """Return why the file at *path* may be somebody else's work, in words; "" where it can only be the caller's.

    Folders are looked at up to the *home*, or the root. *path* is absolute, without a link on the way; where the file
    itself is a link, so is what it leads to. Raises OSError where there is no such file.
    """
    if why := _doubt(path, home):
        return why
    if os.lstat(path).st_mode & _KIND != _LINK:
        return ""
    target = os.path.realpath(path)
    why = _doubt(target, home)
    return f"leads to {target}, and that {why}" if why else ""


def owners(path: str) -> tuple[int, int]:
    """Return the uids of the file at *path* and of what it leads to, if it is a link; raises OSError."""
    return os.lstat(path).st_uid, os.stat(path).st_uid


def _doubt(path: str, home: str) -> str:
    uid = os.getuid()
    at = path
    while True:
        seen = os.lstat(at)
        name = "" if at == path else f"is in {at or '/'}, which "
        if seen.st_uid not in (uid, ROOT):
            return f"{name}belongs to {_user(seen.st_uid)}"
        if seen.st_mode & (_ANYBODY | _GROUP) and (why := _writers(at, seen)):
            return f"{name}{why}"
        if at in ("", "/", home):
            return ""
        at = at.rpartition("/")[0] or "/"


def _writers(path: str, seen: os.stat_result) -> str:
    """Return who else may write what is at *path*, in words."""
    kind = seen.st_mode & _KIND
    if kind == _LINK or (kind == _FOLDER and seen.st_mode & _STICKY):
        return ""
    if seen.st_mode & _ANYBODY:
        return "anybody may write"
    if _has_list(path) or not _is_private(seen.st_gid):
        return f"the group {_group(seen.st_gid)} may write"
    return ""


def _has_list(path: str) -> bool:
    """Tell whether an access list lets others write; its mask then stands where the group's bits are (acl(5))."""
    try:
        return bool(os.getxattr(path, "system.posix_acl_access", follow_symlinks=False))
    except (OSError, AttributeError):
        return False


def _is_private(gid: int) -> bool:
    """Tell whether the group is the caller's own, as Debian and Fedora make one for each user."""
    import grp  # noqa: PLC0415  only where a group may write
    import pwd  # noqa: PLC0415  as above

    try:
        user, group = pwd.getpwuid(os.getuid()), grp.getgrgid(gid)
    except KeyError:
        return False
    return (user.pw_gid, user.pw_name) == (gid, group.gr_name) and not {*group.gr_mem} - {user.pw_name}


def _user(uid: int) -> str:
    import pwd  # noqa: PLC0415  only for who is told

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _group(gid: int) -> str:
    import grp  # noqa: PLC0415  only for who is told

    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
