"""The start program: the few instructions that stand between bwrap and the program in a sandbox.

A Ctrl-C at the terminal reaches every process of the foreground group: the program, which may handle it, and also
bwrap's own process outside the sandbox, which would die of it and take the program along in the middle of its handler
(measured with bwrap 0.8). Therefore the launcher blocks these signals before it starts bwrap, which never changes them.
The program inherits the blocked signals, so something inside the sandbox has to unblock them, and no image is sure to
have a program for that. This one does it. It also gives the program the caller's stderr, which bwrap itself does not
get: what bwrap prints when it fails is for the launcher. It is a static executable, made here, which the sandbox shows
as ``/dev/init``, as docker shows its own as ``/sbin/docker-init``.

In words: ``sigprocmask(SIG_UNBLOCK, MASK); n = atoi(argv[1]); if (n != 2) { dup2(n, 2); close(n); }
execve(argv[2], argv + 3, environ); _exit(errno == ENOENT ? 127 : 126)``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

START_PATH = "/dev/init"
"""Where a program sees it."""

_X86_64 = """
b80e000000         mov eax, 14                     rt_sigprocmask
bf01000000         mov edi, 1                      SIG_UNBLOCK
488d356f000000     lea rsi, [rip+mask]
31d2               xor edx, edx
41ba08000000       mov r10d, 8
0f05               syscall
488b742410         mov rsi, [rsp+16]               argv[1]
31ff               xor edi, edi
0fb606             digit: movzx eax, [rsi]
83e830             sub eax, 48
780a               js number
6bff0a             imul edi, edi, 10
01c7               add edi, eax
48ffc6             inc rsi
ebee               jmp digit
83ff02             number: cmp edi, 2
7413               je start
be02000000         mov esi, 2
b821000000         mov eax, 33                     dup2
0f05               syscall
b803000000         mov eax, 3                      close
0f05               syscall
488b7c2418         start: mov rdi, [rsp+24]        argv[2]
488d742420         lea rsi, [rsp+32]               argv + 3
488b0c24           mov rcx, [rsp]                  argc
488d54cc10         lea rdx, [rsp+rcx*8+16]         environ
b83b000000         mov eax, 59                     execve
0f05               syscall
bf7f000000         mov edi, 127
83f8fe             cmp eax, -2                     ENOENT
7402               je exit
ffcf               dec edi
b83c000000         exit: mov eax, 60               exit
0f05               syscall
0f1f8000000000     nop DWORD PTR [rax+0]
"""
_AARCH64 = """
200080d2           mov x0, #1                      SIG_UNBLOCK
a1040010           adr x1, mask
020080d2           mov x2, #0
030180d2           mov x3, #8
e81080d2           mov x8, #135                    rt_sigprocmask
010000d4           svc #0
e10b40f9           ldr x1, [sp, #16]               argv[1]
000080d2           mov x0, #0
430180d2           mov x3, #10
22144038           digit: ldrb w2, [x1], #1
42c00071           subs w2, w2, #48
64000054           b.mi number
0008039b           madd x0, x0, x3, x2
fcffff17           b digit
1f0800f1           number: cmp x0, #2
20010054           b.eq start
e40300aa           mov x4, x0
410080d2           mov x1, #2
020080d2           mov x2, #0
080380d2           mov x8, #24                     dup3
010000d4           svc #0
e00304aa           mov x0, x4
280780d2           mov x8, #57                     close
010000d4           svc #0
e00f40f9           start: ldr x0, [sp, #24]        argv[2]
e1830091           add x1, sp, #32                 argv + 3
e20340f9           ldr x2, [sp]                    argc
e26f228b           add x2, sp, x2, lsl #3
42400091           add x2, x2, #16                 environ
a81b80d2           mov x8, #221                    execve
010000d4           svc #0
1f0800b1           cmn x0, #2                      ENOENT
e00f80d2           mov x0, #127
40000054           b.eq exit
c00f80d2           mov x0, #126
a80b80d2           exit: mov x8, #93               exit
010000d4           svc #0
1f2003d5           nop
"""
_MACHINES = {"amd64": (62, _X86_64), "arm64": (183, _AARCH64)}
"""By the architecture's name in images: its number in ELF files (elf.h, EM_X86_64 and EM_AARCH64), and the code."""


def start_program(arch: str, signals: Iterable[int]) -> bytes:
    """Return the executable for *arch* ("amd64"), which unblocks *signals*; b"" for an architecture without one."""
    if arch not in _MACHINES:
        return b""
    machine, listing = _MACHINES[arch]
    code = bytes.fromhex("".join([line.partition(" ")[0] for line in listing.strip().splitlines()]))
    mask = sum([1 << (number - 1) for number in signals])
    body = code + mask.to_bytes(8, "little")
    return _elf(machine, len(body)) + body


_BASE, _HEADERS = 0x400000, 64 + 56


def _elf(machine: int, size: int) -> bytes:
    """Return the headers of an executable with one segment: the whole file, readable and executable (elf(5))."""
    ident = b"\x7fELF" + bytes((2, 1, 1)) + bytes(9)
    header = _numbers((2, 2), (machine, 2), (1, 4), (_BASE + _HEADERS, 8), (64, 8), (0, 8), (0, 4))
    counts = _numbers((64, 2), (56, 2), (1, 2), (0, 2), (0, 2), (0, 2))
    whole = _HEADERS + size
    segment = _numbers((1, 4), (5, 4), (0, 8), (_BASE, 8), (_BASE, 8), (whole, 8), (whole, 8), (0x1000, 8))
    return ident + header + counts + segment


def _numbers(*fields: tuple[int, int]) -> bytes:
    return b"".join([value.to_bytes(width, "little") for value, width in fields])
