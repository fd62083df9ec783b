"""Many launches at once: from the first start until the last has ended."""

from functools import partial

from benchmarks.ground import Ground
from benchmarks.race import ALIAS, Race, Row, Target, Variant


def race(ground: Ground) -> Race:
    """The crowd of aliases against the crowd of ours."""
    home, name, _ = ground.everyday
    many = ground.sizes.crowd
    variants = (
        Variant(ALIAS, partial(ground.clock.measure, ground.alias("true", at_once=many))),
        Variant("ours", partial(ground.clock.measure, home.job(name, "true", at_once=many))),
    )
    rows = (
        Row(f"alias, {many} at once", ALIAS),
        Row(f"**{many} at once**", "ours", ALIAS, target=Target(0.90), bar=f"{many} at once"),
    )
    return Race("crowd", variants, rows, share=0.2, pause=ground.settle)
