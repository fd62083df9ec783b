"""The owner's permission bits in a tree are those that the owner would have in a container."""

import pytest

from launcher.core.sandbox.tree_owner import TreeOwner

ANA = TreeOwner(1000, 1000, (24, 50))


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "expected"),
    [
        (0o640, 0, 42, 0o040),  # /etc/shadow
        (0o700, 0, 0, 0o000),  # /root
        (0o755, 0, 0, 0o555),
        (0o1777, 0, 0, 0o1777),  # /tmp
        (0o4755, 0, 0, 0o555),
        (0o2775, 0, 50, 0o775),
        (0o570, 0, 24, 0o770),
        (0o460, 1000, 50, 0o460),
        (0o604, 1000, 0, 0o604),
        (0o2070, 5, 1000, 0o770),
    ],
)
def test_an_ordinary_users_bits(mode, uid, gid, expected):
    assert oct(ANA.mode_for(mode, uid, gid)) == oct(expected)


@pytest.mark.parametrize("mode", [0o640, 0o6755, 0o1777, 0o000])
def test_root_keeps_all_but_setuid_and_setgid(mode):
    assert TreeOwner(0, 0).mode_for(mode, 33, 33) == mode & 0o1777
