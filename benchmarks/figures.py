"""From samples to figures: medians, ratios of medians, and quartiles that tell how far apart the rounds were."""

import statistics
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.race import Outcome, Row


class Spread(NamedTuple):
    """A median and the quartiles around it."""

    low: float
    median: float
    high: float


class Figure(NamedTuple):
    """A row with its numbers; without a median it could not be measured, and says why."""

    race: str
    row: Row
    rounds: int = 0
    value: Spread | None = None
    ratio: Spread | None = None
    why_not: str = ""

    @property
    def unit(self) -> str:
        """What the value is in."""
        return "MB" if self.row.measure in {"peak", "held", "disk"} else "ms"

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is none, or no number."""
        if self.row.target is None or (held := self.ratio if self.row.target.on == "ratio" else self.value) is None:
            return None
        return held.median <= self.row.target.limit


def figures(outcome: Outcome) -> list[Figure]:
    """Return the figures of a race, in the order of its rows."""
    return [_figure(outcome, row) for row in outcome.race.rows]


def spread(values: Sequence[float]) -> Spread:
    """Return median and quartiles."""
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(low, median, high)


def ratio(values: Sequence[float], base: Sequence[float]) -> Spread:
    """Return the ratio of the medians, and the quartiles of the ratios round for round."""
    paired = spread([ours / theirs for ours, theirs in zip(values, base, strict=True)])
    return paired._replace(median=statistics.median(values) / statistics.median(base))


def _figure(outcome: Outcome, row: Row) -> Figure:
    for name in (row.variant, *([row.contradicting] if row.contradicting else [])):
        if name in outcome.troubles:
            return Figure(outcome.race.name, row, why_not=outcome.troubles[name])
    values = [getattr(each, row.measure) for each in outcome.samples[row.variant]]
    base = [getattr(each, row.measure) for each in outcome.samples[row.contradicting]] if row.contradicting else []
    return Figure(outcome.race.name, row, len(values), spread(values), ratio(values, base) if base else None)
