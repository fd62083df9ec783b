"""Whatever is read, nothing is started, nothing breaks, and what is shown moves no cursor."""

import contextlib
import os
import random
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from launcher.core.imports.compose.compose_services import FIELDS, from_compose
from launcher.core.imports.labels import devcontainer, whalebrew
from launcher.core.imports.labels.image_labels import from_labels
from launcher.core.imports.script_reader import from_script
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import printable
from launcher.manage.convert import safe_yaml
from tests.core.imports.texts import ANA
from tests.fuzz import fuzz_import

ANYTHING = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 99999) | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=6), each, max_size=3),
    max_leaves=6,
)
TYPICAL = st.sampled_from(
    ["/a:/b:ro", "a=b", "$A", "${A:-b}", "$$", "8080:80", "x", "~/x:/y", "./a:/b", "1g", "none", "no", ""]
)
MANY = settings(max_examples=2000, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(autouse=True)
def nothing_starts(monkeypatch):
    """Let everything that starts a program raise."""

    def refuse(*words, **_):
        raise AssertionError(f"an import started {words}")

    for name in [
        each for each in dir(os) if each.startswith(("exec", "spawn", "posix_spawn", "fork", "system", "popen"))
    ]:
        monkeypatch.setattr(os, name, refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.setattr(subprocess.Popen, "__init__", refuse, raising=False)


@MANY
@given(st.integers(0, 10**9))
def test_random_scripts_over_random_catalogs(seed):
    rng = random.Random(seed)

    fuzz_import.judge(fuzz_import.text(rng), fuzz_import.catalog(rng), fish=rng.random() < 0.25)


@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
@given(ANYTHING, st.booleans())
def test_any_text_is_read(text, fish):
    found = from_script(f"docker run --rm {text}", "text", ANA, is_fish=fish) + from_script(
        text, "text", ANA, is_fish=fish
    )

    assert all(printable(f"{each.name}{each.text}{each.why}").isprintable() for each in found.skipped)


@settings(max_examples=100)
@given(
    st.dictionaries(st.sampled_from([*FIELDS, "frob"]), JSON | TYPICAL | st.lists(TYPICAL, max_size=3), max_size=6),
    JSON,
)
def test_any_compose_file_is_read(service, other):
    found = from_compose({"services": {"x": service, "y": other}}, "compose.yaml", ANA)

    assert len(found.proposals) + len(found.skipped) == 2


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from([*whalebrew.FIELDS, "frob"]), JSON | TYPICAL, max_size=6))
def test_any_package_is_read(package):
    try:
        _, notes = whalebrew.read(package, ANA)
    except InvalidValueError:
        return

    assert {note.part.partition(":")[0] for note in notes} >= {*package} - {"working_dir"} - {
        name for name, raw in package.items() if raw in ([], {})
    }


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from([*devcontainer.FIELDS, "frob"]), JSON | TYPICAL, max_size=6) | JSON)
def test_any_label_is_read(metadata):
    found = from_labels({"devcontainer.metadata": "x"}, {"devcontainer.metadata": metadata}, "x:1", ANA)

    assert len(found.proposals) + len(found.skipped) == 1


@settings(max_examples=200)
@given(ANYTHING)
def test_any_text_is_yaml_or_none(text):
    with contextlib.suppress(InvalidValueError):
        safe_yaml.read(text)
