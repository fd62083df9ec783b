"""Whether only the caller or root can have written a file.

The rule is that of ssh's StrictModes and git's safe.directory: the file and each folder above it belong to the caller
or root, and nobody else may write there. In a sticky folder such as /tmp, other users cannot replace the file. A group
whose only member is the caller counts as the caller.
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
    """Return why somebody else may have written the file at *path*, or "" if only the caller or root can have.

    Checks the folders up to *home* or the root. *path* is absolute and its folders are not links; if the file itself is
    a link, its target is checked, too. Raises OSError if the file does not exist.
    """
    if reason := _untrusted_reason(path, home):
        return reason
    if os.lstat(path).st_mode & _KIND != _LINK:
        return ""
    target = os.path.realpath(path)
    reason = _untrusted_reason(target, home)
    return f"leads to {target}, and that {reason}" if reason else ""


def owners(path: str) -> tuple[int, int]:
    """Return the uids of the owners of *path* and, if it is a link, of its target; raises OSError."""
    return os.lstat(path).st_uid, os.stat(path).st_uid


def _untrusted_reason(path: str, home: str) -> str:
    uid = os.getuid()
    current = path
    while True:
        status = os.lstat(current)
        name = "" if current == path else f"is in {current or '/'}, which "
        if status.st_uid not in (uid, ROOT):
            return f"{name}belongs to {_user(status.st_uid)}"
        if status.st_mode & (_ANYBODY | _GROUP) and (reason := _writers(current, status)):
            return f"{name}{reason}"
        if current in ("", "/", home):
            return ""
        current = current.rpartition("/")[0] or "/"


def _writers(path: str, status: os.stat_result) -> str:
    """Return who else may write *path*, for a message, or ""."""
    kind = status.st_mode & _KIND
    if kind == _LINK or (kind == _FOLDER and status.st_mode & _STICKY):
        return ""
    if status.st_mode & _ANYBODY:
        return "anybody may write"
    if _has_acl(path) or not _is_private_group(status.st_gid):
        return f"the group {_group(status.st_gid)} may write"
    return ""


def _has_acl(path: str) -> bool:
    """Return whether an ACL grants others access; its mask then replaces the group bits (acl(5))."""
    try:
        return bool(os.getxattr(path, "system.posix_acl_access", follow_symlinks=False))
    except (OSError, AttributeError):
        return False


def _is_private_group(gid: int) -> bool:
    """Return whether this is the caller's own group, as Debian and Fedora create one per user."""
    import grp  # noqa: PLC0415  only if a group may write
    import pwd  # noqa: PLC0415  as above

    try:
        user, group = pwd.getpwuid(os.getuid()), grp.getgrgid(gid)
    except KeyError:
        return False
    return (user.pw_gid, user.pw_name) == (gid, group.gr_name) and not {*group.gr_mem} - {user.pw_name}


def _user(uid: int) -> str:
    import pwd  # noqa: PLC0415  only for the message

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _group(gid: int) -> str:
    import grp  # noqa: PLC0415  only for the message

    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
