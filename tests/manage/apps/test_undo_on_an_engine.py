"""Random histories on the real engine: every state there was can be had again, file by file."""

import random

import pytest

from launcher.manage.apps import remove
from tests.manage.apps.test_undo import check_the_way_back, lived, stock
from tests.manage.real import RealWorld

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("seed", range(20))
def test_every_earlier_state_can_be_restored(engine, tmp_path, seed, monkeypatch):
    if not engine.started_by_us:
        pytest.skip("the engine is borrowed: it does not pull public names from the rig's registry")
    monkeypatch.setattr("launcher.run.find_image.write_stderr", lambda text: None)
    dice = random.Random(f"real {seed}")
    world = stock(RealWorld(tmp_path, engine))
    try:
        states = lived(world, dice, 8)

        check_the_way_back(world, dice, states)
    finally:
        for app in world.context("list").record.deployed():
            remove.remove_apps(world.context("remove", app), [app], keep_image=False)
        world.collect()
