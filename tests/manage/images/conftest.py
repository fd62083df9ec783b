"""A world on the rig's engine in which bubblewrap is on PATH."""

import os

import pytest

from launcher.manage.apps import remove
from tests.manage.real import RealWorld


class OwnWorld(RealWorld):
    """The world of the user who runs the tests: what root does not own, it cannot share between trees."""

    def context(self, *words):
        context = super().context(*words)
        mine = {"uid": os.getuid(), "gid": os.getgid(), "groups": tuple(os.getgroups())}
        return context._replace(call=context.call._replace(**mine))


@pytest.fixture
def real(engine, tmp_path, monkeypatch):
    """A world on the rig's engine, with the programs of this machine."""
    monkeypatch.setattr("launcher.run.find_image.write_stderr", lambda text: None)
    world = OwnWorld(tmp_path, engine)
    world.env["PATH"] += ":/usr/bin:/bin"
    yield world
    for name in world.context("list").record.deployed():
        remove.remove_apps(world.context("remove"), [name], keep_image=False)
    world.collect()
