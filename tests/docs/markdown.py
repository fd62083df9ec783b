"""How the tests read a page: its sections, the rows of its tables, the words in backticks."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not any(part.startswith(".") or part in ("build", "dist") for part in path.relative_to(ROOT).parts)
)


def section(text, title):
    """Return what stands under a heading of the second level."""
    return re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]


def rows(text):
    """Return the cells of every row of the tables in *text*, headings left out."""
    lines = re.findall(r"^\| .*\|$(?!\n\|---)", text, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in lines]


def words(text):
    """Return what stands between backticks; in a table a bar is escaped there, too."""
    return [word.replace(r"\|", "|") for word in re.findall(r"`([^`]+)`", text)]
