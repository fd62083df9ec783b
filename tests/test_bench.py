"""The benchmark: its table, its picture and its stopwatch on given numbers, and a tiny run; no time is asserted."""

import json
import os
import resource
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks import bars, pages, race, table
from benchmarks.clock import Clock, Failed, Job, Sample
from benchmarks.figures import Spread, figures, ratio, spread
from benchmarks.race import ALIAS, Outcome, Race, Row, Target, Variant
from benchmarks.table import Report

ROOT = Path(__file__).parent.parent
ROWS = (
    Row("alias", ALIAS, bar="docker run --rm"),
    Row("**cold**", "cold", ALIAS, target=Target(0.82), bar="applaunch"),
    Row("CPU", "cold", ALIAS, "cpu", Target(35, "median")),
    Row("memory", "cold", ALIAS, "peak", Target(1.0)),
    Row("warm", "warm", ALIAS, target=Target(0.22), bar="applaunch <warm>"),
)
OUTCOME = Outcome(
    Race("cold", (Variant("warm", None, "unknown key 'warm'"),), ROWS),
    {
        ALIAS: [
            Sample(wall=200, cpu=20, peak=25),
            Sample(wall=400, cpu=30, peak=25),
            Sample(wall=300, cpu=25, peak=25),
        ],
        "cold": [
            Sample(wall=150, cpu=40, peak=13),
            Sample(wall=200, cpu=41, peak=13),
            Sample(wall=240, cpu=39, peak=13),
        ],
    },
    {"warm": "unknown key 'warm'"},
)
FACTS = {"date": "2026-11-23", "engine": "dockerd 20.10.24"}


def test_a_ratio_is_of_the_medians_and_its_quartiles_are_of_the_rounds():
    assert spread([30.0, 10.0, 20.0, 50.0, 40.0]) == Spread(20, 30, 40)
    assert spread([7.0]) == Spread(7, 7, 7)
    assert ratio([150, 200, 240], [200, 400, 300]) == Spread(0.625, 200 / 300, 0.775)


def test_the_table_says_what_is_met_and_why_a_number_is_missing():
    lines = table.markdown(Report(figures(OUTCOME), FACTS)).splitlines()

    assert lines[2:7] == [
        "| alias | 300 ms | 250 ms to 350 ms |  |  |  |  |",
        "| **cold** | 200 ms | 175 ms to 220 ms | 0.67 | 0.62 to 0.78 | <= 0.82 | yes |",
        "| CPU | 40.0 ms | 39.5 ms to 40.5 ms | 1.60 | 1.46 to 1.78 | <= 35.0 ms | **no** |",
        "| memory | 13.0 MB | 13.0 MB to 13.0 MB | 0.52 | 0.52 to 0.52 | <= 1.00 | yes |",
        "| warm | not measured | unknown key 'warm' |  |  | <= 0.22 |  |",
    ]
    assert lines[-2:] == ["| date | 2026-11-23 |", "| engine | dockerd 20.10.24 |"]


def test_a_smoke_judges_nothing():
    shown = table.markdown(Report(figures(OUTCOME), FACTS, judged=False))

    assert shown.count("| not judged |") == 3
    assert "| yes |" not in shown


def test_the_json_holds_every_sample():
    told = json.loads(table.told(Report(figures(OUTCOME), FACTS, [OUTCOME])))

    assert told["rows"][1] | {"value": None} == {
        "race": "cold",
        "what": "cold",
        "variant": "cold",
        "against": "alias",
        "measure": "wall",
        "unit": "ms",
        "rounds": 3,
        "value": None,
        "ratio": {"low": 0.625, "median": 200 / 300, "high": 0.775},
        "target": {"limit": 0.82, "on": "ratio"},
        "met": True,
        "not_measured": "",
    }
    assert told["rows"][4]["not_measured"] == "unknown key 'warm'"
    assert told["samples"]["cold"]["cold"][0] == {"wall": 150, "cpu": 40, "peak": 13}


