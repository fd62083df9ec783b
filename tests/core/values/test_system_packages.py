"""Which command installs a package on which distribution."""

import pytest

from launcher.core.values.system_packages import as_root, install_command, parse_os_release


@pytest.mark.parametrize(
    ("package", "systems", "command"),
    [
        ("bubblewrap", ("debian",), "apt install bubblewrap"),
        ("bubblewrap", ("linuxmint", "ubuntu", "debian"), "apt install bubblewrap"),
        ("bubblewrap", ("opensuse-leap", "suse", "opensuse"), "zypper install bubblewrap"),
        ("bubblewrap", ("gentoo",), "emerge sys-apps/bubblewrap"),
        ("passt", ("rocky", "rhel", "centos", "fedora"), "dnf install passt"),
        ("libseccomp", ("debian",), "apt install libseccomp2"),
        ("libseccomp", ("fedora",), "dnf install libseccomp"),
        ("podman", ("amzn", "fedora"), "dnf install docker"),
        ("bubblewrap", ("plan9",), ""),
        ("bubblewrap", (), ""),
    ],
)
def test_each_distribution_has_its_command_and_its_name_for_the_package(package, systems, command):
    assert install_command(package, systems) == command


@pytest.mark.parametrize(
    ("uid", "programs", "line"),
    [
        (0, (), "apk add x"),
        (7, (), "sudo apk add x"),
        (7, ("doas",), "doas apk add x"),
        (7, ("doas", "sudo"), "sudo apk add x"),
    ],
)
def test_an_ordinary_user_needs_sudo_or_doas(uid, programs, line):
    assert as_root("apk add x", uid, programs) == line


def test_os_release_is_read_with_and_without_quotes():
    assert parse_os_release('NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\n') == (
        "rocky",
        "rhel",
        "centos",
        "fedora",
    )
    assert parse_os_release("ID=debian\n") == ("debian",)
    assert parse_os_release("") == ()
