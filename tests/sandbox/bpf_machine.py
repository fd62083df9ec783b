"""A machine that runs a compiled filter of system calls, as the kernel would, for any architecture."""

import struct

ALLOW, ERRNO = 0x7FFF0000, 0x00050000
AUDIT = {"x86_64": 0xC000003E, "x86": 0x40000003, "aarch64": 0xC00000B7, "arm": 0x40000028}
LOAD, RETURN, ALWAYS, AND = 0x20, 0x06, 0x05, 0x54
JUMPS = {0x15: int.__eq__, 0x25: int.__gt__, 0x35: int.__ge__, 0x45: lambda value, mask: bool(value & mask)}


def decide(program, arch, number, *arguments):
    """Return what the filter says of a call: "allow", or the errno that the caller gets."""
    values = [each & 0xFFFFFFFFFFFFFFFF for each in (*arguments, *[0] * (6 - len(arguments)))]
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, AUDIT[arch], 0, *values)
    code = [*struct.iter_unpack("<HBBI", program)]
    place = value = 0
    while True:
        opcode, yes, no, operand = code[place]
        place += 1
        if opcode == LOAD:
            (value,) = struct.unpack_from("<I", data, operand)
        elif opcode == RETURN:
            return "allow" if operand == ALLOW else operand - ERRNO
        elif opcode == ALWAYS:
            place += operand
        elif opcode == AND:
            value &= operand
        else:
            place += yes if JUMPS[opcode](value, operand) else no
