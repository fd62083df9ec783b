"""Calls a second apart, as a person makes them: what a warm app has ready in between."""

import time
from functools import partial

from benchmarks.ground import Ground
from benchmarks.race import ALIAS, Race, Row, Target
from benchmarks.races.warm_apps import alias, cold, warm


def race(ground: Ground) -> Race:
    """The alias, cold, and both kinds of warm; the second passes outside the time."""
    variants = (
        alias(ground),
        cold(ground),
        warm(ground, "seconds", "fresh"),
        warm(ground, "seconds", "shared"),
    )
    rows = (
        Row("alias, calls a second apart", ALIAS),
        Row("cold, calls a second apart", "cold", ALIAS),
        Row("**warm fresh**, calls a second apart", "fresh", ALIAS, target=Target(0.22), bar="applaunch, warm fresh"),
        Row("warm shared, calls a second apart", "shared", ALIAS),
        Row("CPU of the launcher, warm fresh", "fresh", ALIAS, "cpu"),
        Row("peak memory of the launcher, warm fresh (RSS)", "fresh", ALIAS, "peak"),
    )
    return Race("warm", variants, rows, pause=partial(time.sleep, ground.sizes.pause))
