import pytest

from launcher.core.packages import apk, dpkg

DPKG = """\
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
APK = """\
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


def test_dpkg_tells_name_and_version_of_what_is_installed():
    assert dpkg(DPKG) == {"libc6": "2.36-9+deb12u4", "tzdata": "1:2024a-0+deb12u1"}


def test_a_file_of_distroless_has_no_status_and_counts():
    assert dpkg("Package: base-files\nVersion: 12.4+deb12u5\nArchitecture: amd64\n") == {"base-files": "12.4+deb12u5"}


def test_apk_tells_name_and_version_of_what_is_installed():
    assert apk(APK) == {"musl": "1.2.4-r2", "busybox": "1.36.1-r5"}


@pytest.mark.parametrize("read", [dpkg, apk])
@pytest.mark.parametrize("text", ["", "\n\n\n", "no database\nat all", ": :\n\n:", "Package\nP", "P:\nV:\n"])
def test_what_is_no_database_holds_no_package(read, text):
    assert read(text) == {}
