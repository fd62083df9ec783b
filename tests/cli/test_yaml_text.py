"""YAML that came from elsewhere: plain values, and an end to it."""

import pytest

from launcher.core.values.invalid_value import InvalidValueError
from launcher.manage.convert.safe_yaml import LARGEST, read


def test_words_are_yaml_1_2s_as_compose_has_them():
    text = "a: 22:22\nb: no\nc: 2020-01-01\nd: 0755\ne: 1.5\nf: ~\ng:\nh: true\ni: -3\nj: 1e3\nk: '1'\n1: x\n"

    assert read(text) == {
        "a": "22:22",
        "b": "no",
        "c": "2020-01-01",
        "d": "0755",
        "e": 1.5,
        "f": None,
        "g": None,
        "h": True,
        "i": -3,
        "j": "1e3",
        "k": "1",
        "1": "x",
    }


def test_anchors_and_merges_are_followed():
    assert read("a: &a {x: 1}\nb: {<<: *a, y: 2}\nc: *a") == {"a": {"x": 1}, "b": {"x": 1, "y": 2}, "c": {"x": 1}}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: !!python/object/apply:os.system ['touch /tmp/x']", "is not YAML"),
        ("!!python/name:os.system", "is not YAML"),
        ("a: 1\na: 2", "line 2: the key 'a' stands twice"),
        ("a: &a [*a]", "holds itself by an alias"),
        ("[" * 100_000, "is nested too deeply"),
        ("a: [", "is not YAML: line 1"),
        ("a: \x00", "is not YAML"),
        ("a: 1\n---\nb: 2", "is not YAML"),
        ("a: !!int x", "holds a value that is none"),
        ("a: !!binary aGk=", "holds a value of the type bytes"),
        ("a: !!set {x}", "holds a value of the type set"),
        ("a: '" + "x" * LARGEST + "'", "is larger than 1 MiB"),
    ],
)
def test_unsupported_yaml_is_refused(text, why):
    with pytest.raises(InvalidValueError, match=why.replace("(", "\\(")):
        read(text)


@pytest.mark.parametrize("form", ["[{}]", "{{<<: [{}]}}"])
def test_nested_aliases_are_refused(form):
    laughs = [form.format(", ".join([f"*a{depth}"] * 9)) for depth in range(11)]
    rows = ["a0: &a0 {x: 1}", *(f"a{depth}: &a{depth} {laugh}" for depth, laugh in enumerate(laughs, 1))]

    with pytest.raises(InvalidValueError, match="unfolds to more than 100000 values"):
        read("\n".join(rows))
