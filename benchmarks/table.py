"""The figures as they are read: Markdown for people, JSON for programs."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.figures import Figure, Spread
from benchmarks.race import Outcome

HEAD = "| what | median | quartiles | ratio | its quartiles | target | met |\n|---|---:|---:|---:|---:|---:|---|"


class Report(NamedTuple):
    """All that came of a run."""

    figures: Sequence[Figure]
    facts: Mapping[str, str]
    outcomes: Sequence[Outcome] = ()
    judged: bool = True  # else the sizes were a smoke's, and no target means anything


def markdown(report: Report) -> str:
    """Return the table, and below it what the numbers are."""
    machine = "".join(f"| {name} | {value} |\n" for name, value in report.facts.items())
    lines = "\n".join(_line(each, judged=report.judged) for each in report.figures)
    return f"{HEAD}\n{lines}\n\n{NOTE}\n| | |\n|---|---|\n{machine}"


NOTE = """\
Every number is for a whole process, from its start to its end. Each round ran every variant of a race once, in random
order. A ratio compares medians of the same run; its quartiles are those of the ratios of the rounds. Before a single
call, the engine had removed the previous container; in loops it had not. CPU is the user and system time of the process
itself. RSS is the peak and includes shared pages in full; PSS divides them among the processes that share them. A ratio
for CPU or memory compares with the docker CLI.
"""


def told(report: Report) -> str:
    """Return everything as JSON, every sample included."""
    value = {
        "machine": dict(report.facts),
        "judged": report.judged,
        "rows": [_plain(each) for each in report.figures],
        "samples": {
            outcome.race.name: {
                name: [{key: round(value, 3) for key, value in each._asdict().items() if value} for each in samples]
                for name, samples in outcome.samples.items()
            }
            for outcome in report.outcomes
        },
    }
    return json.dumps(value, indent=1) + "\n"


def amount(value: float, unit: str) -> str:
    """Write a measured value."""
    if unit == "MB":
        return f"{value:.1f} MB"
    return f"{value / 1000:.2f} s" if value >= 1000 else f"{value:.0f} ms" if value >= 100 else f"{value:.1f} ms"  # noqa: PLR2004  three digits


def _line(figure: Figure, *, judged: bool) -> str:
    row = figure.row
    if figure.value is None:
        cells = [row.title, "not measured", figure.why_not.replace("|", "\\|"), "", "", _target(figure), ""]
        return f"| {' | '.join(cells)} |"
    cells = [
        row.title,
        amount(figure.value.median, figure.unit),
        _quartiles(figure.value, lambda value: amount(value, figure.unit)),
        f"{figure.ratio.median:.2f}" if figure.ratio else "",
        _quartiles(figure.ratio, lambda value: f"{value:.2f}") if figure.ratio else "",
        _target(figure),
        "" if figure.met is None else ("yes" if figure.met else "**no**") if judged else "not judged",
    ]
    return f"| {' | '.join(cells)} |"


def _quartiles(spread: Spread, write: Callable[[float], str]) -> str:
    return f"{write(spread.low)} to {write(spread.high)}"


def _target(figure: Figure) -> str:
    target = figure.row.target
    if target is None:
        return ""
    return f"<= {target.limit:.2f}" if target.on == "ratio" else f"<= {amount(target.limit, figure.unit)}"


def _plain(figure: Figure) -> dict[str, Any]:
    row = figure.row
    return {
        "race": figure.race,
        "what": row.title.replace("**", ""),
        "variant": row.variant,
        "against": row.contradicting,
        "measure": row.measure,
        "unit": figure.unit,
        "rounds": figure.rounds,
        "value": figure.value._asdict() if figure.value else None,
        "ratio": figure.ratio._asdict() if figure.ratio else None,
        "target": row.target._asdict() if row.target else None,
        "met": figure.met,
        "not_measured": figure.why_not,
    }
