"""The picture: a bar for every ratio to the alias, with the rounds' quartiles and the target, as SVG by hand."""

from collections.abc import Iterable
from html import escape

from benchmarks.figures import Figure
from benchmarks.table import amount

LEFT, WIDE, RIGHT = 250, 420, 140  # the names, the alias's bar, the numbers
STEP, TOP, BOTTOM = 26, 44, 40
MOST = 1.25  # times the alias: a longer bar is cut


def svg(figures: Iterable[Figure], caption: str) -> str:
    """Return the picture; a figure whose row has no bar is left out."""
    drawn = [each for each in figures if each.row.bar]
    width = round(LEFT + WIDE * MOST + RIGHT)
    height = TOP + STEP * len(drawn) + BOTTOM
    end = TOP + STEP * len(drawn)
    bars = "".join(_bar(each, TOP + STEP * number) for number, each in enumerate(drawn))
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" \
aria-label="applaunch, as a part of what docker run takes">
<style>
text {{ font: 13px system-ui, sans-serif; fill: #57606a }}
.title {{ font-weight: 600; fill: #24292f }} .small {{ font-size: 11px }} .number {{ fill: #24292f }}
.theirs {{ fill: #8c959f }} .ours {{ fill: #0969da }}
.spread {{ stroke: #24292f; stroke-width: 1.5 }} .target {{ stroke: #cf222e; stroke-width: 3 }}
.one {{ stroke: #8c959f; stroke-dasharray: 3 3 }}
@media (prefers-color-scheme: dark) {{
text {{ fill: #9198a1 }} .title, .number {{ fill: #e6edf3 }}
.theirs {{ fill: #6e7681 }} .ours {{ fill: #4493f8 }}
.spread {{ stroke: #e6edf3 }} .target {{ stroke: #ff7b72 }} .one {{ stroke: #6e7681 }}
}}
</style>
<text class="title" x="8" y="20">As a part of what docker run --rm takes for the same (shorter is better)</text>
<line class="one" x1="{LEFT + WIDE}" y1="{TOP - 10}" x2="{LEFT + WIDE}" y2="{end}"/>
<text class="small" x="{LEFT + WIDE}" y="{TOP - 14}" text-anchor="middle">1.00</text>
{bars}<line class="target" x1="12" y1="{end + 12}" x2="12" y2="{end + 24}"/>
<text class="small" x="20" y="{end + 22}">target</text>
<text class="small" x="70" y="{end + 22}">{escape(caption)}</text>
</svg>
"""


def _bar(figure: Figure, top: int) -> str:
    row, middle = figure.row, top + STEP // 2
    name = f'<text x="{LEFT - 8}" y="{middle + 4}" text-anchor="end">{escape(row.bar)}</text>\n'
    if figure.value is None:
        return name + f'<text class="small" x="{LEFT + 4}" y="{middle + 4}">not measured</text>\n'
    ratio = figure.ratio.median if figure.ratio else 1.0
    kind = "theirs" if row.bar.startswith(("docker", "runc")) else "ours"
    parts = [
        name,
        f'<rect class="{kind}" x="{LEFT}" y="{top + 5}" width="{_far(ratio)}" height="{STEP - 10}" rx="2"/>\n',
    ]
    if figure.ratio:
        low, high = LEFT + _far(figure.ratio.low), LEFT + _far(figure.ratio.high)
        parts.append(f'<line class="spread" x1="{low}" y1="{middle}" x2="{high}" y2="{middle}"/>\n')
    limit = row.target.limit if row.target and row.target.on == "ratio" else None
    if limit is not None:
        at = LEFT + _far(limit)
        parts.append(f'<line class="target" x1="{at}" y1="{top + 2}" x2="{at}" y2="{top + STEP - 2}"/>\n')
    furthest = max(ratio, figure.ratio.high if figure.ratio else 0, limit or 0)
    said = f"{ratio:.2f}{' (cut)' if ratio > MOST else ''} ({amount(figure.value.median, figure.unit)})"
    parts.append(f'<text class="number" x="{LEFT + _far(furthest) + 8}" y="{middle + 4}">{said}</text>\n')
    return "".join(parts)


def _far(ratio: float) -> int:
    return round(WIDE * min(ratio, MOST))
