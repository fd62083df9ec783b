"""Warm apps as variants: measured where the key is accepted and an idle container really stands, else told why not."""

from functools import partial
from typing import Any

from benchmarks.clock import Failed
from benchmarks.ground import Ground
from benchmarks.race import Variant


def warm(ground: Ground, race: str, reuse: str, **how: Any) -> Variant:
    """Return the variant of a warm app in a home of its own."""
    home = ground.home(f"{race}-{reuse}")
    name, table = ground.app(f"{race}-{reuse}", warm='"5m"', reuse=f'"{reuse}"', network_mode='"bridge"')
    try:
        home.add(table, name)
        job = home.job(name, "true", **how)
    except Failed as error:
        return Variant(reuse, None, str(error).replace(str(home.path), "~"))
    return Variant(reuse, partial(ground.clock.measure, job), settled=partial(ground.warmed, name))


def cold(ground: Ground, **how: Any) -> Variant:
    """Return the variant of the same app, not kept warm."""
    home, name, _ = ground.everyday
    return Variant("cold", partial(ground.clock.measure, home.job(name, "true", **how)))


def alias(ground: Ground, **how: Any) -> Variant:
    """Return the variant of the plain alias."""
    return Variant("alias", partial(ground.clock.measure, ground.alias("true", **how)))
