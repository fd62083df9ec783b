"""What applaunch does with catalogs and texts before anything runs: each step, and what people would be shown."""

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from launcher.core.catalog import toml_edit
from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.entry import CatalogEntry
from launcher.core.catalog.merge import ResolvedApp, app_names, resolve
from launcher.core.catalog.project_catalog import adds_nothing
from launcher.core.catalog.publish_rules import violations
from launcher.core.catalog.published_snapshot import take_snapshot
from launcher.core.catalog.settings import Settings
from launcher.core.deploy.deployment_diff import diff_entries
from launcher.core.deploy.record import Command, Deployment
from launcher.core.exports.compose_file import build_compose_file
from launcher.core.exports.export_text import export_command, to_lines
from launcher.core.exports.shell_quote import Shell
from launcher.core.imports.compose.compose_services import from_compose
from launcher.core.imports.docker.proposal import Found
from launcher.core.imports.import_conflicts import resolve_conflicts
from launcher.core.imports.labels.image_labels import FAMILIES, from_labels
from launcher.core.imports.labels.whalebrew import read as whalebrew
from launcher.core.imports.script_reader import from_script
from launcher.core.imports.shell import sh_lexer
from launcher.core.imports.shell.tokens import Word
from launcher.core.policy import derive_permissions
from launcher.core.policy.path_args import PathFact
from launcher.core.run import failure_hints
from launcher.core.run.container_user import container_user
from launcher.core.run.docker_command import docker_command
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.expand import with_user
from launcher.core.run.mount_plan import inspected_paths, persisted_mounts
from launcher.core.run.plan import HostFacts, plan
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.invocation import Invocation
from launcher.engine import create_body as engine_words
from launcher.errors import UserError, printable
from launcher.manage.convert import safe_yaml
from launcher.manage.remotes import lint
from launcher.run.catalog_set import CatalogSet
from launcher.run.compile_launch_file import compile_app_command, compile_deployed
from launcher.state import launch_files as currents
from launcher.state import write_launch_file
from tests.fuzz.fuzz_import import ME

CALL = Invocation(
    name="x",
    args=("../a", "--out=/srv/x", "-", "$(id)", "\x1b[2J"),
    cwd="/home/ana/project",
    home="/home/ana",
    user="ana",
    uid=1000,
    gid=1000,
    groups=(1000,),
    env={"HOME": "/home/ana", "A": "$(id)", "HTTP_PROXY": "http://localhost:1\x1b[2J", "TERM": "`id`"},
    homes="/home/ana/.local/share/applaunch/homes",
)
_ENGINES = tuple(EngineTraits(flavour, rootless) for flavour in ("docker", "podman") for rootless in (False, True))
_DEPLOYED = Deployment("x", "docker.io/x/y:1", "", "", pulled=False, source="", entry_hash="", commands=(), created="")
_KINDS = (*["folder"] * 8, "file", "")
_SHELLS: tuple[Shell, ...] = ("sh", "bash", "zsh", "fish")
FACTS = {"id -u", "id -g"}
"""What an exported line may ask the caller's shell to run."""
_TEMPLATE = re.compile(r'\$\{[A-Za-z_][A-Za-z0-9_]*:[-?](?:[^\\"`$}]|\\[\\"`$])*\}')
"""A variable with a default or a message in which nothing is anything but text."""
_MOST = 2  # apps of an example that are followed

Step = tuple[str, Sequence[str]]
"""What was come to, and what people are shown of it."""


def followed(layers: Sequence[tuple[str, str, str]], folder: str, rng: Random) -> Iterator[Step]:
    """Follow what *layers* (each a layer's name, a path and a text) say, as far as a launch file in *folder*."""
    catalogs = []
    for layer, path, text in layers:
        try:
            catalogs.append(Catalog.parse(text, layer, path))
            yield "catalogs read", _of_file(catalogs[-1])
        except UserError as trouble:
            yield "catalogs refused", [trouble.line]
    for name in app_names(catalogs)[:_MOST]:
        try:
            app = resolve(catalogs, name)
            yield "apps", [str(each) for each in (app.keys, app.origins)]
            yield from _launched(app, catalogs, folder, rng)
        except UserError as trouble:
            yield "apps refused", [trouble.line]


def _of_file(catalog: Catalog) -> list[str]:
    shown = [trouble.line for trouble in violations(catalog)]
    try:
        catalog.check()
        return [*shown, *lint.advice(catalog), str([adds_nothing(catalog, name, ()) for name in catalog.apps])]
    except UserError as trouble:
        return [*shown, trouble.line]


