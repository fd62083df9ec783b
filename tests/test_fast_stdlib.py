"""The replacements behave like the originals, as far as a launch uses them."""

import json
from collections import namedtuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.core.values.mount import Mount
from launcher.fast_stdlib import NamedTuple, closing, dumps, loads, pattern, suppress

Twin = namedtuple("Twin", Mount._fields, defaults=[Mount._field_defaults[each] for each in Mount._fields[2:]])  # noqa: PYI024  the original

texts = st.text(st.characters(codec=None, exclude_categories=()))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
)


@given(values)
def test_dumps_writes_what_json_reads(value):
    assert json.loads(dumps(value)) == value
    assert loads(json.dumps(value).encode()) == loads(dumps(value)) == value


@given(st.binary() | st.text().map(str.encode))
def test_loads_refuses_what_json_refuses(data):
    try:
        expected = json.loads(data.decode())
    except ValueError:
        with pytest.raises(ValueError):
            loads(data)
    else:
        assert repr(loads(data)) == repr(expected)


def test_dumps_refuses_types_that_json_does_not_have():
    with pytest.raises(TypeError):
        dumps({"a": b"bytes"})


@pytest.mark.parametrize(("args", "named"), [
    (("/a", "/b"), {}),
    (("/a",), {"target": "/b", "read_only": True}),
    ((), {"source": "/a", "target": "/b", "kind": "volume"}),
    (("/a", "/b", True, False, "z", "bind"), {}),
])  # fmt: skip
def test_a_named_tuple_is_constructed_like_the_original(args, named):
    ours, theirs = Mount(*args, **named), Twin(*args, **named)

    assert tuple(ours) == tuple(theirs)
    assert ours._asdict() == theirs._asdict()
    assert ours._replace(target="/c") == theirs._replace(target="/c")
    assert (ours.source, ours.kind) == (theirs.source, theirs.kind)
    assert repr(ours) == repr(theirs).replace("Twin", "Mount")
    assert hash(ours) == hash(theirs)


@pytest.mark.parametrize(("args", "named"), [
    (("/a",), {}),
    (("/a", "/b"), {"source": "/c"}),
    (("/a", "/b"), {"no_such": 1}),
    (tuple("abcdefg"), {}),
])  # fmt: skip
def test_a_named_tuple_refuses_what_the_original_refuses(args, named):
    with pytest.raises(TypeError):
        Twin(*args, **named)
    with pytest.raises(TypeError):
        Mount(*args, **named)


def test_replace_refuses_an_unknown_field():
    with pytest.raises(ValueError, match="no_such"):
        Mount("/a", "/b")._replace(no_such=1)


def test_a_named_tuple_matches_by_position():
    match Mount("/a", "/b"):
        case Mount(source, target):
            found = source, target

    assert found == ("/a", "/b")


def test_a_named_tuple_without_fields_is_refused():
    with pytest.raises(TypeError, match="__future__"):
        type(NamedTuple)("Empty", (NamedTuple,), {})


def test_a_lazy_pattern_behaves_like_re_compile():
    assert pattern(r"(?i)a(b+)").fullmatch("ABB")[1] == "BB"
    assert not pattern("a").fullmatch("b")


def test_suppress_suppresses_only_the_given_exceptions():
    with suppress(KeyError, OSError):
        raise FileNotFoundError
    with pytest.raises(ValueError), suppress(KeyError):
        raise ValueError


def test_closing_closes_after_an_error_too():
    class Thing:
        open = True

        def close(self):
            self.open = False

    thing = Thing()
    with pytest.raises(ValueError), closing(thing):
        raise ValueError

    assert not thing.open
