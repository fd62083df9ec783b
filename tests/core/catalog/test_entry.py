import json

from hypothesis import given, settings
from hypothesis import strategies as st

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.catalog.keys import KEYS
from launcher.core.values.limits import Ulimit
from launcher.core.values.mount import Mount
from launcher.core.values.port import Port

WORDS = st.lists(st.text(max_size=4), max_size=2).map(tuple)
PAIRS = st.lists(st.tuples(st.text(max_size=4), st.text(max_size=4)), max_size=2).map(tuple)
MOUNT = st.builds(Mount, st.text(), st.text(), st.booleans(), st.booleans(), st.sampled_from(["", "z"]), st.text())
FIELDS = {
    "entrypoint": st.none() | WORDS,
    "command": st.none() | WORDS,
    "cap_drop": st.none() | WORDS,
    "volumes": st.lists(MOUNT, max_size=2).map(tuple),
    "ports": st.lists(st.builds(Port, st.integers(), st.integers(), st.text(), st.text()), max_size=2).map(tuple),
    "ulimits": st.lists(st.builds(Ulimit, st.text(), st.integers(), st.integers()), max_size=2).map(tuple),
    "environment": st.lists(st.tuples(st.text(max_size=4), st.none() | st.text(max_size=4)), max_size=2).map(tuple),
    "tmpfs": PAIRS,
    "labels": PAIRS,
    "tty": st.sampled_from(["auto", True, False]),
    "cpus": st.floats(0, 1e5),
    "stop_grace_period": st.floats(0, 1e5),
    "warm": st.floats(0, 1e5),
    "runtime": st.sampled_from(["auto", "engine", "bubblewrap"]),
    "path_args": st.sampled_from(["ro", "rw", "none", ("--file", "-o")]),
}
BY_TYPE = {tuple: WORDS, bool: st.booleans(), int: st.integers(0), str: st.text(max_size=4)}
DEFAULTS = CatalogEntry._field_defaults
ENTRIES = st.fixed_dictionaries(
    {field: st.text(max_size=4) for field in ("app", "name", "image")},
    optional={
        field: FIELDS[field] if field in FIELDS else BY_TYPE[type(default)] for field, default in DEFAULTS.items()
    },
).map(lambda fields: CatalogEntry(**fields))


@settings(max_examples=200)
@given(ENTRIES)
def test_an_entry_survives_a_round_trip_through_a_launch_file(entry):
    assert CatalogEntry.from_json(json.loads(json.dumps(entry.to_json()))) == entry


def test_an_entry_with_every_field_set_survives_the_round_trip():
    entry = CatalogEntry(
        app="a",
        name="b",
        image="c",
        entrypoint=(),
        command=("d",),
        volumes=(Mount("/e", "/f", True, False, "z", "bind"), Mount("v", "/v", kind="volume")),
        persist=(".config/x",),
        deny=("network", "~/.ssh"),
        mount_cwd="none",
        project_markers=("go.mod",),
        working_dir="/g",
        user="image",
        group_add=("h",),
        environment=(("I", "j"), ("K", None)),
        network_mode="none",
        ports=(Port(1, 2, "::1", "udp"),),
        localhost=(5432, "host"),
        tty=False,
        stdin="never",
        init=False,
        read_only=True,
        tmpfs=(("/l", "m"),),
        cap_add=("N",),
        cap_drop=(),
        security_opt=("o",),
        shm_size=3,
        ulimits=(Ulimit("p", 4, 5),),
        mem_limit=6,
        cpus=7.5,
        pids_limit=8,
        stop_signal="q",
        stop_grace_period=1.5,
        warm=300.0,
        reuse="shared",
        runtime="engine",
        network_share=False,
        path_args=("--file",),
        hostname="r",
        dns=("s",),
        extra_hosts=("t",),
        platform="u",
        pull_policy="never",
        labels=(("w", "x"),),
    )

    fields = json.loads(json.dumps(entry.to_json()))

    assert set(fields) == set(CatalogEntry._fields)
    assert CatalogEntry.from_json(fields) == entry


def test_default_values_are_not_written():
    assert CatalogEntry("a", "b", "c").to_json() == {"app": "a", "name": "b", "image": "c"}


def test_the_fields_of_an_entry_are_the_run_keys_of_the_catalog():
    about_the_app = {"aliases", "extends", "description", "homepage", "license", "version", "maintainer"}
    about_the_app |= {"categories", "deprecated", "replaced_by", "build", "unexposed", "allow_shadow"}

    assert {*KEYS} - about_the_app == {*CatalogEntry._fields} - {"app", "name"}
