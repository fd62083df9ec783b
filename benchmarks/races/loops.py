"""A program called again and again, as `xargs` and shell loops do: each call's share of the whole loop."""

from benchmarks.ground import Ground
from benchmarks.race import ALIAS, Race, Row, Target
from benchmarks.races.sandboxed import sandboxed
from benchmarks.races.warm_apps import alias, cold, warm


def race(ground: Ground) -> Race:
    """The same loop of the alias, cold, both kinds of warm, and bubblewrap."""
    calls = ground.sizes.loop
    variants = (
        alias(ground, ground.clock, times=calls),
        cold(ground, ground.clock, times=calls),
        warm(ground, ground.clock, "loop", "fresh", times=calls),
        warm(ground, ground.clock, "loop", "shared", times=calls),
        sandboxed(ground, ground.clock, times=calls),
    )
    loop = f"a loop of {calls} calls, each"
    rows = (
        Row(f"alias, {loop}", ALIAS),
        Row(f"cold, {loop}", "cold", ALIAS, bar="applaunch, cold, in a loop"),
        Row(f"**warm fresh**, {loop}", "fresh", ALIAS, target=Target(0.60), bar="applaunch, warm fresh, in a loop"),
        Row(f"**warm shared**, {loop}", "shared", ALIAS, target=Target(0.22), bar="applaunch, warm shared, in a loop"),
        Row(f"**bubblewrap**, {loop}", "bubblewrap", ALIAS, target=Target(0.12), bar="applaunch, sandboxes, in a loop"),
    )
    return Race("loops", variants, rows, share=0.2, pause=ground.rest)
