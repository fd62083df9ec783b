"""Parsers for the package databases in images: dpkg (Debian, Ubuntu, distroless), apk (Alpine) and rpm (Fedora)."""

import struct
from collections.abc import Iterable, Iterator

_NAME, _VERSION, _RELEASE, _EPOCH = 1000, 1001, 1002, 1003
"""Tags of an rpm header (rpmtag.h)."""


def parse_dpkg(data: bytes) -> dict[str, str]:
    """Parse /var/lib/dpkg/status or a file of status.d: name and version of each installed package (deb-status(5))."""
    found = {}
    for stanza in data.decode(errors="replace").split("\n\n"):
        fields = dict(_fields(stanza.split("\n"), ": "))
        status = fields.get("Status", "install ok installed").split()
        if fields.get("Package") and fields.get("Version") and status[-1:] == ["installed"]:
            found[fields["Package"]] = fields["Version"]
    return found


def parse_apk(data: bytes) -> dict[str, str]:
    """Parse /lib/apk/db/installed, where field ``P`` is the name and ``V`` the version of a package (apk-v2)."""
    found = {}
    for stanza in data.decode(errors="replace").split("\n\n"):
        fields = dict(_fields(stanza.split("\n"), ":"))
        if fields.get("P") and fields.get("V"):
            found[fields["P"]] = fields["V"]
    return found


def parse_rpm(headers: Iterable[bytes]) -> dict[str, str]:
    """Parse the headers of an rpm database: name and ``[epoch:]version-release`` of each package.

    A header is the count of its index's entries and the bytes of its store, both 32 bits in network order; then the
    entries of tag, type, offset and count; then the store, where a string ends with a zero byte (rpm's format manual).
    A header that is none is left out.
    """
    found = {}
    for header in headers:
        try:
            values = _header(header)
            name, version = (values[tag].decode() for tag in (_NAME, _VERSION))
        except (struct.error, KeyError, ValueError):
            continue
        epoch, release = (values.get(tag, b"").decode(errors="replace") for tag in (_EPOCH, _RELEASE))
        found[name] = (f"{epoch}:" if epoch else "") + version + (f"-{release}" if release else "")
    return found


def _header(data: bytes) -> dict[int, bytes]:
    count, _ = struct.unpack_from(">II", data)
    start = 8 + 16 * count
    found = {}
    for at in range(8, min(start, len(data)), 16):
        tag, _, offset, _ = struct.unpack_from(">IIII", data, at)
        if tag == _EPOCH:
            found[tag] = b"%d" % int.from_bytes(data[start + offset :][:4])
        elif tag in (_NAME, _VERSION, _RELEASE):
            found[tag] = data[start + offset : data.index(b"\0", start + offset)]
    return found


def _fields(lines: Iterable[str], mark: str) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, separator, value = line.partition(mark)
        if separator and not line.startswith((" ", "\t")):
            yield name, value
