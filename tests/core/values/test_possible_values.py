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
def test_every_possible_value_is_listed(text, found):
    assert possible_values(text, ENV, "/home/ana") == found


def test_too_many_combinations_give_none():
    assert len({*possible_values("${SET:-a}" * 6, ENV)}) == 2**6
    assert possible_values("${SET:-a}" * 7, ENV) is None
