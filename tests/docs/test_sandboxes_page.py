"""docs/sandboxes.md says which keys need the engine, as the decision has it."""

import pytest

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.catalog.key_parsers import RUNTIMES
from tests.core.sandbox.test_same_run import ENGINE, SAME, reason
from tests.docs.markdown import ROOT, rows, section, words

PAGE = (ROOT / "docs/sandboxes.md").read_text()
THE_SAME = words(section(PAGE, "What is the same").partition("\n\n")[2].partition("\n\n")[0])
TABLE = [words(row[0])[0] for row in rows(section(PAGE, "When the engine runs a program"))]
KEYS = [key for key in CatalogEntry._fields if key not in ("app", "name", "image")]


def test_every_key_is_on_the_page_once():
    assert sorted([*THE_SAME, *TABLE]) == sorted(KEYS)


@pytest.mark.parametrize("key", TABLE)
def test_a_key_of_the_table_is_a_reason_for_the_engine(key):
    assert [why for facts, why in ENGINE if why.startswith((f"{key} ", f"{key}:"))]


@pytest.mark.parametrize("key", THE_SAME)
def test_another_key_is_none(key):
    assert [why for _, why in ENGINE if why.startswith((f"{key} ", f"{key}:"))] == []


def test_the_keys_that_are_the_same_were_tried():
    tried = {key for facts in SAME.values() for key in facts}

    assert {*THE_SAME} - tried == {"entrypoint", "command", "mount_cwd", "project_markers", "stdin", "runtime"} - tried
    keys = {"entrypoint": ("a",), "command": ("b",), "stdin": "always", "runtime": "bubblewrap"}
    assert [reason(**keys, mount_cwd=mode, project_markers=("x",)) for mode in ("ro", "project", "project-ro")] == [
        ""
    ] * 3


def test_the_words_of_the_runtime_are_the_keys():
    assert [words(row[0])[0] for row in rows(section(PAGE, "Which one runs a program"))] == [*RUNTIMES]
