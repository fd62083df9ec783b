"""What to do where the system refuses a file: the fix that goes with each of its errors."""

from __future__ import annotations

import errno

_FIXES = {
    errno.ENOSPC: "make room: df -h {folder}",
    errno.EDQUOT: "make room, or ask for a larger quota: quota -s",
    errno.EFBIG: "raise the limit of file sizes: ulimit -f unlimited",
    errno.EROFS: "the file system is read-only: findmnt -T {folder}",
    errno.ENOTDIR: "a file stands where a folder is needed: ls -ld {folder}",
    errno.EISDIR: "a folder stands where a file is needed: ls -ld {path}",
    errno.EEXIST: "a file stands where a folder is needed: ls -ld {path}",
    errno.ENOENT: "make the folder: mkdir -p {folder}",
    errno.ENAMETOOLONG: "use a shorter name",
    errno.ELOOP: "its links lead in a circle: ls -l {path}",
    errno.EMFILE: "raise the limit of open files: ulimit -n 1024",
    errno.ENFILE: "too many files are open on this machine: lsof",
    errno.ENOMEM: "free some memory: free -h",
    errno.EIO: "the disk reports an error: dmesg",
    errno.ESTALE: "the file server is gone or has changed: mount it again",
}


def fix_for(error: OSError, path: str, *, reading: bool = False) -> str:
    """Return what to do about the *error* that writing (or *reading*) the file or folder at *path* gave."""
    at = error.filename if isinstance(error.filename, str) and error.filename.startswith("/") else path
    folder = at.rpartition("/")[0] or ("/" if at.startswith("/") else ".")
    who = "see who may read it: ls -ld {path}" if reading else "see who may write there: ls -ld {folder}"
    fix = _FIXES.get(error.errno or 0, who)
    if reading and error.errno == errno.ENOENT:
        return ""  # that says it all
    return fix.format(folder=_quoted(folder), path=_quoted(path))


def _quoted(path: str) -> str:
    """Return *path* as a shell takes it (shlex.quote, without the import)."""
    return path if path and frozenset(path) <= _PLAIN else "'" + path.replace("'", "'\"'\"'") + "'"


_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./-_")
