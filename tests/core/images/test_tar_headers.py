"""Headers of tar archives, read as tarfile reads what tarfile writes, and refused where they are damaged."""

import tarfile

import pytest

from launcher.core.images.tar_headers import (
    FILE,
    FOLDER,
    LINK,
    OTHER,
    SYMLINK,
    parse_octal,
    parse_pax,
    parse_tar_header,
)
from launcher.core.values.invalid_value import InvalidValueError

KINDS = [
    (tarfile.REGTYPE, FILE),
    (tarfile.AREGTYPE, FILE),
    (tarfile.CONTTYPE, FILE),
    (tarfile.DIRTYPE, FOLDER),
    (tarfile.SYMTYPE, SYMLINK),
    (tarfile.LNKTYPE, LINK),
    (tarfile.CHRTYPE, OTHER),
    (tarfile.BLKTYPE, OTHER),
    (tarfile.FIFOTYPE, OTHER),
    (b"Z", OTHER),
]


@pytest.mark.parametrize(("flag", "kind"), KINDS)
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT])
def test_every_field_is_read(flag, kind, form):
    info = tarfile.TarInfo("some/name")
    info.type, info.mode, info.uid, info.gid, info.mtime = flag, 0o4755, 1000, 2000, 1_700_000_000
    info.size, info.linkname = 1234, "a/target" if kind in (SYMLINK, LINK) else ""

    entry, found = parse_tar_header(info.tobuf(form))

    assert found == flag
    assert entry[:7] == (
        b"some/name" + b"/" * (flag == b"5"),
        kind,
        0o4755,
        1000,
        2000,
        1_700_000_000 * 10**9,
        1234 * (flag not in b"123456"),
    )
    assert entry.target == info.linkname.encode()


def test_a_prefix_belongs_to_the_name():
    info = tarfile.TarInfo("/".join(["folder" * 5] * 4 + ["name"]))

    assert parse_tar_header(info.tobuf(tarfile.USTAR_FORMAT)).entry.name == info.name.encode()


def test_a_block_of_zeros_is_the_end():
    assert parse_tar_header(bytes(512)) is None


@pytest.mark.parametrize(
    ("field", "number"),
    [
        (b"0000644\0", 0o644),
        (b"    644 ", 0o644),
        (b"\0\0\0\0\0\0\0\0", 0),
        (b"77777777", 0o77777777),
        (b"\x80\0\0\0\0\0\0\x05", 5),
        (b"\x80\0\0\0\x01\0\0\0", 1 << 24),
    ],
)
def test_numbers(field, number):
    assert parse_octal(field) == number


@pytest.mark.parametrize("field", [b"8", b"9   ", b"0x1", b"1_0", b"-1", b"+1", b"1 2", b"\xff" * 8])
def test_what_is_no_number_is_refused(field):
    with pytest.raises(InvalidValueError):
        parse_octal(field)


@pytest.mark.parametrize(
    ("field", "seconds"),
    [
        (b"\xff" * 12, -1),
        (b"\xff" * 11 + b"\xf6", -10),
        (b"7" * 11, 0o77777777777),
        (b"\x80" + bytes(4) + b"\x1f" * 7, 1 << 33),
    ],
)
def test_times_may_be_negative_and_are_limited(field, seconds):
    assert parse_octal(field, signed=True) == seconds


def test_pax_records_are_read_in_order():
    data = b"12 path=abc\n17 path=with\nline\n9 x=\xff\xfe\n\0\0"

    with pytest.raises(InvalidValueError):
        parse_pax(data)
    assert parse_pax(b"12 path=abc\n11 path=\xff=\n") == [(b"path", b"abc"), (b"path", b"\xff=")]
