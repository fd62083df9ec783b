"""A race: variants that run in turn, each once a round, so that whatever else the machine does hits all alike."""

import random
import time
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.clock import Failed, Sample

ALIAS = "alias"
"""The variant that most others are held against: `docker run --rm`, as an alias would say it."""

LEAST = 3
"""How many rounds a race has at least, where as many are asked for."""


class Variant(NamedTuple):
    """One way of doing something."""

    name: str
    once: Callable[[], Sample] | None
    why_not: str = ""  # where there is nothing to run
    settled: Callable[[], None] = lambda: None
    """Called after each call; raises `Failed` where the variant would not be measuring what it says."""


class Target(NamedTuple):
    """A promise: at most *limit*, of the ratio or of the median itself."""

    limit: float
    on: str = "ratio"


class Row(NamedTuple):
    """A line of the table: one measure of one variant, held against another's."""

    title: str
    variant: str
    contradicting: str = ""
    measure: str = "wall"  # a field of Sample
    target: Target | None = None
    bar: str = ""  # its name in the picture, if it is there


class Race(NamedTuple):
    """Variants that are measured together, and what of it is shown."""

    name: str
    variants: tuple[Variant, ...]
    rows: tuple[Row, ...]
    share: float = 1.0  # of the rounds: what takes long takes fewer
    pause: Callable[[], None] = lambda: None  # before each call, outside the time


class Outcome(NamedTuple):
    """What was measured: samples by variant, round for round, and why the others have none."""

    race: Race
    samples: dict[str, list[Sample]]
    troubles: dict[str, str]

    @property
    def failed(self) -> bool:
        """Whether something that can be measured here was not."""
        return any(each.once is not None and each.name in self.troubles for each in self.race.variants)


def failed(name: str, why: str) -> Outcome:
    """Return the outcome of a race that could not even be set up."""

    def again() -> Sample:
        raise Failed(why)

    return Outcome(Race(name, (Variant(name, again),), (Row(f"all of `--only {name}`", name),)), {}, {name: why})


def run(race: Race, rounds: int, say: Callable[[str], None]) -> Outcome:
    """Warm up every variant, then measure; a variant that fails is left out, with the reason.

    With no rounds at all the warm-up is what is measured: for a smoke.
    """
    outcome = Outcome(race, {}, {each.name: each.why_not for each in race.variants if each.once is None})
    for each in race.variants:
        if each.once is not None:
            outcome.samples[each.name] = []
            _tried(each, outcome)
    for samples in outcome.samples.values() if rounds else ():
        samples.clear()
    for number in range(max(min(rounds, LEAST), round(rounds * race.share))):
        began = time.monotonic()
        order = [each for each in race.variants if each.name in outcome.samples]
        random.Random(number).shuffle(order)  # so that nobody always follows the same
        for each in order:
            _tried(each, outcome)
        say(f"{race.name}: round {number + 1} ({time.monotonic() - began:.1f} s)")
    return outcome


def _tried(variant: Variant, outcome: Outcome) -> None:
    assert variant.once is not None
    try:
        outcome.race.pause()
        sample = variant.once()
        variant.settled()
        outcome.samples[variant.name].append(sample)
    except Failed as error:
        outcome.troubles[variant.name] = str(error)
        del outcome.samples[variant.name]
