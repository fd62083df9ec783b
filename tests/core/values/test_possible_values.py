import pytest

from launcher.core.values.possible_values import possible_values

ENV = {"SET": "now", "EMPTY": "", "HOME": "/home/ana"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("plain", ("plain",)),
        ("$$x", ("$x",)),
        ("${SET}", ("now", "")),
        ("${SET:-other}", ("now", "other")),
        ("${UNSET:-other}", ("other",)),
        ("${EMPTY:-other}", ("other",)),
        ("${UNSET}/x", ("/x",)),
        ("${SET:?why}", ("now",)),
        ("${UNSET:?why}/x", ("${UNSET:?why}/x",)),
        ("${HOME}/x", ("/home/ana/x",)),
        ("${HOME:-/root}", ("/home/ana", "/root")),
        ("${SET:-a}${SET:-b}", ("nownow", "nowb", "anow", "ab")),
        ("~/${UNSET:-..}", ("/home/ana/..",)),
        ("~", ("/home/ana",)),
        ("~ana", ("~ana",)),
    ],
)
def test_a_value_may_come_out_as_any_of_these(text, found):
    assert possible_values(text, ENV, "/home/ana") == found


def test_too_many_are_not_told():
    assert len({*possible_values("${SET:-a}" * 6, ENV)}) == 2**6
    assert possible_values("${SET:-a}" * 7, ENV) is None
