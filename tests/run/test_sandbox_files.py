"""The files about names that a program in a sandbox sees are those that docker would make."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.engine

DOCKERS = """\
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
ff00::0\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
"""


@pytest.mark.parametrize(
    ("keys", "hosts"),
    [
        ({}, DOCKERS),
        ({"extra_hosts": '["db:10.0.0.9"]'}, DOCKERS + "10.0.0.9\tdb\n"),
        ({"network_mode": '"host"'}, Path("/etc/hosts").read_text()),
        ({"network_mode": '"host"', "extra_hosts": '["db:10.0.0.9"]'}, DOCKERS + "10.0.0.9\tdb\n"),
    ],
)
def test_the_hosts_of_a_program(user, sandboxed, keys, hosts):
    sandboxed(**keys)

    assert user.run("tool", "-c", "cat /etc/hosts", check=True).stdout == hosts


def test_a_volume_of_the_current_folder_is_refused_in_a_folder_of_the_system(user, sandboxed):
    sandboxed(mount_cwd='"none"', volumes='["${PWD}:/data"]', user='"host"')
    calls = [user.run("tool", "-c", "echo hi > /data/here; cat /data/here") for _ in range(3)]

    ended = user.run("tool", "-c", "true", cwd="/etc")

    assert [each.stdout for each in calls] == ["hi\n"] * 3
    assert ended.returncode == 126
    assert "the current folder /etc belongs to the system and is not mounted" in ended.stderr
