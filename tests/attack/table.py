"""The table of attacks: for each area, how many were tried and how many were prevented."""

import json
from pathlib import Path
from typing import NamedTuple

from tests.attack.areas import Area

HEAD = (
    "<!-- Written by `make attack`. -->\n\n"
    "| attack | tried | prevented | skipped on this machine |\n"
    "|---|---:|---:|---:|\n"
)


class Row(NamedTuple):
    """One area: the number of attacks that were tried, and their results."""

    area: Area
    tried: int
    failed: tuple[str, ...]
    """The tests of the attacks that succeeded."""
    skipped: int
    seconds: float


def read(area: Area, counted: Path, seconds: float) -> Row:
    """Read the results of one *area* from the plugin's file; a test that failed in any phase failed."""
    lines = [json.loads(line) for line in counted.read_text().splitlines()] if counted.exists() else []
    failed = tuple(dict.fromkeys(line["test"] for line in lines if line["outcome"] == "failed"))
    tried = {line["test"]: line["tried"] for line in lines if line["outcome"] != "skipped"}
    return Row(area, sum(tried.values()), failed, sum(line["outcome"] == "skipped" for line in lines), seconds)


def drawn(rows: list[Row]) -> str:
    """Return the table as Markdown, followed by each attack that succeeded."""
    lines = [
        f"| {row.area.attack} | {row.tried:,} | {row.tried - len(row.failed):,} | {row.skipped or ''} |" for row in rows
    ]
    total = sum(row.tried for row in rows)
    lines.append(f"| **all** | {total:,} | {total - sum(len(row.failed) for row in rows):,} | |")
    broken = [f"- {test}" for row in rows for test in row.failed]
    return HEAD + "\n".join(lines) + "\n" + ("\nNot prevented:\n" + "\n".join(broken) + "\n" if broken else "")
