"""Warm apps as variants: measured where the key is accepted and an idle container really stands, else told why not."""

import time
from functools import partial
from typing import Any, NamedTuple, Protocol

from benchmarks.clock import Clock, Failed, Job, Sample
from benchmarks.ground import Ground
from benchmarks.race import Variant


class Measuring(Protocol):
    """Makes a sample of a job."""

    def measure(self, job: Job) -> Sample:
        """Run it; raises `Failed`."""


class Later(NamedTuple):
    """Measures the later of two calls, *pause* seconds after the first has ended."""

    clock: Clock
    pause: float

    def measure(self, job: Job) -> Sample:
        """Call twice; raises `Failed`."""
        began = time.monotonic()
        ended = began + self.clock.measure(job).wall / 1000  # what it left running had been waited for since
        time.sleep(max(0.0, ended + self.pause - time.monotonic()))
        return self.clock.measure(job)


def warm(ground: Ground, clock: Measuring, race: str, reuse: str, **how: Any) -> Variant:
    """Return the variant of a warm app in a home of its own."""
    home = ground.home(f"{race}-{reuse}")
    name, table = ground.app(f"{race}-{reuse}", warm='"5m"', reuse=f'"{reuse}"', network_mode='"bridge"')
    try:
        home.add(table, name)
        job = home.job(name, "true", **how)
    except Failed as error:
        return Variant(reuse, None, str(error).replace(str(home.path), "~"))
    return Variant(reuse, partial(clock.measure, job), settled=partial(ground.warmed, name))


def cold(ground: Ground, clock: Measuring, **how: Any) -> Variant:
    """Return the variant of the same app, not kept warm."""
    home, name, *_ = ground.everyday
    return Variant("cold", partial(clock.measure, home.job(name, "true", **how)))


def alias(ground: Ground, clock: Measuring, **how: Any) -> Variant:
    """Return the variant of the plain alias."""
    return Variant("alias", partial(clock.measure, ground.alias("true", **how)))
