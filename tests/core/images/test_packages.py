import struct

import pytest

from launcher.core.images.packages import parse_apk, parse_dpkg, parse_rpm

DPKG = b"""\
Package: libc6
Status: install ok installed
Priority: optional
Version: 2.36-9+deb12u4
Depends: libgcc-s1
Conffiles:
 /etc/ld.so.conf.d/x86_64-linux-gnu.conf d4e7a7b88a71b5ffd9e2644e71a0cfab
Description: GNU C Library: Shared libraries
 Contains the standard libraries
 .
 Version: none of ours

Package: tzdata
Status: install ok installed
Version: 1:2024a-0+deb12u1

Package: gone
Status: deinstall ok config-files
Version: 1.0

Package: never
Status: purge ok not-installed
Version: 1.0

Package: half
Status: install reinstreq half-installed
Version: 1.0

Package: nameless
Status: install ok installed
"""
APK = b"""\
C:Q1f0GHJ5TzfTIwVtQwQ1qPFHbQdKk=
P:musl
V:1.2.4-r2
A:x86_64
T:the musl c library (libc) implementation
p:so:libc.musl-x86_64.so.1=1
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
Z:Q1

P:busybox
V:1.36.1-r5
T:Size optimized toolbox: many common UNIX utilities
"""


def test_installed_dpkg_packages_are_listed():
    assert parse_dpkg(DPKG) == {"libc6": "2.36-9+deb12u4", "tzdata": "1:2024a-0+deb12u1"}


def test_packages_of_distroless_are_listed():
    assert parse_dpkg(b"Package: base-files\nVersion: 12.4+deb12u5\nArchitecture: amd64\n") == {
        "base-files": "12.4+deb12u5"
    }


def test_apk_packages_are_listed():
    assert parse_apk(APK) == {"musl": "1.2.4-r2", "busybox": "1.36.1-r5"}


@pytest.mark.parametrize("read", [parse_dpkg, parse_apk])
@pytest.mark.parametrize(
    "text", [b"", b"\n\n\n", b"no database\nat all", b": :\n\n:", b"Package\nP", b"P:\nV:\n", b"\xff\xfe"]
)
def test_invalid_data_contains_no_packages(read, text):
    assert read(text) == {}


def header(*entries):
    """Return an rpm header with these entries of tag and value."""
    store, index = b"", b""
    for tag, value in entries:
        number = isinstance(value, int)
        index += struct.pack(">IIII", tag, 4 if number else 6, len(store), 1)
        store += struct.pack(">I", value) if number else value.encode() + b"\0"
    return struct.pack(">II", len(entries), len(store)) + index + store


def test_rpm_packages_are_listed_with_epoch_and_release():
    plain = header((1000, "tool"), (1001, "1.2"), (1002, "3.fc40"), (1004, "a summary"))
    assert parse_rpm([plain, header((1003, 2), (1000, "w"), (1001, "4"))]) == {"tool": "1.2-3.fc40", "w": "2:4"}


WHOLE = header((1000, "tool"), (1001, "1.2"))


@pytest.mark.parametrize(
    "torn",
    [
        *(WHOLE[:length] for length in range(len(WHOLE))),
        struct.pack(">II", 0xFFFFFFFF, 0xFFFFFFFF),
        struct.pack(">IIIIII", 1, 0, 1000, 6, 0xFFFFFFF0, 1),
        header((1000, "nameless")),
        header((1001, "1")),
    ],
)
def test_a_truncated_header_is_skipped(torn):
    assert parse_rpm([torn, header((1000, "b"), (1001, "1"))]) == {"b": "1"}
