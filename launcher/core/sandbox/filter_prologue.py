"""The first instructions of the filter of system calls: what libseccomp cannot express.

A call that is newer than all that the profile names fails with ENOSYS, as in a container (runc does the same): the
program then uses an older one. And some requests of ioctl, which is allowed otherwise, are refused. The instructions
are classic BPF (linux/filter.h) over ``struct seccomp_data`` (seccomp(2)), for little-endian machines.
"""

from __future__ import annotations

import struct
from typing import NamedTuple


class ArchitectureFacts(NamedTuple):
    """What the filter must know of one architecture."""

    name: str
    last_call: int  # the largest number that the profile knows
    ioctl: int


def assemble(architectures: list[ArchitectureFacts], refused_ioctls: tuple[int, ...]) -> bytes:
    """Return the instructions; for a call that they do not decide, execution continues behind them."""
    code: list[_Instruction] = []
    for each in architectures:
        code += _block(each, refused_ioctls)
    code += [_Instruction("", _JUMP_IF_EQUAL, 0, "end", "end"), *_REFUSALS]
    places = {each.label: place for place, each in enumerate(code) if each.label} | {"end": len(code)}
    return b"".join(_encode(each, place, places) for place, each in enumerate(code))


class _Instruction(NamedTuple):
    label: str
    code: int
    operand: int
    yes: str = ""  # the label to jump to; "": the next instruction
    no: str = ""


def _block(arch: ArchitectureFacts, refused_ioctls: tuple[int, ...]) -> list[_Instruction]:
    following = f"after {arch.name}"
    code = [
        _Instruction("", _LOAD, _ARCHITECTURE),
        _Instruction("", _JUMP_IF_EQUAL, _AUDIT[arch.name], "", following),
        _Instruction("", _LOAD, _NUMBER),
    ]
    if arch.name == "x86_64":
        code.append(_Instruction("", _JUMP_IF_AT_LEAST, _X32, following))
    if arch.name == "x32":
        code.append(_Instruction("", _JUMP_IF_AT_LEAST, _X32, "", following))
    code += [
        _Instruction("", _JUMP_IF_GREATER, arch.last_call, "ENOSYS"),
        _Instruction("", _JUMP_IF_EQUAL, arch.ioctl, "", "end"),
        _Instruction("", _LOAD, _SECOND_ARGUMENT),
        *[_Instruction("", _JUMP_IF_EQUAL, request, "EPERM") for request in refused_ioctls],
        _Instruction("", _JUMP_IF_EQUAL, 0, "end", "end"),
        _Instruction(following, _LOAD, _NUMBER),
    ]
    return code


_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_GREATER, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x25, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _SECOND_ARGUMENT = 0, 4, 24  # offsets; of the argument, the low 32 bits
_X32 = 0x4000_0000  # the bit in the numbers of x32's calls
_AUDIT = {
    "x86_64": 0xC000_003E,
    "x86": 0x4000_0003,
    "x32": 0xC000_003E,
    "aarch64": 0xC000_00B7,
    "arm": 0x4000_0028,
}
"""AUDIT_ARCH_* of linux/audit.h."""
_REFUSALS = (
    _Instruction("EPERM", _RETURN, 0x0005_0000 | 1),  # SECCOMP_RET_ERRNO
    _Instruction("ENOSYS", _RETURN, 0x0005_0000 | 38),
)


def _encode(instruction: _Instruction, place: int, places: dict[str, int]) -> bytes:
    yes, no = (places[label] - place - 1 if label else 0 for label in (instruction.yes, instruction.no))
    return struct.pack("<HBBI", instruction.code, yes, no, instruction.operand)
