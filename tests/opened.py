"""Runs programs as an ordinary user without any capability, even if root's Python is where only root can read it.

`start` holds a mount namespace in which each closed folder above Python and above this package lets others through;
nothing outside it changes. A prefix of words enters it and becomes the user. bwrap refuses callers that have a
capability (such as the one to read every file), so this is how its tests have an ordinary user.
"""

import atexit
import ctypes
import functools
import os
import signal
import subprocess
import sys
from pathlib import Path

UID = 4400 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))  # of each worker its own
ROOT = Path(__file__).parents[1]
_NEWNS = 0x20000  # linux/sched.h
_BIND_ALL, _SLAVE_ALL = 0x5000, 0x84000  # MS_BIND, MS_SLAVE with MS_REC, linux/mount.h
_SCRIPT = __file__


def words_of(uid=UID, *groups):
    """Return the words that run a program as user *uid*; they stand before the program and its arguments."""
    return [sys.executable, "-IS", _SCRIPT, "setpriv", str(holder()), f"{uid}", ",".join(map(str, groups)), "--"]


@functools.cache
def open_tunnels():
    """Let all users open /dev/net/tun in the namespace, as they can on most machines; pasta and slirp4netns need it."""
    if os.path.exists(_TUN) and os.stat(_TUN).st_mode & 0o006 != 0o006:
        subprocess.run([sys.executable, "-IS", _SCRIPT, "tunnels", str(holder())], check=True)


_TUN = "/dev/net/tun"


def holder():
    """Return the pid of the process that holds the namespace, started if need be."""
    if not _held:
        process = subprocess.Popen(
            [sys.executable, "-IS", _SCRIPT, "hold", *closed_folders()], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdout.read(1) == b"!", "no mount namespace"
        process.stdout.close()
        atexit.register(_end, process)
        _held.append(process)
    return _held[0].pid


_held = []


def _end(process):
    process.stdin.close()
    process.wait()


def closed_folders():
    """Return the folders above what a launcher reads that others may not enter, the outermost first."""
    found = {}
    for needed in (sys.base_prefix, sys.prefix, ROOT):
        real = Path(needed).resolve()
        for folder in (*reversed(real.parents), real):
            if not folder.stat().st_mode & 0o001:
                found[str(folder)] = None
    return list(found)


def _hold(folders):
    """Be the process whose mount namespace it is, until stdin ends."""
    assert ctypes.CDLL(None).unshare(_NEWNS) == 0
    _mount("", "/", "", _SLAVE_ALL)
    for folder in folders:
        names = os.listdir(folder)
        opened = {name: os.open(f"{folder}/{name}", os.O_PATH | os.O_NOFOLLOW) for name in names}
        _mount("opened", folder, "tmpfs", 0, "mode=0755")
        for name, descriptor in opened.items():
            _show(f"{folder}/{name}", descriptor)
    os.write(1, b"!")
    os.close(1)
    os.read(0, 1)


def _show(path, descriptor):
    """Let *path* in the new folder be what the descriptor refers to."""
    source = f"/proc/{os.getpid()}/fd/{descriptor}"
    if os.path.islink(source) and (target := _link(descriptor)) is not None:
        os.symlink(target, path)
        return
    if os.path.isdir(source):
        os.mkdir(path)
    else:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
    _mount(source, path, "", _BIND_ALL)


def _mount(source, target, kind, flags, data=""):
    libc = ctypes.CDLL(None, use_errno=True)
    words = [each.encode() or None for each in (source, target, kind)]
    if libc.mount(*words, ctypes.c_ulong(flags), data.encode() or None):
        raise OSError(ctypes.get_errno(), f"mount {target}")


def _link(descriptor):
    try:
        return os.readlink("", dir_fd=descriptor)
    except OSError:
        return None


def _open_tunnels(pid):
    device = os.stat(_TUN).st_rdev
    enter(pid)
    _mount("tunnels", os.path.dirname(_TUN), "tmpfs", 0, "mode=0755")
    os.mknod(_TUN, 0o020666, device)
    os.chmod(_TUN, 0o666)


def enter(pid):
    """Enter the mount namespace of process *pid*, in this folder."""
    folder = os.getcwd()
    descriptor = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY)
    assert ctypes.CDLL(None).setns(descriptor, _NEWNS) == 0
    os.close(descriptor)
    os.chdir(folder)


def _become(pid, uid, groups, words):
    """Enter the namespace that *pid* holds, in this folder, and execute *words* as user *uid*."""
    enter(pid)
    os.setgroups([int(each) for each in groups.split(",") if each])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(words[0], words)
    except OSError as error:
        sys.stderr.write(f"{words[0]}: {error.strerror}\n")
        os._exit(127)


if __name__ == "__main__":
    if sys.argv[1] == "hold":
        _hold(sys.argv[2:])
    elif sys.argv[1] == "tunnels":
        _open_tunnels(sys.argv[2])
    else:
        _become(sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[6:])
