"""What the tests of sandboxes stand on: a folder of an ordinary user."""

import os

import pytest

from tests.sandbox.ordinary_user import UID


@pytest.fixture
def own_folder(tmp_path):
    """A folder that belongs to the ordinary user, whom every folder above it lets through."""
    folder = tmp_path / "own"
    folder.mkdir()
    os.chown(folder, UID, UID)
    for above in (tmp_path, *tmp_path.parents):
        if above.stat().st_uid == os.getuid() and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    return folder
