"""Which container waits, for whom, and what a call then runs in it."""

import pytest

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.warm_policy import Idle, idle_spec, program_words, why_cold
from launcher.core.values.invocation import Invocation
from launcher.core.values.mount import Mount
from launcher.core.values.port import Port
from launcher.core.values.run_spec import RunSpec

CALL = Invocation("jq", ("."), "/w", "/home/ana", "ana", 1000, 1000, (), {})
ENTRY = CatalogEntry("jq", "jq", "jq", warm=300.0)
SPEC = RunSpec(
    "jq@sha256:1",
    name="applaunch-jq-1",
    command=(".",),
    mounts=(Mount("/w", "/w"),),
    environment=(("SECRET", "x"),),
    tty=True,
    user="1000:1000",
    cap_drop=("ALL",),
    mem_limit=64,
    size=(24, 80),
    labels=(("applaunch.app", "jq"), ("applaunch.pid", "7"), ("mine", "x")),
)
WAITS = Idle("c", "jq", "unix:///s", "fresh", 0.0, 300.0, 7, ("jq",), ("--help",))


def test_what_waits_is_the_same_container_without_what_a_call_brings_along():
    assert idle_spec(SPEC, "fresh", 300.0, "r") == SPEC._replace(
        name="applaunch-warm-r",
        entrypoint=("sleep",),
        command=("300",),
        environment=(),
        tty=False,
        stdin=False,
        size=(0, 0),
        labels=(("applaunch.app", "jq"), ("applaunch.warm", "fresh"), ("applaunch.run", "r")),
    )


def test_a_shared_one_has_a_root_that_nobody_writes_and_a_tmp():
    found = idle_spec(SPEC, "shared", 300.0, "r")

    assert found.read_only
    assert found.tmpfs == (("/tmp", "mode=1777,exec"),)


@pytest.mark.parametrize("taken", [{"tmpfs": (("/tmp", "size=1m"),)}, {"mounts": (Mount("/t", "/tmp"),)}])
def test_a_tmp_of_the_entrys_own_is_left_alone(taken):
    spec = SPEC._replace(**taken)

    assert idle_spec(spec, "shared", 300.0, "r").tmpfs == spec.tmpfs


@pytest.mark.parametrize(("entrypoint", "command", "expected"), [
    (None, None, ("jq", "--help")),
    (None, (".",), ("jq", ".")),
    (("yq",), (".",), ("yq", ".")),
    (("yq",), None, ("yq",)),
    (("yq",), (), ("yq",)),
])  # fmt: skip
def test_the_images_own_words_stand_where_the_entry_has_none(entrypoint, command, expected):
    assert program_words(SPEC._replace(entrypoint=entrypoint, command=command), WAITS) == expected


@pytest.mark.parametrize(("entry", "call", "traits", "spec", "warm"), [
    ({}, {}, {}, {}, True),
    ({"user": "image"}, {}, {}, {}, False),
    ({"user": "image"}, {"uid": 0}, {}, {}, True),
    ({}, {"env": {"APPLAUNCH_SHIM": "jq"}}, {}, {}, True),
    ({}, {"env": {"APPLAUNCH_SHIM": "make"}}, {}, {}, False),
    ({}, {"env": {"APPLAUNCH_SHIM": "make:jq"}}, {}, {}, False),
    ({}, {}, {"desktop": True}, {}, False),
    ({}, {}, {}, {"ports": (Port(80),)}, False),
])  # fmt: skip
def test_who_may_be_warm(entry, call, traits, spec, warm):
    made = (ENTRY._replace(**entry), CALL._replace(**call), EngineTraits(**traits), SPEC._replace(**spec))

    assert (why_cold(*made) == "") is warm
