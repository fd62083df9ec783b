"""The engine and bubblewrap compared on random entries and calls: `python -m tests.fuzz.fuzz_runtimes [COUNT] [--seed N]`.

Each example is an entry with random keys and a call of it. Both runtimes run it as an ordinary user, in folders of equal
contents. What came of it and what the program saw is compared section by section: exit code, streams, files with their
owner and mode, environment, limits, capabilities, what can be written, devices, mounts, networks.
"""

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests import rig as rigs
from tests.fuzz.random_entries import FACTS, entry_and_call
from tests.home import Home

IMAGE = "docker.io/library/busybox:latest"
RUNTIMES = ("engine", "bubblewrap")
NORMAL = (
    (re.compile(r"\b[0-9a-f]{12}\b"), "<container id>"),
    (re.compile(r"APPLAUNCH_SHIM=\w+"), "APPLAUNCH_SHIM=<command>"),
    (re.compile(r"SigIgn:\s+0000000[01][80]0000000"), "SigIgn: none"),  # posix_spawn and Go ignore signals 32 and 33
)
"""What differs between any two runs, and what stands in its place."""
STATED = (
    ("stderr", r"(chown: \S+): (Operation not permitted|Invalid argument)", r"\1: refused"),
    ("modes", r"^(/\S*|\.\.) \d+ \d+ \d+ ", r"\1 "),
    ("options", r"^(/ r[wo]|/tmp r[wo])\n", ""),
    ("flags", r"^/tmp \S+\n|,(noexec|nosuid|nodev)\b", ""),
    ("network", r"^(127\.0\.0\.1|::1|f[ef]0.::.|nameserver|search|options|rig-\w+|veth\w+).*\n", ""),
)
"""Sections, and the differences between the runtimes that docs/engines.md states (section bubblewrap)."""


class Pair:
    """A home whose apps run by one runtime and by the other."""

    def __init__(self, folder: Path, rig: rigs.Rig) -> None:
        """Make the home of an ordinary user on the engine of *rig*."""
        self.home = Home(folder / "home", rig.docker_host).ordinary()
        self.image = rig.ref(IMAGE)
        self._write({})
        for runtime in RUNTIMES:
            self.home.run("applaunch", "add", runtime, check=True)
        self.home.run("applaunch", "pull", "bubblewrap", check=True)

    def _write(self, keys: dict[str, str]) -> None:
        for runtime in RUNTIMES:
            lines = "".join(f"{key} = {value}\n" for key, value in keys.items())
            text = f'schema = 1\n[apps.{runtime}]\nimage = "{self.image}"\nruntime = "{runtime}"\nentrypoint = ["sh", "-c"]\n{lines}'
            (self.home.config("catalog.d") / f"{runtime}.toml").write_text(text)

    def end(self) -> None:
        """Remove the unpacked images, whose folders may be closed even to their owner."""
        self.home.run("applaunch", "remove", *RUNTIMES)
        images = self.home.path / ".local/share/applaunch/images"
        subprocess.run(["chmod", "-R", "u+w", images], check=True)
        shutil.rmtree(images)

    def compare(self, seed: str) -> dict[str, tuple[str, str]]:
        """Run the example of *seed* by both and return the sections that differ, with what each said."""
        keys, script, how = entry_and_call(random.Random(seed), str(self.home.path))
        self._write(keys)
        return differences(*(self._seen(runtime, script, how) for runtime in RUNTIMES))

    def _seen(self, runtime: str, script: str, how: dict[str, str]) -> dict[str, str]:
        shutil.rmtree(self.home.work)
        (self.home.work / "sub").mkdir(parents=True)
        (self.home.work / "given").write_text("content\n")
        for name in ("kept", "shown"):
            shutil.rmtree(self.home.path / name, ignore_errors=True)
            (self.home.path / name).mkdir()
            (self.home.path / name / "file").write_text(name)
        done = self.home.run(runtime, f"{FACTS}\n{script}", "a b", "*", **how)
        sections = re.split(r"^== (\w+)\n", done.stdout, flags=re.MULTILINE)
        seen = {"exit code": str(done.returncode), "stderr": done.stderr, "stdout": sections[0]}
        seen |= dict(zip(sections[1::2], sections[2::2], strict=True))
        seen["files"] = "\n".join(_file(each, self.home.path) for each in sorted(self._files()))
        return {name: _normal(name, text) for name, text in seen.items()}

    def _files(self) -> list[Path]:
        return [each for name in ("work", "kept", "shown") for each in (self.home.path / name).rglob("*")]


def _file(path: Path, home: Path) -> str:
    status = path.lstat()
    content = path.read_text() if path.is_file() else ""
    return f"{path.relative_to(home)} {status.st_uid} {status.st_gid} {status.st_mode:o} {content!r}"


def _normal(section: str, text: str) -> str:
    for pattern, word in NORMAL:
        text = pattern.sub(word, text)
    for name, stated, word in STATED:
        if name == section:
            text = re.sub(stated, word, text, flags=re.MULTILINE)
    return text


def differences(one: dict[str, str], other: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Return the sections in which the two differ, reduced to the lines that do."""
    found = {}
    for name in [*one, *(each for each in other if each not in one)]:
        mine, theirs = one.get(name, ""), other.get(name, "")
        if mine != theirs:
            first, second = mine.splitlines(), theirs.splitlines()
            found[name] = (
                "\n".join(line for line in first if line not in second),
                "\n".join(line for line in second if line not in first),
            )
    return found


def main(words: list[str]) -> int:
    """Run the examples that are asked for, and print each kind of difference once."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.fuzz_runtimes")
    parser.add_argument("count", nargs="?", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(words)
    counts, shown, began = Counter[str](), dict[str, str](), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        pair = Pair(Path(folder), rigs.up(log=lambda _: None))
        for number in range(asked.count):
            seed = f"{asked.seed}/{number}"
            for section, (mine, theirs) in pair.compare(seed).items():
                counts[section] += 1
                shown.setdefault(section, f"example {seed}\n--- engine\n{mine}\n--- bubblewrap\n{theirs}\n")
        pair.end()
    for section, text in shown.items():
        sys.stdout.write(f"{section}: {counts[section]} examples differ; {text}\n")
    seconds = time.monotonic() - began
    sys.stdout.write(f"{asked.count} examples, seed {asked.seed}, {seconds:.0f} s: {len(counts)} kinds of difference\n")
    return 1 if counts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
