"""Lines of the journal that cannot be: they are passed over, and the others are shown."""

import json

import pytest

RUN = {"time": 1.0, "app": "jq", "command": "jq", "digest": "", "exit_code": 0, "seconds": 1.0, "cwd": "/"}


@pytest.mark.parametrize("wrong", [
    {"time": 1e300}, {"time": float("nan")}, {"time": float("inf")}, {"time": -1e300}, {"time": -1}, {"time": 10**400}, {"time": "1"},
    {"time": None}, {"seconds": 1e300}, {"seconds": float("nan")}, {"seconds": -5}, {"exit_code": 1e300}, {"exit_code": "0"}, {"exit_code": None},
    {"app": 3}, {"app": None}, {"cwd": []}, {"args": 3}, {"args": [3]}, {"args": {"a": 1}}, {"digest": {}}, {"command": True},
], ids=repr)  # fmt: skip
def test_an_invalid_line_of_the_journal_is_skipped(home, wrong):
    folder = home.path / ".local/state/applaunch/runs"
    folder.mkdir(parents=True)
    lines = [json.dumps(RUN | each) for each in ({"app": "first"}, wrong, {"app": "last"})]
    (folder / "2026-11.jsonl").write_text("".join(f"{line}\n" for line in lines))

    for words in ((), ("--json",), ("--since", "3650000d"), ("--app", "jq")):
        done = home.run("applaunch", "runs", *words)
        assert (done.returncode, done.stderr) == (0, ""), words
    shown = [each["app"] for each in json.loads(home.run("applaunch", "runs", "--json").stdout)]
    assert [each for each in shown if each in {"first", "last"}] == ["last", "first"]
