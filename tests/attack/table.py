"""The table of attacks: for each area how many were tried, and how many were withstood."""

import json
from pathlib import Path
from typing import NamedTuple

from tests.attack.areas import Area

HEAD = (
    "<!-- Written by `make attack`. -->\n\n"
    "| what is attacked | tried | withstood | not possible here |\n"
    "|---|---:|---:|---:|\n"
)


class Row(NamedTuple):
    """One area: how many attacks were tried on it, and what became of them."""

    area: Area
    tried: int
    failed: tuple[str, ...]
    """The tests of those that succeeded."""
    skipped: int
    seconds: float


def read(area: Area, counted: Path, seconds: float) -> Row:
    """Read what the plugin wrote of one *area*; a test that failed in any phase failed."""
    lines = [json.loads(line) for line in counted.read_text().splitlines()] if counted.exists() else []
    failed = tuple(dict.fromkeys(line["test"] for line in lines if line["outcome"] == "failed"))
    tried = {line["test"]: line["tried"] for line in lines if line["outcome"] != "skipped"}
    return Row(area, sum(tried.values()), failed, sum(line["outcome"] == "skipped" for line in lines), seconds)


def drawn(rows: list[Row]) -> str:
    """Return the table as Markdown, and below it each attack that succeeded."""
    lines = [
        f"| {row.area.attack} | {row.tried:,} | {row.tried - len(row.failed):,} | {row.skipped or ''} |" for row in rows
    ]
    total = sum(row.tried for row in rows)
    lines.append(f"| **all** | {total:,} | {total - sum(len(row.failed) for row in rows):,} | |")
    broken = [f"- {test}" for row in rows for test in row.failed]
    return HEAD + "\n".join(lines) + "\n" + ("\nNot withstood:\n" + "\n".join(broken) + "\n" if broken else "")
