"""Runs inside a container or sandbox: writes what a program sees there as one line of JSON, then becomes a shell.

It is passed as text to the Python of an image: `python3 -IS -c TEXT SCRIPT [WORD...]`. Nothing in it depends on a call.
"""

import ctypes
import errno
import json
import os
import resource
import socket
import stat
import sys

DENIED = (
    *("acpi", "asound", "kcore", "keys", "latency_stats", "timer_list", "timer_stats", "sched_debug", "scsi"),
    *(
        "bus",
        "fs",
        "irq",
        "sys",
        "sysrq-trigger",
        "sys/kernel/hostname",
        "sys/net/ipv4/ip_forward",
        "self/attr/current",
    ),
)
PLACES = (
    *("/", "/bin", "/etc", "/etc/hosts", "/etc/resolv.conf", "/etc/hostname", "/etc/passwd", "/home", "/root", "/tmp"),
    *("/var/tmp", "/var", "/dev", "/dev/shm", "/dev/null", "/dev/pts", "/dev/mqueue", "/sys", "/sys/class", "/run"),
    *("/run/lock", "/usr/lib", "/opt", "/mnt", "/proc", "/proc/sys", "/scratch", "/kept", "/shown", "/srv", ".", ".."),
    *("/kept/sub", "/shown/sub", "/etc/conf", "/run/secrets", "/data"),
)
CALLS = {  # by their numbers on x86_64: harmless with these arguments, allowed or not
    "mount": (165, 0, 0, 0, 0, 0), "umount2": (166, 0, 0), "unshare user": (272, 0x10000000), "setns": (308, -1, 0),
    "pivot_root": (155, 0, 0), "bpf": (321, 99, 0, 0), "keyctl": (250, 99, 0, 0, 0), "add_key": (248, 0, 0, 0, 0, 0),
    "ptrace": (101, 99, 0, 0, 0), "perf_event_open": (298, 0, 0, 0, 0, 0), "userfaultfd": (323, 0xFFFF),
    "kexec_load": (246, 0, 0, 0, 0xFFFF), "init_module": (175, 0, 0, 0), "reboot": (169, 0, 0, 0), "swapon": (167, 0, 0),
    "settimeofday": (164, 0, 0xFFFF), "clock_settime": (227, 0, 0), "iopl": (172, 3), "quotactl": (179, 0, 0, 0, 0),
    "chroot": (161, 0), "acct": (163, 0), "syslog": (103, 3, 0, 0), "personality read": (135, 0xFFFFFFFF),
    "personality uname26": (135, 0x0020000), "io_uring_setup": (425, 0, 0), "open_by_handle_at": (304, -1, 0, 0),
    "name_to_handle_at": (303, -1, 0, 0, 0, 0), "lookup_dcookie": (212, 0, 0, 0), "get_mempolicy": (239, 0, 0, 0, 0, 0),
    "mbind": (237, 0, 0, 99, 0, 0, 0), "process_vm_readv": (310, 0, 0, 0, 0, 0, 0), "kcmp": (312, 0, 0, 99, 0, 0),
    "vhangup": (153,), "nfsservctl": (180, 0, 0, 0), "clone3": (435, 0, 0), "openat2": (437, -1, 0, 0, 0),
    "faccessat2": (439, -1, 0, 0, 0), "pidfd_open": (434, -1, 0), "fsopen": (430, 0, 0), "move_mount": (429, 0, 0, 0, 0, 0),
    "socket vsock": (41, 40, 1, 0), "socket packet": (41, 17, 3, 0), "socket netlink": (41, 16, 3, 0),
    "socket alg": (41, 38, 5, 0), "socket raw": (41, 2, 3, 1), "socket ping": (41, 2, 2, 1), "sethostname": (170, 0, 0),
    "setdomainname": (171, 0, 0), "ioprio_set": (251, 1, 0, 0x6000), "mlockall": (151, 0), "setns self": (308, 0, 0),
    "tiocsti": (16, 0, 0x5412, 0), "tioclinux": (16, 0, 0x541C, 0), "sysfs": (139, 99, 0, 0), "ustat": (136, 0, 0),
    "msgget": (68, 0, 0o1600), "semget": (64, 0, 1, 0o1600), "shmget": (29, 0, 4096, 0o1600), "mknod": (133, 0, 0, 0),
}  # fmt: skip


def said(act, *words):
    try:
        return act(*words)
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))


def text(data):
    return data.decode("latin-1") if isinstance(data, bytes) else os.fsencode(data).decode("latin-1")


def read(path, most=1 << 16):
    with open(path, "rb") as file:
        return text(file.read(most))


def can_write(path):
    if os.path.isdir(path):
        os.mkdir(f"{path}/.probe")
        os.rmdir(f"{path}/.probe")
    else:
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOCTTY | os.O_NONBLOCK))
    return "yes"


def mode(path):
    found = os.lstat(path)
    link = os.readlink(path) if stat.S_ISLNK(found.st_mode) else ""
    size = found.st_size if stat.S_ISREG(found.st_mode) and not path.startswith("/etc/") else 0
    return [oct(found.st_mode), found.st_uid, found.st_gid, found.st_rdev, size, link and text(link)]


