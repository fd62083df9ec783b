"""docs/security.md says what the code says: the class of each key, and of each path that it names."""

import re
from pathlib import Path

from launcher.core.policy.derive_permissions import highest_risk, permissions
from launcher.core.policy.key_risks import GRANTS, RISKS
from launcher.core.values.mount import Mount
from tests.core.examples import ANA
from tests.core.policy.test_derive_permissions import NOTHING

PAGE = (Path(__file__).parents[2] / "docs/security.md").read_text()


def rows(title):
    """Return the cells of the table below a heading."""
    text = PAGE.partition(f"### {title}\n")[2].partition("\n#")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"][2:]


def test_each_key_that_grants_something_is_there_with_its_class():
    assert {row[0].strip("`"): row[1] for row in rows("By key")} == {key: risk for key, (risk, _) in GRANTS.items()}


def test_each_path_that_is_named_is_of_the_class_that_stands_beside_it():
    named = [(path, *row[1:]) for row in rows("By path") for path in re.findall(r"`([/~][^`]*)`", row[0])]

    for path, reading, writing in named:
        for read_only, risk in ((True, reading), (False, writing)):
            entry = NOTHING._replace(volumes=(Mount(path, "/m", read_only=read_only),))
            assert (path, read_only, highest_risk(permissions(entry, ANA))) == (path, read_only, risk)
    assert len(named) > 20


def test_the_classes_are_the_four():
    text = PAGE.partition("## Classes\n")[2].partition("\n###")[0]

    assert tuple(re.findall(r"^\| (\w+) \|", text, re.MULTILINE))[1:] == RISKS
