"""docs/scope.md lists the keys that are refused because they are planned."""

from launcher.core.catalog.keys import NOT_YET
from tests.docs.markdown import ROOT, rows, section, words

SCOPE_MD = (ROOT / "docs/scope.md").read_text()


def test_the_planned_keys_are_those_that_are_refused():
    listed = [key for row in rows(section(SCOPE_MD, "Planned, not built")) for key in words(row[0])]

    assert sorted(listed) == sorted(NOT_YET)
