"""Exported command lines read back: what a line can express survives the round trip, in every shell."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from launcher.core.catalog import toml_edit
from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.entry import CatalogEntry
from launcher.core.catalog.merge import resolve
from launcher.core.exports.export_text import export_command
from launcher.core.imports.docker.option_values import Caller
from launcher.core.imports.script_reader import from_script
from launcher.core.policy.path_args import PathFact
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.mount_plan import inspected_paths
from launcher.core.values.limits import Ulimit
from launcher.core.values.mount import Mount
from launcher.core.values.port import Port
from tests.core.examples import ANA, planned

ME = Caller(ANA.home, ANA.uid, ANA.gid, ANA.user)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
WORD = TEXT.filter(bool)
NAME = st.from_regex(r"[a-z][a-z0-9]{1,6}", fullmatch=True)
VARIABLE = st.from_regex(r"[A-Z]{3,6}_[A-Z]{2,4}", fullmatch=True)
PATH = st.from_regex(r"/[a-zA-Z0-9 $'!é._-]{1,10}", fullmatch=True).filter(lambda path: ".." not in path)
PLACE = PATH.filter(lambda path: path.strip("/.") != "")


@st.composite
def templates(draw):
    """A catalog's text with variables in it, which are set for the caller."""
    pieces = st.one_of(
        TEXT.map(lambda text: text.replace("$", "$$")),
        st.just("${HOME}"),
        st.just("${GIVEN_ONE}"),
        st.just("${UNSET_ONE:-d e}"),
    )
    return "".join(draw(st.lists(pieces, max_size=3)))


@st.composite
def mounts(draw):
    kind = draw(st.sampled_from(["path", "home", "folder", "name"]))
    if kind == "name":
        return Mount(draw(NAME), draw(PLACE), draw(st.booleans()), kind="volume")
    source = draw(PLACE).replace("$", "$$")
    source = {"path": "", "home": "~", "folder": "${PWD}"}[kind] + source
    return Mount(source, draw(PLACE), draw(st.booleans()), relabel=draw(st.sampled_from(["", "z", "Z"])))


@st.composite
def entries(draw):
    """Entries that a line can say."""
    one_word = draw(st.booleans())
    cwd = draw(st.sampled_from(["rw", "ro", "none"]))
    user = draw(st.sampled_from(["host", "image", "1000", "1000:1000", "nobody", "${GIVEN_ONE}"]))
    found = {mount.target: mount for mount in draw(st.lists(mounts(), max_size=3))}
    working_dir = draw(
        st.one_of(
            st.just(""), PLACE.map(lambda path: path.replace("$", "$$") if cwd == "none" else path.replace("$", ""))
        )
    )
    assume(working_dir == "" or working_dir.strip("/.") != "")
    assume(working_dir.rstrip("/") not in found)
    return CatalogEntry(
        app="x",
        name="x",
        image=draw(
            st.sampled_from(["docker.io/library/jq:latest", "ghcr.io/a/b:1", "docker.io/library/x@sha256:" + "0" * 64])
        ),
        entrypoint=draw(st.sampled_from([None, ()])) if not one_word else (draw(WORD),),
        command=draw(st.one_of(st.none(), st.lists(TEXT, min_size=1, max_size=3).map(tuple))),
        volumes=tuple(found.values()),
        mount_cwd=cwd,
        path_args="none",
        working_dir=working_dir,
        user=user,
        group_add=tuple(draw(st.lists(NAME, max_size=2, unique=True))),
        environment=tuple(
            {
                **{name: draw(templates()) for name in draw(st.lists(VARIABLE, max_size=2))},
                **dict.fromkeys(draw(st.lists(VARIABLE, max_size=2))),
            }.items()
        ),
        network_mode=draw(st.sampled_from(["bridge", "none", "host", "lan"])),
        ports=tuple(
            draw(
                st.lists(
                    st.sampled_from([Port(80, 8080), Port(53, 53, "0.0.0.0", "udp"), Port(1, 0, "::1")]), unique=True
                )
            )
        ),
        init=draw(st.booleans()),
        read_only=draw(st.booleans()),
        tmpfs=tuple(
            {
                path: (path, draw(st.sampled_from(["", "size=1m,exec"]))) for path in draw(st.lists(PLACE, max_size=2))
            }.values()
        ),
        cap_add=draw(st.sampled_from([(), ("NET_ADMIN",)])),
        cap_drop=None if user != "image" else draw(st.sampled_from([None, ("ALL",), ("MKNOD",)])),
        security_opt=draw(st.sampled_from([(), ("label=disable",), ("seccomp=unconfined", "no-new-privileges:false")])),
        shm_size=draw(st.sampled_from([0, 1024])),
        ulimits=draw(st.sampled_from([(), (Ulimit("nofile", 1, 2), Ulimit("core", 0, 0))])),
        mem_limit=draw(st.sampled_from([0, 512 * 1024])),
        cpus=draw(st.sampled_from([0.0, 1.5, 2.0])),
        pids_limit=draw(st.sampled_from([0, 7])),
        stop_signal=draw(st.sampled_from(["", "SIGINT"])),
        stop_grace_period=draw(st.sampled_from([10.0, 3.0])),
        hostname=draw(st.sampled_from(["", "box"])),
        dns=draw(st.sampled_from([(), ("9.9.9.9",)])),
        extra_hosts=draw(st.sampled_from([(), ("db:10.0.0.2",)])),
        platform=draw(st.sampled_from(["", "linux/arm64"])),
        pull_policy=draw(st.sampled_from(["missing", "always"])),
        labels=tuple(draw(st.lists(st.tuples(NAME, TEXT), max_size=2, unique_by=lambda each: each[0]))),
    )