def test_the_picture_is_xml_and_has_a_bar_for_every_named_row():
    root = ET.fromstring(bars.svg(figures(OUTCOME), "dockerd <20>"))

    texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    widths = [int(each.get("width")) for each in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert widths == [bars.WIDE, round(bars.WIDE * 200 / 300)]
    assert {"docker run --rm", "applaunch", "applaunch <warm>", "not measured", "0.67 (200 ms)", "dockerd <20>"} <= {
        *texts
    }


def test_a_page_gets_the_figures_that_were_measured():
    results = json.loads(
        table.told(Report(figures(OUTCOME._replace(race=OUTCOME.race._replace(name="bubblewrap"))), {}))
    )
    page = "a\n<!-- bench ways -->\nold\n<!-- /bench -->\nb\n"

    lines = pages.update(page, results).splitlines()

    assert lines[:4] == ["a", "<!-- bench ways -->", "|  | median | ratio |", "|---|---:|---:|"]
    assert lines[4:6] == [
        "| the alias, `docker run --rm IMAGE true` | 300 ms | 1.00 |",
        "| applaunch, engine, cold | 200 ms | 0.67 |",
    ]
    assert lines[6:] == ["<!-- /bench -->", "b"]


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.name)
def test_the_figures_of_a_page_are_those_of_the_results(page):
    text = page.read_text()

    assert text == pages.update(text, json.loads(pages.RESULTS.read_text()))
    assert len(pages.BLOCK.findall(text)) == text.count("<!-- bench ") > 0


def test_a_variant_that_fails_is_left_out_and_the_others_go_on():
    calls = []

    def once(name):
        calls.append(name)
        if name == "bad" and calls.count("bad") == 2:
            raise Failed("exit 125: no")
        return Sample(wall=1)

    variants = (
        *(Variant(each, lambda each=each: once(each)) for each in ("good", "bad")),
        Variant("never", None, "no key"),
    )
    outcome = race.run(Race("r", variants, ()), 5, lambda _: None)

    assert {name: len(samples) for name, samples in outcome.samples.items()} == {"good": 5}
    assert outcome.troubles == {"never": "no key", "bad": "exit 125: no"}
    assert outcome.failed


@pytest.fixture
def clock(tmp_path):
    with Clock(tmp_path) as clock:
        yield clock


def job(tmp_path, *argv, **how):
    return Job(argv, {"PATH": "/usr/bin:/bin"}, str(tmp_path), **how)


def test_the_stopwatch_carries_bytes_both_ways(clock, tmp_path):
    clock.measure(job(tmp_path, "/bin/cat", feed=3_000_001, drain=True, makes=3_000_001))

    with pytest.raises(Failed, match="cat: 5 bytes came out of 6"):
        clock.measure(job(tmp_path, "/bin/cat", feed=5, drain=True, makes=6))


def test_the_stopwatch_counts_every_call(clock, tmp_path):
    for how in ({"times": 3}, {"at_once": 3}):
        clock.measure(job(tmp_path, "/bin/sh", "-c", "echo >> called", **how))

    assert (tmp_path / "called").read_text() == "\n" * 6


def test_a_program_that_fails_is_no_sample(clock, tmp_path):
    with pytest.raises(Failed, match="sh: exit 3: oh no"):
        clock.measure(job(tmp_path, "/bin/sh", "-c", "echo oh no >&2; exit 3"))


def test_the_cpu_of_what_a_program_starts_is_not_its_own(clock, tmp_path):
    loop = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"

    alone = clock.measure(job(tmp_path, "/bin/sh", "-c", loop))
    in_a_child = clock.measure(job(tmp_path, "/bin/sh", "-c", f"({loop}); :"))

    assert alone.own > in_a_child.own
    assert in_a_child.cpu > in_a_child.own


def test_the_memory_of_who_measures_is_not_the_programs(clock, tmp_path):
    mine = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6

    assert 0 < clock.measure(job(tmp_path, "/bin/true")).peak < mine


@pytest.mark.engine
def test_a_smoke_run_measures_all_and_leaves_nothing(engine, tmp_path):
    words = ("--smoke", "--out", str(tmp_path / "out"))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    for folder in (scratch, *tmp_path.parents[:3], tmp_path):  # the calls are another user's
        if folder.stat().st_uid == os.geteuid():
            folder.chmod(folder.stat().st_mode | 0o011)
    env = os.environ | {"TMPDIR": str(scratch)}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    told = json.loads((tmp_path / "out/results.json").read_text())
    assert [row["what"] for row in told["rows"] if row["not_measured"]] in ([], ["floor: " + FLOOR])
    rows = {(row["race"], row["variant"], row["against"], row["measure"]) for row in told["rows"]}
    assert [line for lines in pages.BLOCKS.values() for line in lines if tuple(line[1:]) not in rows] == []
    assert told["machine"].keys() >= {"processor", "kernel", "engine", "docker CLI", "Python", "applaunch", "date"}
    assert (tmp_path / "out/results.md").read_text() in done.stdout
    ET.parse(tmp_path / "out/bars.svg")
    assert list(scratch.iterdir()) == []
    listed = engine.engine.ask("GET", "/containers/json", all="1")
    assert [each for each in listed if "applaunch.bench" in each["Labels"]] == []


FLOOR = "`runc run` of the same bundle, no engine, no network"
