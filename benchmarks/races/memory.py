"""What a launcher holds while its program runs: its own pages and its share of others', its watcher's included."""

import os
import subprocess
from functools import partial
from pathlib import Path

from benchmarks.clock import Failed, Job, Sample, children
from benchmarks.ground import Ground
from benchmarks.race import ALIAS, Race, Row, Variant
from benchmarks.races.sandboxed import sandboxed


def race(ground: Ground) -> Race:
    """The docker CLI against launcher and watcher, and launcher and bwrap."""
    home, name, _, sandboxed_name = ground.everyday
    sandbox = sandboxed(ground, ground.clock)
    variants = (
        Variant(ALIAS, partial(held, ground, ground.alias("cat"))),
        Variant("ours", partial(held, ground, home.job(name, "cat"))),
        sandbox if sandbox.why_not else sandbox._replace(once=partial(held, ground, home.job(sandboxed_name, "cat"))),
    )
    rows = (
        Row("memory while the program runs: launcher and its watcher (PSS)", "ours", ALIAS, "held"),
        Row("memory while the program runs: launcher and bwrap (PSS)", "bubblewrap", ALIAS, "held"),
    )
    return Race("memory", variants, rows, share=0.2, pause=ground.settle)


def held(ground: Ground, job: Job) -> Sample:
    """Start a `cat`, and measure once it has answered; raises `Failed`."""
    pipe, words = subprocess.PIPE, (*ground.caller.prefix, *job.argv)
    with subprocess.Popen(words, env=job.env, cwd=job.cwd, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"are you there\n")
        process.stdin.flush()
        answered = process.stdout.readline()
        kilobytes = sum(_share(each) for each in _family(process.pid))
        process.stdin.close()
        said = (process.stderr.read().decode(errors="replace").strip() or "no word").splitlines()[-1]
    if process.returncode or not answered:
        raise Failed(f"{os.path.basename(job.argv[0])}: exit {process.returncode}: {said[:200]}")
    if not kilobytes:
        raise Failed("this system does not tell what a process holds")
    return Sample(held=kilobytes * 1024 / 1e6)


def _family(pid: int) -> list[int]:
    """Return a launcher and its helpers: its watcher, or bwrap and bwrap's own first process in the sandbox."""
    helpers = children(pid)
    return [pid, *helpers, *(each for helper in helpers for each in children(helper))]


def _share(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
