"""What the tests of sandboxes stand on: a folder of an ordinary user."""

import os
import tempfile
from pathlib import Path

import pytest

from tests.sandbox.ordinary_user import UID


@pytest.fixture
def own_folder():
    """A folder that belongs to the ordinary user.

    It is not in pytest's own folder, which each pytest that starts closes to other users.
    """
    with tempfile.TemporaryDirectory(prefix="applaunch-own-") as folder:
        os.chown(folder, UID, UID)
        yield Path(folder)
