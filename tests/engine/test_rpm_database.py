"""rpm's database, as rpm 4.18 itself wrote it, and such as somebody made to do harm."""

import gzip
import sqlite3
from pathlib import Path

import pytest

from launcher.engine import image_files
from launcher.engine.rpm_database import rpm_packages

REAL = gzip.decompress((Path(__file__).parent / "rpmdb.sqlite.gz").read_bytes())
HELD = {"tool": "1.2-3", "widget": "2:4.5.6-1.el9"}  # what `rpm -qa` said of it, and the epoch


def made(*statements):
    """Return the bytes of another database."""
    database = sqlite3.connect(":memory:")
    for each in statements:
        database.execute(each)
    return database.serialize()


def test_name_and_version_of_each_package():
    assert rpm_packages(REAL) == HELD


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"SQLite format 3\0",
        b"no database",
        REAL[:50_000],
        REAL[:100] + b"\xff" * (len(REAL) - 100),
        made("CREATE TABLE other (x)"),
        made("CREATE TABLE Packages (hnum, blob)", "INSERT INTO Packages VALUES (1, 'text'), (2, 7), (3, x'00')"),
        made(
            "CREATE VIEW Packages AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
            " SELECT CAST(x AS BLOB) AS blob FROM n WHERE x < 0"
        ),
    ],
    ids=["empty", "a header", "other bytes", "half", "overwritten", "no such table", "other rows", "without end"],
)
def test_a_damaged_or_hostile_database_gives_no_packages_in_finite_time(data):
    assert rpm_packages(data) == {}


def test_a_linked_database_in_an_image_is_read(client, imported):
    """As Fedora does: /var/lib/rpm leads to /usr/lib/sysimage/rpm."""
    files = {"usr/lib/sysimage/rpm/rpmdb.sqlite": REAL}
    image = imported("engine-room/fedora:1", files, **{"var/lib/rpm": "../../usr/lib/sysimage/rpm"})
    path = "/var/lib/rpm/rpmdb.sqlite"

    (file,) = image_files.read_files(client, image, [path])[path]

    assert rpm_packages(file) == HELD
