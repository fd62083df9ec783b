"""Many processes make, use, check and remove the same few trees at once: each tree is whole whenever it is there."""

import os
import random
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from launcher.sandbox import manage_trees, tree_store

pytestmark = pytest.mark.soak
SECONDS = 120 if os.environ.get("APPLAUNCH_SOAK") == "1" else 4
ROOT = Path(__file__).parents[2]
WORKER = """
    import os, random, sys, time
    sys.path.insert(0, {root!r})
    from launcher.errors import HostError
    from launcher.sandbox import manage_trees, tree_store
    from tests.sandbox.trees import ME, Slow, a_tar, entry, image_id, make

    store, chance, end = {store!r}, random.Random({seed}), time.monotonic() + {seconds}
    files = [entry(f"d{{n}}/f{{n}}", str(n) * 500) for n in range(40)]
    done = 0
    while time.monotonic() < end:
        number = chance.randrange(3)
        own = entry("own", str(number) * 100)
        archive = a_tar(*files, own)
        match chance.randrange(6):
            case 0 | 1:
                make(store, Slow(archive, 5000), number=number)
            case 2:
                manage_trees.remove_tree(store, image_id(number))
            case 3:
                manage_trees.clean_store(store)
            case 4:
                try:
                    held = tree_store.hold_tree(store, image_id(number))
                except HostError:
                    continue
                path = tree_store.tree_folder(store, image_id(number)) + "/rootfs"
                for _ in range(20):
                    assert open(path + "/own").read() == str(number) * 100
                    assert open(path + "/d39/f39").read() == "39" * 500
                assert manage_trees.verify_tree(store, image_id(number)) == []
                os.close(held)
            case 5:
                try:
                    make(store, Slow(archive[:-30000], 5000), number=number)
                except Exception as error:
                    assert "truncated" in str(error), error
        done += 1
    print(done)
"""


def test_trees_are_whole_whatever_others_do(tmp_path):
    store = str(tmp_path / "images")
    programs = [
        textwrap.dedent(WORKER).format(root=str(ROOT), store=store, seed=seed, seconds=SECONDS) for seed in range(4)
    ]
    workers = [
        subprocess.Popen([sys.executable, "-c", each], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for each in programs
    ]
    killed = subprocess.Popen([sys.executable, "-c", programs[0]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        killed.wait(random.Random(1).uniform(1, SECONDS / 2))
    except subprocess.TimeoutExpired:
        killed.kill()
        killed.wait()
    said = [worker.communicate(timeout=SECONDS + 60) for worker in workers]

    assert [error for _, error in said] == ["", "", "", ""]
    assert sum(int(out) for out, _ in said) > 20
    manage_trees.clean_store(store)
    assert manage_trees.check_store(store) == []
    for tree in tree_store.list_trees(store):
        assert manage_trees.verify_tree(store, tree.image_id) == []
        assert manage_trees.remove_tree(store, tree.image_id)
    assert os.listdir(store) == []