def back(text, *, fish=False):
    """Return the entry that the exported *text* makes."""
    found = from_script(text, "text", ME, is_fish=fish)
    assert not found.skipped, found.skipped
    (one,) = found.proposals
    assert [note for note in one.notes if note.fate == "refused"] == []
    table = toml_edit.render_apps({"x": one.table})
    return resolve([Catalog.parse(f"schema = 1\n{table}", "user", "c.toml")], "x").entry("x")


def spec(entry):
    """Return what would run: all that matters of an entry."""
    call = ANA._replace(env={**ANA.env, "GIVEN_ONE": "7", "PWD": ANA.cwd})
    facts = {path: PathFact("folder", path) for path in inspected_paths(entry, call)}
    return planned(entry, call, EngineTraits(), facts)


@given(entries())
@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_a_command_line_runs_what_the_entry_runs(entry):
    line = export_command("x", entry, "sh", is_alias=False)

    assert line.unsaid == ()
    assert spec(back(line.text)) == spec(entry)


@given(entries(), st.sampled_from(["sh", "bash", "zsh"]))
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_an_alias_runs_what_the_entry_runs(entry, shell):
    assert spec(back(export_command("x", entry, shell, is_alias=True).text)) == spec(entry)


@given(entries())
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_an_alias_of_fish_runs_what_the_entry_runs(entry):
    said = export_command("x", entry, "fish", is_alias=True)

    if said.text:
        assert spec(back(said.text, fish=True)) == spec(entry)
    else:
        assert "fish has no word for" in said.unsaid[0]


def test_the_fields_of_a_plain_entry_survive_a_round_trip():
    entry = CatalogEntry(
        "x",
        "x",
        "docker.io/vimagick/youtube-dl:latest",
        command=("-o", "%(title)s"),
        volumes=(Mount("~/.config/x", "/root/.config/x", read_only=True), Mount("~/.aws", "~/.aws")),
        path_args="none",
        working_dir="/data",
        environment=(("A", "b c"), ("TOKEN", None)),
        ports=(Port(80, 8080),),
    )

    assert back(export_command("x", entry, "sh", is_alias=False).text) == entry


@pytest.mark.parametrize(
    ("change", "unsaid"),
    [
        ({"environment": (("AWS_*", None),)}, "environment AWS_* (docker passes no patterns)"),
        (
            {"volumes": (Mount("~/.x", "/x", required=False),)},
            "volumes ~/.x may be missing (docker makes a folder there, as root)",
        ),
        (
            {"mount_cwd": "project-ro"},
            "mount_cwd project-ro (docker finds no project: it mounts the current folder)",
        ),
        ({"path_args": "rw"}, "path_args (docker mounts nothing that arguments name)"),
        ({"warm": 300.0}, "warm (docker keeps nothing ready)"),
        ({"stop_grace_period": 0.5}, "stop_grace_period 0.5s (docker takes whole seconds)"),
    ],
)
def test_what_a_command_line_cannot_express_is_reported(change, unsaid):
    entry = CatalogEntry("x", "x", "docker.io/library/x:1")._replace(**change)

    assert export_command("x", entry, "sh", is_alias=False).unsaid == (unsaid,)
