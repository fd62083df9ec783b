"""From what was told of each test to the table: rows are cases, columns are engines."""

import json
from pathlib import Path
from typing import NamedTuple

SHOWN = {"ok": "ok", "FAIL": "FAIL", "skipped": "skipped", "left out": "-", "": "-"}
CLAIM = 78
"""How many letters of a case are shown."""


class Told(NamedTuple):
    """What became of one test."""

    test: str  # pytest's id
    outcome: str  # "ok", "FAIL", "skipped" or "left out"
    why: str
    in_sandbox: int = 0  # runs
    by_engine: tuple[str, ...] = ()  # where launches need no engine: why it ran something nevertheless

    @property
    def case(self) -> tuple[str, str]:
        """The file's subject and the claim: parameters of one test are one case."""
        file, _, name = self.test.partition("::")
        subject = Path(file).stem.removeprefix("test_").replace("_", " ")
        return subject, name.partition("[")[0].removeprefix("test_").replace("_", " ")

    @property
    def parameter(self) -> str:
        """What the case was tried with, if it has several."""
        return self.test.partition("[")[2].removesuffix("]")


class Column(NamedTuple):
    """One engine: what it is, how long it took, and what became of the tests on it."""

    engine: str
    tests: tuple[Told, ...] = ()
    seconds: float = 0.0
    trouble: str = ""  # why there is nothing, or not everything
    absent: bool = False  # this machine cannot run it

    @property
    def has_runs(self) -> bool:
        """Whether its tests told what ran their programs: they do where launches need no engine."""
        return any(each.in_sandbox or each.by_engine for each in self.tests)

    @property
    def share(self) -> str:
        """How many of the tests that ran anything ran something in a sandbox."""
        ran = sum(bool(each.in_sandbox or each.by_engine) for each in self.tests)
        return f"{sum(each.in_sandbox > 0 for each in self.tests)} of {ran}"

    @property
    def failed(self) -> bool:
        """Whether anything did."""
        return bool(self.trouble and not self.absent) or any(each.outcome == "FAIL" for each in self.tests)

    def cell(self, case: tuple[str, str]) -> str:
        """Return what became of *case* here."""
        found = {each.outcome for each in self.tests if each.case == case}
        return next((SHOWN[each] for each in ("FAIL", "ok", "skipped", "left out") if each in found), SHOWN[""])


def read(file: Path) -> tuple[Told, ...]:
    """Read what the witness wrote; a test that failed in any phase failed."""
    found: dict[str, Told] = {}
    for line in file.read_text().splitlines() if file.exists() else ():
        told = json.loads(line)
        if "test" in told:
            outcome = {"passed": "ok", "failed": "FAIL"}.get(told["outcome"], told["outcome"])
            known = found.get(told["test"])
            if known is None or outcome == "FAIL":
                known = Told(told["test"], outcome, told["why"])
            ran = told.get("in sandbox", known.in_sandbox), (*told.get("by engine", known.by_engine),)
            found[told["test"]] = known._replace(in_sandbox=ran[0], by_engine=ran[1])
    return tuple(found.values())


def drawn(columns: list[Column]) -> str:
    """Draw the table, and below it why anything was skipped or left out, failed or could not run."""
    cases = list(dict.fromkeys(each.case for column in columns for each in column.tests))
    widths = [max(len(column.engine), 7) for column in columns]
    lines, subject = [], None
    head = "  ".join(f"{column.engine:{width}}" for column, width in zip(columns, widths, strict=True))
    lines.append(f"{'':{CLAIM}}  {head}".rstrip())
    for case in sorted(cases, key=lambda case: (case[0], cases.index(case))):
        if case[0] != subject:
            subject = case[0]
            lines.append(subject.upper())
        cells = "  ".join(f"{column.cell(case):{width}}" for column, width in zip(columns, widths, strict=True))
        lines.append(f"  {case[1][: CLAIM - 2]:{CLAIM - 2}}  {cells}".rstrip())
    totals = [f"{sum(each.outcome == 'ok' for each in column.tests)} ok" for column in columns]
    others = [f"{sum(each.outcome == 'left out' for each in column.tests)}" for column in columns]
    inside = [column.share if column.has_runs else "-" for column in columns]
    times = [f"{column.seconds:.0f} s" for column in columns]
    rows = (
        ("tests that passed", totals),
        ("tests that it leaves out", others),
        ("tests whose programs ran in a sandbox", inside),
        ("time", times),
    )
    for name, row in rows:
        lines.append(
            f"{name:{CLAIM}}  " + "  ".join(f"{cell:{w}}" for cell, w in zip(row, widths, strict=True)).rstrip()
        )
    return "\n".join([*lines, *_reasons(columns)])


def _reasons(columns: list[Column]) -> list[str]:
    lines = []
    for column in columns:
        if column.trouble:
            lines += [
                "",
                f"{column.engine} {'CANNOT RUN HERE' if column.absent else 'DID NOT END WELL'}: {column.trouble}",
            ]
        for outcome, word in (("skipped", "SKIPPED"), ("left out", "LEAVES OUT")):
            found: dict[str, list[Told]] = {}
            for each in column.tests:
                if each.outcome == outcome:
                    found.setdefault(each.why, []).append(each)
            for why, tests in found.items():
                about = f"about {why}" if outcome == "left out" else why
                claims = (f"  {claim}" for claim in _claims(tests))
                lines += ["", f"{column.engine} {word} {len(tests)}: {about}", *claims]
        for why in dict.fromkeys(why for each in column.tests for why in each.by_engine):
            tests = [each for each in column.tests if why in each.by_engine]
            lines += [
                "",
                f"{column.engine} RAN {len(tests)} BY THE ENGINE: {why}",
                *(f"  {claim}" for claim in _claims(tests)),
            ]
        failed = [each for each in column.tests if each.outcome == "FAIL"]
        lines += ["", f"{column.engine} FAILED {len(failed)}:"] if failed else []
        for each in failed:
            told = [line.strip() for line in each.why.splitlines() if line.strip()] or ["no word"]
            lines += [
                f"  {each.case[0]}: {each.case[1]}{f' [{each.parameter}]' if each.parameter else ''}",
                f"    {told[0][:300]}",
            ]
    return lines


def _claims(tests: list[Told]) -> list[str]:
    return list(dict.fromkeys(f"{each.case[0]}: {each.case[1]}" for each in tests))
