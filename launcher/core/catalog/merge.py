"""Merging of catalog layers: the app that a command belongs to, and its merged keys."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from launcher.core.catalog.catalog_file import App, Catalog, Values
from launcher.core.catalog.deny import apply_deny
from launcher.core.catalog.entry import CatalogEntry
from launcher.core.catalog.keys import merge_values
from launcher.core.values import names
from launcher.core.values.deployment_tag import build_name
from launcher.errors import CatalogError, NotFoundError

Origins = dict[str, str]
"""The layer that each key's value comes from (the last that changed it)."""

Denials = list[tuple[str, tuple[str, ...], str]]
"""The denials for each command ("" for all commands), and the layer that defines them."""

Chain = tuple[tuple[str, str], ...]
"""The apps of the current `extends` chain, each with its file."""

_LONGEST_CHAIN = 100  # well below Python's recursion limit
_RUN_KEYS = frozenset(CatalogEntry._fields)


class ResolvedApp(NamedTuple):
    """One app with all layers merged."""

    name: str
    keys: Values
    origins: Origins
    commands: dict[str, Values]  # by name; empty if the app is its only command

    @property
    def command_names(self) -> tuple[str, ...]:
        """The commands of this app, the main one first, then its aliases."""
        own = tuple(self.commands) or (self.name,)
        return (*own, *(alias for alias in self.keys.get("aliases", ()) if alias not in own))

    @property
    def exposed_names(self) -> tuple[str, ...]:
        """The commands that are exposed on PATH."""
        hidden = self.keys.get("unexposed", ())
        return tuple(name for name in self.command_names if name not in hidden)

    def target_of(self, command: str) -> str:
        """Return the command that *command* runs: itself, or the main command if it is an alias."""
        own = tuple(self.commands) or (self.name,)
        if command in own:
            return command
        return self.name if self.name in own else own[0]

    def entry(self, command: str, defaults: Values | None = None) -> CatalogEntry:
        """Return the complete entry of *command*; *defaults* are used for keys that no catalog sets."""
        target = self.target_of(command)
        values = {**(defaults or {}), **merge_values(self.keys, self.commands.get(target, {}))}
        if "build" in values:
            values["image"] = build_name(self.name)
        if "image" not in values:
            raise CatalogError(f"[apps.{self.name}]", "has no image", "add: image = 'REGISTRY/NAME:TAG'")
        if self.commands and "entrypoint" not in values and "command" not in values:
            values["entrypoint"] = (target,)
        fields = {key: value for key, value in apply_deny(values).items() if key in _RUN_KEYS}
        return CatalogEntry(app=self.name, name=target, **fields)


def resolve(catalogs: Sequence[Catalog], name: str, _within: Chain = ()) -> ResolvedApp:
    """Merge the app *name* from *catalogs*, lowest layer first; raises `NotFoundError` with the closest name.

    Of the sources (built-in, remotes, bundles) only the highest that has the app is used: signed content of one
    publisher is never mixed with that of another.
    """
    state: tuple[Values, Origins] = ({}, {})
    commands: dict[str, Values] = {}
    denials: Denials = []
    layers = relevant_catalogs(catalogs, name)
    if not any(name in catalog.apps and catalog.layer != "override" for _, catalog in layers):
        raise unknown_app(name, catalogs)
    for index, catalog in layers:
        app = catalog.app(name)
        denials += [(command, denied, catalog.layer) for command, denied in _denials_of(app, catalog).items()]
        if app.keys.get("extends") is False:  # ignore all layers below
            state, commands = ({}, {}), {}
            app = app._replace(keys={key: value for key, value in app.keys.items() if key != "extends"})
        elif base := app.keys.get("extends"):
            parent = _parent(catalogs, index, name, base, _within)
            state = (merge_values(state[0], _inherited(parent)), {**state[1], **parent.origins})
        state = merge(state, app.keys, catalog.layer)
        for command, values in (app.commands or {}).items():
            commands[command] = merge_values(commands.get(command, {}), values)
            state[1].update({f"commands.{command}.{key}": catalog.layer for key in values})
    return _with_denials(ResolvedApp(name, *state, commands), denials)


