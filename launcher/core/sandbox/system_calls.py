"""Which system calls a program in a sandbox may make: those that docker allows a container without capabilities.

The list is that of docker 20.10 (its default seccomp profile), which a test compares with the real engine. The three
capabilities that root keeps (CHOWN, DAC_OVERRIDE and FOWNER) allow no further call.
"""

from __future__ import annotations

from typing import NamedTuple


class Condition(NamedTuple):
    """A condition on one argument of a call: *argument* & *mask* == *value*, as unsigned 64-bit numbers."""

    argument: int  # 0 is the first
    value: int
    mask: int = 0xFFFF_FFFF_FFFF_FFFF


class Rule(NamedTuple):
    """What happens to a call; without a rule it fails with EPERM."""

    call: str
    test: Condition | None = None
    error: int = 0  # an errno; 0: the call is allowed


class Profile(NamedTuple):
    """All rules for one architecture."""

    architectures: tuple[str, ...]  # the machine's own first; programs of the others run there, too
    rules: tuple[Rule, ...]
    refused_ioctls: tuple[int, ...]  # requests, whose low 32 bits alone count


def profile(arch: str, kernel: tuple[int, ...]) -> Profile | None:
    """Return the profile for *arch* ("amd64") and a version of Linux; None if there is none for that architecture."""
    if arch not in _ARCHITECTURES:
        return None
    names = [*_ALLOWED.split(), *_ALSO_ALLOWED[arch], *(("ptrace",) if kernel >= _PTRACE_IS_SAFE else ())]
    return Profile(_ARCHITECTURES[arch], (*[Rule(name) for name in names], *_RULES), _REFUSED_IOCTLS)


_ARCHITECTURES = {"amd64": ("x86_64", "x86", "x32"), "arm64": ("aarch64", "arm")}
_ALSO_ALLOWED = {
    "amd64": ("arch_prctl", "modify_ldt"),
    "arm64": (*("arm_fadvise64_64", "arm_sync_file_range", "sync_file_range2", "breakpoint", "cacheflush", "set_tls"),),
}
_PTRACE_IS_SAFE = (4, 8)  # before, a traced program could leave the filter (seccomp(2), "Caveats")
_NEW_NAMESPACES = 0x7E02_0000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET (linux/sched.h)
_ENOSYS = 38
_RULES = (
    *[Rule("personality", Condition(0, value)) for value in (0x0, 0x0008, 0x20000, 0x20008, 0xFFFF_FFFF)],
    Rule("clone", Condition(0, 0, _NEW_NAMESPACES)),
    Rule("clone3", error=_ENOSYS),  # its flags are in memory, where no filter sees them; libc falls back to clone
)
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C  # asm-generic/ioctls.h: the same on both architectures
_REFUSED_IOCTLS = (_TIOCSTI, _TIOCLINUX)
"""Both put input into the caller's terminal, which a sandbox shares (CVE-2017-5226, CVE-2023-28100).

An engine gives the program a terminal of its own and so does not refuse them.
"""
_ALLOWED = """
    accept accept4 access adjtimex alarm bind brk capget capset chdir chmod chown chown32 clock_adjtime
    clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep
    clock_nanosleep_time64 close close_range connect copy_file_range creat dup dup2 dup3 epoll_create
    epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2
    execve execveat exit exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark fchdir
    fchmod fchmodat fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr flistxattr flock fork
    fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futex
    futex_time64 futex_waitv futimesat get_robust_list get_thread_area getcpu getcwd getdents getdents64 getegid
    getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getitimer getpeername getpgid getpgrp
    getpid getppid getpriority getrandom getresgid getresgid32 getresuid getresuid32 getrlimit getrusage getsid
    getsockname getsockopt gettid gettimeofday getuid getuid32 getxattr inotify_add_watch inotify_init
    inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup
    io_submit io_uring_enter io_uring_register io_uring_setup ioctl ioprio_get ioprio_set ipc kill
    landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lchown32 lgetxattr link linkat
    listen listxattr llistxattr _llseek lremovexattr lseek lsetxattr lstat lstat64 madvise membarrier
    memfd_create memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mmap2 mprotect
    mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64
    mq_unlink mremap msgctl msgget msgrcv msgsnd msync munlock munlockall munmap nanosleep newfstatat _newselect
    open openat openat2 pause pidfd_open pidfd_send_signal pipe pipe2 poll ppoll ppoll_time64 prctl pread64
    preadv preadv2 prlimit64 process_mrelease pselect6 pselect6_time64 pwrite64 pwritev pwritev2 read readahead
    readlink readlinkat readv recv recvfrom recvmmsg recvmmsg_time64 recvmsg remap_file_pages removexattr rename
    renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo
    rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_get_priority_max
    sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
    sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam
    sched_setscheduler sched_yield seccomp select semctl semget semop semtimedop semtimedop_time64 send sendfile
    sendfile64 sendmmsg sendmsg sendto set_robust_list set_thread_area set_tid_address setfsgid setfsgid32
    setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setitimer setpgid setpriority setregid setregid32
    setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setsid setsockopt setuid setuid32
    setxattr shmat shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 sigprocmask sigreturn socket
    socketcall socketpair splice stat stat64 statfs statfs64 statx symlink symlinkat sync sync_file_range syncfs
    sysinfo tee tgkill time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64
    timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime
    timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask uname unlink unlinkat utime utimensat
    utimensat_time64 utimes vfork vmsplice wait4 waitid waitpid write writev
"""
