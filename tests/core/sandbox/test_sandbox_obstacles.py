"""The one line that says why no sandbox can be started, for each cause."""

import pytest

from launcher.core.sandbox.sandbox_obstacles import (
    SYSCTLS,
    Surroundings,
    no_tun,
    not_installed,
    parse_version,
    refused,
    too_old,
)

APPARMOR, CLONE, MOST = SYSCTLS
ANA = Surroundings(1000, ("debian",), ("sudo",), sysctls={MOST: "63000"})
NO_PERMISSION = (
    "bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user"
    " namespaces. On e.g. debian this can be enabled with 'sysctl kernel.unprivileged_userns_clone=1'."
)
OPTIONS = "--security-opt seccomp=unconfined --security-opt systempaths=unconfined"
PROFILE = (
    "sudo apt install apparmor-profiles"
    " && sudo cp /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/"
    " && sudo systemctl reload apparmor"
)


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        ("bubblewrap 0.8.0\n", (0, 8, 0)),
        ("bubblewrap 0.11\n", (0, 11)),
        ("bubblewrap built from git\n", ()),
        ("", ()),
    ],
)
def test_the_version_is_what_bwrap_says(answer, version):
    assert parse_version(answer) == version


@pytest.mark.parametrize(
    ("here", "line"),
    [
        (ANA, "bubblewrap is not installed; sudo apt install bubblewrap"),
        (ANA._replace(uid=0), "bubblewrap is not installed; apt install bubblewrap"),
        (ANA._replace(systems=("alpine",), programs=("doas",)), "bubblewrap is not installed; doas apk add bubblewrap"),
        (ANA._replace(systems=()), "bubblewrap is not installed; install the package bubblewrap"),
    ],
)
def test_a_missing_program_names_the_package_of_this_system(here, line):
    assert not_installed("bubblewrap", "bubblewrap", here) == line


def test_an_old_bwrap_is_told_by_its_version():
    assert too_old((0, 4, 1)) == "bubblewrap 0.4.1 is too old; install version 0.8 or later"
    assert too_old(()) == "bubblewrap of an unknown version is too old; install version 0.8 or later"


@pytest.mark.parametrize(
    ("line", "here", "expected"),
    [
        (
            "bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)",
            ANA._replace(sysctls={MOST: "0"}),
            "this kernel allows no user namespaces; sudo sysctl -w user.max_user_namespaces=15000",
        ),
        (
            NO_PERMISSION,
            ANA._replace(sysctls={MOST: "63000", CLONE: "0"}),
            "this kernel allows user namespaces to root only; sudo sysctl -w kernel.unprivileged_userns_clone=1",
        ),
        (
            "bwrap: setting up uid map: Permission denied",
            ANA._replace(systems=("ubuntu", "debian"), sysctls={MOST: "63000", APPARMOR: "1"}),
            f"AppArmor forbids user namespaces to bwrap (kernel.apparmor_restrict_unprivileged_userns=1); {PROFILE}",
        ),
        (
            NO_PERMISSION,
            ANA._replace(container=True),
            f"this container forbids sandboxes; start it with {OPTIONS}",
        ),
        (
            "bwrap: Creating new namespace failed: Operation not permitted",
            ANA._replace(uid=0, container=True),
            f"this container forbids sandboxes; start it with --cap-add SYS_ADMIN {OPTIONS}",
        ),
        (
            NO_PERMISSION,
            ANA._replace(chroot=True, container=True),
            "the kernel allows no user namespaces in a chroot; enter it with systemd-nspawn",
        ),
        (
            "bwrap: Can't find source path /\x1b[2J\nx",
            ANA._replace(sysctls={MOST: "63000", APPARMOR: "1", CLONE: "1"}),
            "bwrap cannot start a sandbox: Can't find source path /\\x1b[2J\\nx",
        ),
        ("", ANA, "bwrap cannot start a sandbox: it printed nothing"),
        (
            NO_PERMISSION,
            ANA._replace(uid=0, sysctls={MOST: "0"}),  # root needs no user namespace
            f"bwrap cannot start a sandbox: {NO_PERMISSION.removeprefix('bwrap: ')}",
        ),
    ],
)
def test_a_refusal_names_its_cause_and_the_way_out(line, here, expected):
    assert refused(line, here) == expected


@pytest.mark.parametrize(
    ("line", "here", "expected"),
    [
        (
            "Permission denied",
            ANA,
            "/dev/net/tun is not open to you, so no network can be made; sudo chmod 0666 /dev/net/tun",
        ),
        (
            "No such file or directory",
            ANA,
            "/dev/net/tun: no such file or directory, so no network can be made; sudo modprobe tun",
        ),
        (
            "No such file or directory",
            ANA._replace(container=True),
            "this container has no /dev/net/tun, so no network can be made; start it with --device /dev/net/tun",
        ),
    ],
)
def test_a_network_needs_the_device_of_tunnels(line, here, expected):
    assert no_tun(line, here) == expected
