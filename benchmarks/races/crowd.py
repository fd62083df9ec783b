"""Many launches at once: from the first start until the last has ended."""

from functools import partial

from benchmarks.ground import Ground
from benchmarks.race import ALIAS, Race, Row, Target, Variant
from benchmarks.races.sandboxed import sandboxed


def race(ground: Ground) -> Race:
    """The crowd of aliases against the crowds of ours."""
    home, name, *_ = ground.everyday
    many = ground.sizes.crowd
    variants = (
        Variant(ALIAS, partial(ground.clock.measure, ground.alias("true", at_once=many))),
        Variant("ours", partial(ground.clock.measure, home.job(name, "true", at_once=many))),
        sandboxed(ground, ground.clock, at_once=many),
    )
    rows = (
        Row(f"alias, {many} at once", ALIAS),
        Row(f"**{many} at once**", "ours", ALIAS, target=Target(0.90), bar=f"{many} at once"),
        Row(
            f"**{many} at once**, bubblewrap",
            "bubblewrap",
            ALIAS,
            target=Target(0.12),
            bar=f"{many} at once, sandboxes",
        ),
    )
    return Race("crowd", variants, rows, share=0.2, pause=ground.settle)
