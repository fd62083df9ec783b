"""What engines say of the limits that they enforce: the answers that were measured (docs/engines.md)."""

import pytest

from launcher.engine.engine_info import read_engine_info, unenforced_limits

ALL = ("mem_limit", "cpus", "pids_limit")
YES = {"MemoryLimit": True, "CpuCfsQuota": True, "PidsLimit": True}


@pytest.mark.parametrize(
    ("info", "controllers", "expected"),
    [
        (YES | {"CgroupDriver": "cgroupfs"}, None, ()),  # dockerd 20.10
        (dict.fromkeys(YES, False) | {"CgroupDriver": "none"}, None, ALL),  # rootless dockerd, cgroups of version 1
        (YES | {"CpuCfsQuota": False}, None, ("cpus",)),  # rootless dockerd, no cpu controller delegated
        ({}, None, ()),  # it does not say
        (YES, ["cpuset", "cpu", "memory", "pids"], ()),  # podman 4.3
        (YES, [], ALL),  # rootless podman 4.3, cgroups of version 1
        (YES, ["memory", "pids"], ("cpus",)),  # rootless podman, what systemd delegates
    ],
)
def test_unenforced_limits_are_detected(info, controllers, expected):
    assert unenforced_limits(info, controllers) == expected


@pytest.mark.engine
def test_a_real_engine_reports_about_itself(client, engine):
    found = read_engine_info(client, "podman" if engine.name.startswith("podman") else "docker")

    assert found.root.startswith("/")
    assert set(found.unenforced) <= set(ALL)
