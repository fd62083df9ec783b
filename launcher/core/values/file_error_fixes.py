"""The fix to show for each errno of a failed file operation."""

from __future__ import annotations

import errno

_FIXES = {
    errno.ENOSPC: "free some disk space: df -h {folder}",
    errno.EDQUOT: "free some disk space, or ask for a larger quota: quota -s",
    errno.EFBIG: "raise the limit on file sizes: ulimit -f unlimited",
    errno.EROFS: "the file system is read-only: findmnt -T {folder}",
    errno.ENOTDIR: "there is a file where a folder is needed: ls -ld {folder}",
    errno.EISDIR: "there is a folder where a file is needed: ls -ld {path}",
    errno.EEXIST: "there is a file where a folder is needed: ls -ld {path}",
    errno.ENOENT: "create the folder: mkdir -p {folder}",
    errno.ENAMETOOLONG: "use a shorter name",
    errno.ELOOP: "its symbolic links form a loop: ls -l {path}",
    errno.EMFILE: "raise the limit on open files: ulimit -n 1024",
    errno.ENFILE: "too many files are open on this machine: lsof",
    errno.ENOMEM: "free some memory: free -h",
    errno.EIO: "the disk reports an error: dmesg",
    errno.ESTALE: "the file server is gone or has changed: remount it",
}


def fix_for(error: OSError, path: str, *, reading: bool = False) -> str:
    """Return the fix for an *error* from writing (or *reading*) the file or folder at *path*."""
    at = error.filename if isinstance(error.filename, str) and error.filename.startswith("/") else path
    folder = at.rpartition("/")[0] or ("/" if at.startswith("/") else ".")
    permissions = "check its permissions: ls -ld {path}" if reading else "check its permissions: ls -ld {folder}"
    fix = _FIXES.get(error.errno or 0, permissions)
    if reading and error.errno == errno.ENOENT:
        return ""  # the error says enough
    return fix.format(folder=_quoted(folder), path=_quoted(path))


def _quoted(path: str) -> str:
    """Quote *path* for a shell, like shlex.quote but without the import."""
    return path if path and frozenset(path) <= _PLAIN else "'" + path.replace("'", "'\"'\"'") + "'"


_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./-_")
