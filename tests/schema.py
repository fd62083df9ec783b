"""The JSON Schema of catalogs, made of the code's keys and of what docs/catalog.md says of each: `python -m tests.schema`."""

import json
import re
from pathlib import Path

from launcher.core.catalog.json_schema import schema
from launcher.core.catalog.keys import KEYS

ROOT = Path(__file__).parent.parent
FILE = ROOT / "catalog.schema.json"


def generated():
    """Return what the file has to hold."""
    return json.dumps(schema(meanings()), indent=1, ensure_ascii=False) + "\n"


def meanings():
    """Return what the page says of each key, as plain text."""
    page = (ROOT / "docs/catalog.md").read_text()
    rows = [line.strip("|").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    found = {row[0].strip(" `"): row[-1].strip(" |") for row in rows if row[0].strip(" `") in {*KEYS, "commands"}}
    return {
        name: re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("`", "").replace("**", "")
        for name, text in found.items()
    }


if __name__ == "__main__":
    FILE.write_text(generated())
