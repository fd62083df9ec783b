"""The replacements behave like the originals, as far as a launch uses them."""

import ast
import json
import re
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.core.values.mount import Mount
from launcher.fast_stdlib import NamedTuple, closing, dumps, loads, pattern, suppress

ROOT = str(Path(__file__).parents[1])
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


def bare(code, **env):
    """Run *code* in a Python that has not imported os, as a shim starts it, and return what it printed."""
    start = f"import sys; sys.path.append({ROOT!r}); from launcher.fast_stdlib import os\n"
    return subprocess.run(
        [sys.executable, "-IS", "-c", start + code], env=env, capture_output=True, check=True
    ).stdout.decode("utf-8", "surrogateescape")


def test_every_use_of_the_small_os_is_there_and_is_what_os_has():
    used = {
        ast.unparse(node)
        for path in Path(ROOT, "launcher").rglob("*.py")
        if re.search(r"^from launcher.fast_stdlib import .*\bos\b", path.read_text(), re.MULTILINE)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("os", "os.path")
    }
    names = sorted(used - {"os.path", "os.stat_result", "os.environ"})
    plain = [name for name in names if name not in ("os.path.islink", "os.path.samestat", "os.fsencode")]

    said = bare(f"print('os' in sys.modules, [eval(name) is not None for name in {names}].count(True))")
    same = bare(
        f"small = [eval(name) for name in {plain}]\nimport os\nprint(small == [eval(name) for name in {plain}])"
    )

    assert said == f"False {len(names)}\n"
    assert len(names) > len(plain) > 30
    assert same == "True\n"


def test_the_small_os_tells_links_and_files_apart(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("none")
    (tmp_path / "hard").hardlink_to(tmp_path / "file")
    code = """
seen = [os.path.islink(name) for name in ("link", "file", "nothing", "a\\0b", "file/x")]
same = [os.path.samestat(os.stat("file"), os.stat(name)) for name in ("hard", ".")]
print(seen, same)
"""

    assert bare(f"os.chdir({str(tmp_path)!r})" + code) == "[True, False, False, False, False] [True, False]\n"


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "POSIX"])
def test_the_small_os_reads_the_environment_as_os_does(locale):
    code = "small = os.environ\nimport os\nprint(small == dict(os.environ), os.fsencode(small['X']) == b'\\xff=\\xc3\\xa4')"

    assert bare(code, LC_ALL=locale, X=b"\xff=\xc3\xa4", E="") == "True True\n"
