"""A home that the tests of several pages look at."""

import time

import pytest

from launcher.core.run.warm_policy import Idle
from launcher.state import warm_store


@pytest.fixture
def lived_in(home):
    """A home in which something was installed, changed and removed, with no engine."""
    home.app("mine", "docker.io/library/busybox:latest", network_mode='"none"')
    home.run(
        "applaunch", "add", "upper", "--image", "docker.io/library/busybox:latest", "--network", "none", check=True
    )
    home.run("mine", "true")
    idle = Idle("0" * 64, "mine", "unix:///nowhere.sock", "fresh", time.time(), time.time() + 300, 1, (), ())
    warm_store.add(str(home.path / ".local/state/applaunch/warm"), "a key", idle)
    return home
