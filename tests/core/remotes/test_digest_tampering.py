"""Changed digests in a signed catalog are detected without parsing it."""

import pytest

from launcher.core.remotes.digest_tampering import first_changed_digest

ONE, OTHER = "sha256:" + "1" * 64, "sha256:" + "2" * 64
GOOD = f'schema = 1\n[apps]\na = "r.example/a@{ONE}"\nb = "r.example/b@{OTHER}"\n'


@pytest.mark.parametrize(
    ("came", "line"),
    [
        (GOOD.replace(ONE, OTHER), 3),
        (GOOD.replace(OTHER, ONE), 4),
        (GOOD.replace(ONE, "?").replace(OTHER, ONE).replace("?", OTHER), 3),
        (GOOD, 0),
        (GOOD.replace("r.example/a", "r.example/c").replace(ONE, OTHER), 0),
        (GOOD.replace(ONE, OTHER[:-1]), 0),
        (GOOD + "# more\n", 0),
        ("", 0),
    ],
)
def test_the_line_of_the_first_changed_digest_is_found(came, line):
    assert first_changed_digest(GOOD.encode(), came.encode()) == line


def test_binary_data_is_compared_too():
    assert first_changed_digest(b"\xff" + GOOD.encode(), b"\xff" + GOOD.replace(ONE, OTHER).encode()) == 3
