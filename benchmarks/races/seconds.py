"""Calls a second apart, as a person makes them: what a warm app has ready in between."""

from benchmarks.ground import Ground
from benchmarks.race import ALIAS, Race, Row, Target
from benchmarks.races.sandboxed import sandboxed
from benchmarks.races.warm_apps import Later, alias, cold, warm


def race(ground: Ground) -> Race:
    """The alias, cold, both kinds of warm, bubblewrap: the later of two calls with a second between end and start."""
    clock = Later(ground.clock, ground.sizes.pause)
    variants = (
        alias(ground, clock),
        cold(ground, clock),
        warm(ground, clock, "seconds", "fresh"),
        warm(ground, clock, "seconds", "shared"),
        sandboxed(ground, clock),
    )
    rows = (
        Row("alias, calls a second apart", ALIAS),
        Row("cold, calls a second apart", "cold", ALIAS),
        Row("**warm fresh**, calls a second apart", "fresh", ALIAS, target=Target(0.22), bar="applaunch, warm fresh"),
        Row("warm shared, calls a second apart", "shared", ALIAS),
        Row("bubblewrap, no network, calls a second apart", "bubblewrap", ALIAS),
        Row("CPU of the launcher, warm fresh", "fresh", ALIAS, "cpu"),
        Row("peak memory of the launcher, warm fresh (RSS)", "fresh", ALIAS, "peak"),
    )
    return Race("warm", variants, rows, share=0.6, pause=ground.rest)