def _launched(app: ResolvedApp, catalogs: Sequence[Catalog], folder: str, rng: Random) -> Iterator[Step]:
    catalog_set = CatalogSet(tuple(catalogs), Settings(warm=60.0))
    for command in app.command_names[:_MOST]:
        entry = app.entry(command, catalog_set.settings.app_defaults)
        assert CatalogEntry.from_json(json.loads(json.dumps(entry.to_json()))) == entry
        granted = derive_permissions.permissions(entry, CALL, built="build" in app.keys)
        yield "entries", [f"{each.words} {each.key}" for each in granted]
        yield from _planned(entry, rng)
        yield from _exported(command, entry, rng)
        launch = compile_app_command(command, app, catalog_set)
        write_launch_file.write(folder, launch)
        read = currents.read(folder, command)
        assert read is not None
        assert read.entry == entry
        kept = take_snapshot(catalogs, app.name)
        deployed = _DEPLOYED._replace(app=app.name, commands=(Command(command, "", command),), published=kept)
        again = compile_deployed(command, deployed, catalog_set)
        yield (
            "launch files",
            [str(each) for each in diff_entries({command: launch.entry.to_json()}, {command: again.entry.to_json()})],
        )


def _planned(entry: CatalogEntry, rng: Random) -> Iterator[Step]:
    traits = rng.choice(_ENGINES)
    try:
        paths = (*inspected_paths(entry, CALL), "/srv/x", "/home/ana/a")
        facts = {path: PathFact(rng.choice(_KINDS), path) for path in paths}
        entry = with_user(entry, CALL)
        who = container_user(entry.user, CALL, traits)
        spec = plan(entry, CALL, who, HostFacts(traits, facts, hosts="/hosts", run="0"))
        body = json.dumps(engine_words.container_body(spec, traits.flavour))
        kept = [mount.source for mount in persisted_mounts(entry, CALL)] if entry.persist else []
        assert all(path.startswith(f"{CALL.homes}/") and ".." not in path.split("/") for path in kept), kept
        yield "plans", [*docker_command(spec), *failure_hints.failure_hints(entry, CALL, facts, spec), body]
    except UserError as trouble:
        yield "plans refused", [trouble.line]


def _exported(command: str, entry: CatalogEntry, rng: Random) -> Iterator[Step]:
    shell, is_alias = rng.choice(_SHELLS), rng.random() < 0.5
    line = export_command(command, entry, shell, is_alias=is_alias)
    if shell != "fish" and line.text:
        _hold_no_program(line.text)
    rows = to_lines([line], shell, is_alias=is_alias)
    assert [row for row in rows if not row.startswith("#")] == [line.text] * bool(line.text), rows
    assert shell == "sh" or printable(line.text) == line.text, line.text
    yield "exports", [line.text, *line.unsaid]
    file, unsaid = build_compose_file({command: entry}, ME)
    yield "compose services", [str(file), *unsaid[command]]


def _hold_no_program(text: str) -> None:
    """Check that a shell which reads *text* starts docker, and nothing else for the sake of a word."""
    words = [each for each in sh_lexer.tokenize(text) if isinstance(each, Word)]
    parts = [part for word in words for part in word.parts]
    assert len(words) == len(sh_lexer.tokenize(text)), text
    assert {part.text for part in parts if part.kind == "command"} <= FACTS, text
    odd = [part.source for part in parts if part.kind in ("strange", "glob")]
    assert all(_TEMPLATE.fullmatch(each) for each in odd), text
    if words[0].source == "alias":
        _hold_no_program(str(words[1].literal).partition("=")[2])
    else:
        assert words[0].source == "docker", text


def imported(kind: str, text: str, rng: Random) -> Iterator[Step]:
    """Read the *text* of another tool, and set what it proposes among catalogs."""
    try:
        found = _read(kind, text)
    except (InvalidValueError, UserError) as trouble:
        yield "texts refused", [str(trouble)]
        return
    yield "texts", [part for each in found.skipped for part in (each.name, each.text, each.why)]
    own = Catalog.parse("schema = 1\n[apps]\njq = 'x'\n", "user", "catalog.toml")
    for proposal in found.proposals[:_MOST]:
        notes = [part for note in proposal.notes for part in (note.part, note.why)]
        try:
            one = resolve_conflicts(proposal, own, []).proposal
            shown = toml_edit.render_apps({one.name: one.table})
            after = toml_edit.append_apps("schema = 1\n", {one.name: one.table})
            assert tomllib.loads(after)["apps"] == {one.name: one.table}
            app = resolve([Catalog.parse(after, "user", "c.toml")], one.name)
            for command in app.command_names[:1]:
                yield from _planned(app.entry(command), rng)
            yield "proposals", [*notes, shown]
        except UserError as trouble:
            yield "proposals refused", [*notes, trouble.line]


def _read(kind: str, text: str) -> Found:
    if kind in ("sh", "fish"):
        return from_script(text, "text", ME, is_fish=kind == "fish")
    said: Any = safe_yaml.read(text)
    if not isinstance(said, dict):
        raise InvalidValueError("is not a table of keys")
    if kind == "compose":
        return from_compose(said, "compose.yaml", ME)
    if kind == "whalebrew":
        whalebrew(said, ME)
        return Found((), ())
    labels = {name: str(value) for name, value in said.items()}
    return from_labels(labels, said, "docker.io/x/y:1", ME, FAMILIES[len(text) % len(FAMILIES)])