def _denials_of(app: App, catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Return the denials for the *app* (as "") and for each command in a file of the user or the system."""
    if catalog.is_published or catalog.layer == "project":
        return {}
    every = {"": app.keys, **(app.commands or {})}
    return {command: keys["deny"] for command, keys in every.items() if keys.get("deny")}


def _with_denials(app: ResolvedApp, denials: Denials) -> ResolvedApp:
    """Return *app* with all *denials*, which no higher layer can remove, even with ``extends = false``.

    Denials for a command that no longer exists apply to all commands, because it may have another name now.
    """
    keys, commands, origins = app.keys, dict(app.commands), dict(app.origins)
    for command, denied, layer in denials:
        if command in commands:
            commands[command] = merge_values(commands[command], {"deny": denied})
        else:
            keys = merge_values(keys, {"deny": denied})
            origins.setdefault("deny", layer)
    return app._replace(keys=keys, commands=commands, origins=origins)


def relevant_catalogs(catalogs: Sequence[Catalog], name: str) -> list[tuple[int, Catalog]]:
    """Return the *catalogs* that are merged for the app *name*, each with its index, lowest first."""
    found = [(index, each) for index, each in enumerate(catalogs) if name in each.apps or each.is_global]
    top = max((index for index, each in found if each.is_source), default=-1)
    return [(index, each) for index, each in found if index == top or not each.is_source]


def merge(state: tuple[Values, Origins], later: Values, layer: str) -> tuple[Values, Origins]:
    """Return *state* with the keys of a *later* table merged over it, and the origin of each key."""
    replaced_by = {"build": "image", "image": "build"}  # a later one of them replaces an earlier other one
    before = {key: value for key, value in state[0].items() if replaced_by.get(key) not in later}
    return merge_values(before, later), {**state[1], **dict.fromkeys(later, layer)}


def owner_of(catalogs: Sequence[Catalog], command: str) -> ResolvedApp:
    """Return the app that *command* belongs to: the app of that name, or the app that lists it."""
    for name in candidates(catalogs, command):
        app = resolve(catalogs, name)
        if command in app.command_names:
            return app
    raise unknown_app(command, catalogs)


def candidates(catalogs: Sequence[Catalog], command: str) -> Iterator[str]:
    """Yield the apps that *command* may belong to, from the raw tables without parsing; the app of its name first."""
    if any(command in catalog.apps for catalog in catalogs):
        yield command
    yield from dict.fromkeys(app for app, name in _raw_commands(catalogs) if name == command)


def unknown_app(name: str, catalogs: Sequence[Catalog]) -> NotFoundError:
    """Return the error for a *name* that no catalog has, with a suggestion."""
    known = sorted({*app_names(catalogs), *(command for _, command in _raw_commands(catalogs))})
    fix = names.did_you_mean(
        name, known, "applaunch search WORD finds apps; applaunch add NAME --image REF defines one"
    )
    return NotFoundError(name, "no such app in any catalog", fix)


def app_names(catalogs: Sequence[Catalog]) -> list[str]:
    """Return the names of all apps, sorted."""
    return sorted({name for catalog in catalogs if catalog.layer != "override" for name in catalog.apps})


def _raw_commands(catalogs: Sequence[Catalog]) -> Iterator[tuple[str, str]]:
    """Yield app and command for each command and alias in the raw tables, without parsing the apps."""
    for catalog in catalogs:
        for app, table in catalog.apps.items():
            if isinstance(table, dict):
                yield from ((app, name) for name in _strings(table.get("commands")))
                yield from ((app, name) for name in _strings(table.get("aliases")))


def _strings(value: Any) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, (dict, list)) else []


def _parent(catalogs: Sequence[Catalog], index: int, name: str, base: str, within: Chain) -> ResolvedApp:
    """Return the app that *name* extends, from the same file; the user's own catalog may extend apps of every file."""
    catalog = catalogs[index]
    where = f"{catalog.path}: [apps.{name}]"
    if (catalog.path, name) in within:
        raise CatalogError(where, f"extends {base!r}, which extends it", "remove one 'extends'")
    if len(within) >= _LONGEST_CHAIN:
        raise CatalogError(where, f"is the {len(within) + 1}st app of a chain of 'extends'", "shorten it")
    reach = catalogs if catalog.layer == "user" else (catalog,)
    if base == name:  # the app of the same name in the layers below
        reach = [each for each in catalogs[:index] if each in reach]
    if not any(base in each.apps for each in reach):
        fix = names.did_you_mean(base, app_names(reach), "define it")
        raise CatalogError(where, f"extends the unknown app {base!r}", fix)
    return resolve(reach, base, (*within, (catalog.path, name)))


def _inherited(parent: ResolvedApp) -> Values:
    """Return the keys that an app inherits from *parent*: those of its main command, which gets the new name."""
    main = parent.target_of(parent.name)
    values = merge_values(parent.keys, parent.commands.get(main, {}))
    if parent.commands and "entrypoint" not in values and "command" not in values:
        values["entrypoint"] = (main,)
    return {key: value for key, value in values.items() if key not in ("aliases", "extends")}
