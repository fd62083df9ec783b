"""``python -m benchmarks.pages``: write the figures of docs/speed/results.json into the pages that show them.

A page marks the place: the lines between ``<!-- bench NAME -->`` and ``<!-- /bench -->`` are written anew.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.table import amount

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "docs/speed/results.json"
PAGES = (ROOT / "README.md", ROOT / "docs/speed.md")
BLOCK = re.compile(r"(<!-- bench (\w+) -->\n).*?(<!-- /bench -->)", re.DOTALL)


class Line(NamedTuple):
    """A line of a page's table: a measured row, by what it is in the results."""

    title: str
    race: str
    variant: str
    against: str = "alias"
    measure: str = "wall"


ALIAS = Line("the alias, `docker run --rm IMAGE true`", "bubblewrap", "alias", "")
BUBBLEWRAP = Line("bubblewrap, no network", "bubblewrap", "bubblewrap")
BLOCKS: dict[str, tuple[Line, ...]] = {
    "ways": (
        ALIAS,
        Line("applaunch, engine, cold", "bubblewrap", "cold"),
        Line("applaunch, engine, cold, no network", "bubblewrap", "cold, no network"),
        Line("applaunch, engine, `warm`", "warm", "fresh"),
        BUBBLEWRAP._replace(title="**applaunch, bubblewrap**, no network"),
        Line("applaunch, bubblewrap, a network (kept from the run before)", "bubblewrap", "kept"),
    ),
    "launch": (
        ALIAS,
        Line("the alias with `--network none`", "cold", "alias, no network"),
        Line("engine, cold", "bubblewrap", "cold"),
        Line("engine, cold, no network", "bubblewrap", "cold, no network"),
        Line("engine, cold, through docker-py", "cold", "cold, docker-py"),
        Line("engine, `warm` and fresh", "warm", "fresh"),
        Line("engine, `warm` and shared", "warm", "shared"),
        Line("`docker exec` into a running container", "cold", "exec"),
        Line("bubblewrap, a network, the first run", "bubblewrap", "first"),
        Line("bubblewrap, a network that is kept", "bubblewrap", "kept"),
        BUBBLEWRAP,
        Line("bubblewrap, no network, planned anew", "bubblewrap", "planned"),
        Line("a bare `python3 -IS -c 0`", "bubblewrap", "python"),
    ),
    "many": (
        Line("a loop of 50, each call: the alias", "loops", "alias", ""),
        Line("a loop of 50: engine, cold", "loops", "cold"),
        Line("a loop of 50: engine, `warm` and fresh", "loops", "fresh"),
        Line("a loop of 50: engine, `warm` and shared", "loops", "shared"),
        Line("a loop of 50: bubblewrap", "loops", "bubblewrap"),
        Line("50 at once: the alias", "crowd", "alias", ""),
        Line("50 at once: engine, cold", "crowd", "ours"),
        Line("50 at once: bubblewrap", "crowd", "bubblewrap"),
    ),
    "work": (
        Line("`yt-dlp --version`: the alias", "programs", "alias", ""),
        Line("`yt-dlp --version`: engine, cold, no network", "programs", "cold"),
        Line("`yt-dlp --version`: bubblewrap", "programs", "bubblewrap"),
        Line("`yt-dlp --version`: bubblewrap, relative to `chroot`", "programs", "bubblewrap", "chroot"),
        Line("500 MB of output: the alias", "streams", "alias", ""),
        Line("500 MB of output: engine", "streams", "ours"),
        Line("500 MB of output: bubblewrap", "streams", "bubblewrap"),
        Line("500 MB of output: bubblewrap, relative to no sandbox", "streams", "bubblewrap", "native"),
        Line("300 MB in and out: the alias", "streams", "alias, through", ""),
        Line("300 MB in and out: engine", "streams", "ours, through", "alias, through"),
        Line("300 MB in and out: bubblewrap", "streams", "bubblewrap, through", "alias, through"),
        Line("3 GB in and out: bubblewrap, relative to no sandbox", "streams", "bubblewrap, long", "native, long"),
    ),
    "cost": (
        Line("the launcher's CPU time, engine, cold", "cold", "cold", "alias", "cpu"),
        Line("the launcher's CPU time, bubblewrap", "bubblewrap", "bubblewrap", "", "own"),
        Line("the launcher's peak memory (RSS), engine, cold", "cold", "cold", "alias", "peak"),
        Line("the launcher's peak memory (RSS), bubblewrap", "bubblewrap", "bubblewrap", "alias", "peak"),
        Line("memory while a program runs (PSS), engine, cold", "memory", "ours", "alias", "held"),
        Line("memory while a program runs (PSS), bubblewrap", "memory", "bubblewrap", "alias", "held"),
        Line("`docker export` of an image, piped into `tar -x`", "trees", "tar", ""),
        Line("unpacking the same image", "trees", "tree", "tar"),
        Line("its size on the disk", "trees", "tree", "", "disk"),
        Line("extra for a second version that differs in 5 %", "trees", "second", "tree", "disk"),
    ),
}


def update(page: str, results: Mapping[str, Any]) -> str:
    """Return *page* with the figures of *results* in it; what was not measured has no line."""
    return BLOCK.sub(lambda found: f"{found[1]}{_block(found[2], results)}\n{found[3]}", page)


def _block(name: str, results: Mapping[str, Any]) -> str:
    rows = {
        (row["race"], row["variant"], row["against"], row["measure"]): row for row in results["rows"] if row["value"]
    }
    lines = [_line(line, row) for line in BLOCKS[name] if (row := rows.get(tuple(line[1:])))]
    return "\n".join(("|  | median | ratio |", "|---|---:|---:|", *lines))


def _line(line: Line, row: Mapping[str, Any]) -> str:
    if not row["ratio"]:
        ratio = "1.00" if row["variant"].startswith("alias") or row["variant"] == "tar" else ""
    else:
        ratio = f"{row['ratio']['median']:.2f}"
    return f"| {line.title} | {amount(row['value']['median'], row['unit'])} | {ratio} |"


def main() -> None:
    """Write the pages."""
    results = json.loads(RESULTS.read_text())
    for page in PAGES:
        page.write_text(update(page.read_text(), results))


if __name__ == "__main__":
    main()
