"""The rig: a real engine, a real registry and real images, for tests, demo and benchmarks alike (see README.md)."""

from tests.rig.handle import Rig
from tests.rig.story import current, down, here, is_private, up
from tests.rig.trouble import RigError

__all__ = ["Rig", "RigError", "current", "down", "here", "is_private", "up"]