def modes(whole):
    paths = {"/", ".", "..", os.path.expanduser("~"), "/proc"}
    for folder in (
        "/",
        "/etc",
        "/dev",
        "/dev/shm",
        "/dev/pts",
        ".",
        "..",
        os.path.expanduser("~"),
        "/kept",
        "/shown",
        "/scratch",
        "/tmp",
        "/home",
        "/run",
        "/var",
        "/srv",
        "/data",
        "/kept/deep",
    ):
        names = said(os.listdir, folder)
        paths |= {os.path.join(folder, name) for name in names} if isinstance(names, list) else set()
    if whole:
        for folder, folders, files in os.walk("/"):
            if folder == "/":
                folders[:] = [name for name in folders if name not in ("proc", "sys", "dev")]
            paths |= {os.path.join(folder, name) for name in (*folders, *files)}
    return {text(path): said(mode, path) for path in paths}


def mounts():
    found = {}
    for line in filter(None, read("/proc/self/mountinfo", 1 << 20).split("\n")):
        _, _, device, root, place, options, *more = line.split(" ")
        kind, source, super_options = more[more.index("-") + 1 :]
        size = said(os.statvfs, place.encode("latin-1"))
        size = size.f_blocks * size.f_frsize if kind == "tmpfs" and not isinstance(size, str) else 0
        found[place] = [device, root, options, kind, source, super_options, size]
    return found


def descriptors():
    found = {}
    for name in sorted(os.listdir("/proc/self/fd"), key=int):
        if not isinstance(here := said(os.fstat, int(name)), str):  # the listing's own is closed
            found[name] = [oct(stat.S_IFMT(here.st_mode)), here.st_rdev, os.isatty(int(name))]
    return found


def call(numbers):
    libc.syscall.restype = ctypes.c_long
    ctypes.set_errno(0)
    result = libc.syscall(*map(ctypes.c_long, numbers))
    found = ctypes.get_errno()
    return errno.errorcode.get(found, found) if result == -1 else "ok"


def connects(address):
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=2):
        return "yes"


def listens(port):
    with socket.socket() as server:
        server.bind(("", port))
    return "yes"


libc = ctypes.CDLL(None, use_errno=True)
script, how, *words = sys.argv[1:]
how = json.loads(how)
umask = os.umask(0o022)
status = dict(line.split(":\t") for line in read("/proc/self/status").split("\n") if ":\t" in line)
facts = {
    "place": {
        "cwd": text(os.getcwdb()),
        "ids": [*os.getresuid(), *os.getresgid()],
        "groups": sorted(os.getgroups()),
        "umask": oct(umask),
        "argv": [text(word) for word in words],
        "nice": os.nice(0),
        "is_pid_1": os.getpid() == 1,
        "processes": len([name for name in os.listdir("/proc") if name.isdigit()]),
        "executable": sys.executable,
        "session": os.getsid(0) == os.getpid() or os.getsid(0),
    },
    "environment": dict(each.partition("=")[::2] for each in read("/proc/self/environ", 1 << 20).split("\0") if each),
    "hostname": {
        "name": os.uname().nodename,
        "file": said(read, "/etc/hostname"),
        "domain": said(read, "/proc/sys/kernel/domainname"),
    },
    "limits": {
        name: resource.getrlimit(getattr(resource, name))
        for name in dir(resource)
        if name.startswith("RLIMIT_") and name != "RLIMIT_OFILE"
    },
    "rights": {
        name: value
        for name, value in status.items()
        if name.startswith(("Cap", "NoNew", "Seccomp", "SigBlk", "SigIgn", "Uid", "Gid", "Speculation"))
    },
    "descriptors": descriptors(),
    "proc": {
        name: [
            os.path.exists(f"/proc/{name}"),
            said(lambda path: len(read(path, 9)), f"/proc/{name}"),
            said(lambda path: len(os.listdir(path)), f"/proc/{name}"),
            said(can_write, f"/proc/{name}"),
        ]
        for name in DENIED
    },
    "proc names": sorted(name for name in os.listdir("/proc") if not name.isdigit()),
    "sys": {
        name: sorted(names) if isinstance(names := said(os.listdir, f"/sys/{name}"), list) else names
        for name in ("block", "bus", "class", "dev", "kernel/mm", "firmware", "class/net", "")
    },
    "writable": {place: said(can_write, place) for place in (*PLACES, os.path.expanduser("~"))},
    "modes": modes(how.get("whole")),
    "mounts": mounts(),
    "namespaces": {
        name: os.stat(f"/proc/self/ns/{name}").st_ino for name in ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
    },
    "network": {
        "interfaces": [name for _, name in socket.if_nameindex()],
        "connects": {address: said(connects, address) for address in how.get("connect", [])},
        "listens": {port: said(listens, port) for port in (80, 8080)},
        "hosts": said(read, "/etc/hosts"),
        "resolver": said(read, "/etc/resolv.conf"),
    },
    "accounts": {path: said(read, path) for path in ("/etc/passwd", "/etc/group")},
    "calls": {name: call(CALLS[name]) for name in ["socket ping", *how.get("calls", [])]},
    "texts": {path: said(read, path) for path in how.get("read", [])},
}
said(os.writev, 1, [b"\x1e" + json.dumps(facts).encode() + b"\x1f"])
os.execvp("sh", ["sh", "-c", script, "sh", *words])
