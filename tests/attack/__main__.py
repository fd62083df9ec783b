"""``python -m tests.attack [AREA...] [--write]``: try the attacks of each area and print how many were prevented."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.attack.areas import AREAS, Area
from tests.attack.table import Row, drawn, read

TABLE = Path("docs/security/attacks.md")


def main(words: list[str]) -> int:
    """Try the requested areas; return 0 if every attack was prevented, 1 if one was not, 2 on wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.attack", description="Try attacks on applaunch and count them."
    )
    parser.add_argument(
        "areas", nargs="*", metavar="AREA", help=f"{' '.join(each.name for each in AREAS)} (default: all)"
    )
    parser.add_argument("--write", action="store_true", help=f"write the table to {TABLE}")
    asked = parser.parse_args(words)
    unknown = set(asked.areas) - {each.name for each in AREAS}
    if unknown:
        parser.error(f"no area {', '.join(sorted(unknown))}")
    rows = [_row(each) for each in AREAS if not asked.areas or each.name in asked.areas]
    text = drawn(rows)
    print(text)
    if asked.write:
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text(text)
    return int(any(row.failed or not row.tried for row in rows))


def _row(area: Area) -> Row:
    """Try the attacks of one *area*."""
    print(f"attack: {area.name}", file=sys.stderr, flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        counted = Path(folder, "counted")
        words = (
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "tests.attack.count",
            "-p",
            "no:cacheprovider",
            *area.tests,
        )
        env = os.environ | {"APPLAUNCH_ATTACKS": str(counted)}
        done = subprocess.run(words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False)
        row = read(area, counted, time.monotonic() - began)
    if done.returncode not in {0, 1} or row.failed:
        print(done.stdout, file=sys.stderr)
    return row


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
