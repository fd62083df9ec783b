import contextlib

import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.keys import KEYS, NOT_YET, RENAMED
from launcher.core.catalog.merge import resolve
from launcher.errors import CatalogError, NotFoundError

KEY = st.sampled_from([*KEYS, *sorted(NOT_YET), *RENAMED, "commands", "oops"])
NAME = st.one_of(st.sampled_from(["x", "y", "R", "g++", "a.b"]), st.text(max_size=5))
WORD = st.one_of(
    st.sampled_from(
        [
            "~/a:/b:ro",
            "c:/c",
            "8080:80",
            "1-9",
            "A=1",
            "AWS_*",
            "512m",
            "host",
            "auto",
            "rw",
            "/run:size=1m",
            "${A:-b}",
            "$",
            "NET_ADMIN",
            "ghcr.io/a/b:1",
            "x",
            "y",
            "none",
            "~",
            "",
            "9" * 5000,
        ]
    ),
    st.text(max_size=12),
)
VALUE = st.recursive(
    st.one_of(
        WORD, st.booleans(), st.integers(), st.sampled_from([10**400, -1, 0]), st.floats(), st.datetimes(), st.dates()
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAME, inner, max_size=3)),
    max_leaves=4,
)
TABLE = st.dictionaries(KEY, VALUE, max_size=3)
APP = st.one_of(
    WORD,
    TABLE,
    st.builds(lambda table, commands: {**table, "commands": commands}, TABLE, st.dictionaries(NAME, TABLE, max_size=2)),
)
TABLES = st.fixed_dictionaries(
    {"apps": st.dictionaries(NAME, APP, max_size=3)},
    optional={
        "schema": st.sampled_from([1, 1, 1, 2, "1"]),
        "defaults": TABLE,
        "catalog": st.dictionaries(NAME, VALUE),
        "oops": VALUE,
    },
)
QUICK = settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])


def read(text):
    """Read the catalog whole; a `CatalogError` is the one thing it may raise."""
    try:
        catalog = Catalog.parse(text, "user", "catalog.toml")
        catalog.check()
    except CatalogError:
        return
    for name in catalog.apps:
        with contextlib.suppress(CatalogError, NotFoundError):
            app = resolve([catalog], name)
            entries = [app.entry(command) for command in app.command_names]
            assert all(type(entry).from_json(entry.to_json()) == entry for entry in entries)


@QUICK
@given(TABLES)
def test_whatever_the_tables_hold_the_one_trouble_is_a_catalog_error(tables):
    with contextlib.suppress(ValueError):  # what tomlkit cannot write is no catalog
        read(tomlkit.dumps(tables))


@QUICK
@given(KEY, VALUE)
def test_whatever_a_key_holds_the_one_trouble_is_a_catalog_error(key, value):
    Catalog("user", "catalog.toml", "", {"schema": 1, "apps": {}}).check()
    catalog = Catalog("user", "catalog.toml", "", {"schema": 1, "apps": {"x": {key: value}}})

    with contextlib.suppress(CatalogError):
        catalog.check()


@QUICK
@given(st.text())
def test_any_text_is_a_catalog_or_a_catalog_error(text):
    read(text)
    read(f"schema = 1\n[apps.x]\n{text}")


@QUICK
@given(
    st.lists(
        st.sampled_from([*"[]{}=.,\"'\n# ", "schema = 1\n", "[apps.x]\n", "image", "'x'", "1", "commands", '"""']),
        max_size=25,
    )
)
def test_any_mix_of_tomls_marks_is_a_catalog_or_a_catalog_error(parts):
    read("".join(parts))
