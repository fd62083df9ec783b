"""Apps that bubblewrap runs as variants: measured where it really does, and has run the same call before."""

import json
import os
import time
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.clock import Failed
from benchmarks.ground import Ground, Home
from benchmarks.race import Variant
from benchmarks.races.warm_apps import Measuring

NAME = "bubblewrap"
STEP = 0.05  # seconds after which a file that changes again has another time


def sandboxed(ground: Ground, clock: Measuring, *command: str, **how: Any) -> Variant:
    """Return the variant of the app without a network, run by bubblewrap."""
    home, name = ground.everyday.home, ground.everyday.sandboxed
    return variant(ground, clock, NAME, home, (name, *(command or ("true",))), **how)


def variant(ground: Ground, clock: Measuring, title: str, home: Home, call: tuple[str, ...], **how: Any) -> Variant:
    """Return the variant of a call that bubblewrap runs, after two calls that prepare it, or why it does not."""
    try:
        prepare(ground, home, call)
    except Failed as error:
        return Variant(title, None, str(error).replace(str(home.path), "~"))
    return Variant(title, partial(clock.measure, home.job(*call, **how)))


def prepare(ground: Ground, home: Home, call: tuple[str, ...]) -> None:
    """Unpack the image of an app and save its plan; raises `Failed` if bubblewrap does not run it."""
    for _ in range(3):  # the first call makes files that the plan rests on, the second one the plan
        ground.clock.measure(home.job(*call))
        time.sleep(STEP)
    last = json.loads(home.told("runs", "--json"))[0]
    if last["command"] != call[0] or last["runtime"] != NAME:
        raise Failed(f"{last['runtime'] or 'an engine'} runs it")


def tree_of(ground: Ground, home: Home, image: str) -> Path:
    """Return the root folder of an unpacked image; raises `Failed`."""
    done = ground.rig.docker("image", "inspect", "--format", "{{.Id}}", image)
    found = home.path / ".local/share/applaunch/images" / done.stdout.strip().rpartition(":")[2] / "rootfs"
    if done.returncode or not found.is_dir():
        raise Failed(f"{image} is not unpacked")
    return found


def interpreter(home: Home, shim: str) -> str:
    """Return the path of the Python that a shim names."""
    with open(home.job(shim).argv[0], "rb") as file:
        return os.fsdecode(file.readline().split()[0].removeprefix(b"#!"))
