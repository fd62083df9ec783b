"""Catalog over catalog: which app a command belongs to, and what all layers together say of it."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from launcher.core.catalog.catalog_file import App, Catalog, Values
from launcher.core.catalog.deny import apply_deny
from launcher.core.catalog.entry import CatalogEntry
from launcher.core.catalog.keys import merged
from launcher.core.values import names
from launcher.core.values.deployment_tag import build_name
from launcher.errors import CatalogError, NotFoundError

Origins = dict[str, str]
"""Which layer each key's value came from (the last that touched it)."""

Refused = list[tuple[str, tuple[str, ...], str]]
"""What is denied to each command, "" being all of them, and the layer that says so."""

Chain = tuple[tuple[str, str], ...]
"""The apps, each with its file, whose `extends` led here."""

_LONGEST_CHAIN = 100  # long before Python's own stack ends
_RUN_KEYS = frozenset(CatalogEntry._fields)


class Resolved(NamedTuple):
    """One app, all layers merged."""

    name: str
    keys: Values
    origins: Origins
    commands: dict[str, Values]  # by name; empty where the app is its own only command

    @property
    def command_names(self) -> tuple[str, ...]:
        """The commands of this app, the main one first, then its aliases."""
        own = tuple(self.commands) or (self.name,)
        return (*own, *(alias for alias in self.keys.get("aliases", ()) if alias not in own))

    @property
    def exposed_names(self) -> tuple[str, ...]:
        """Those of them that are to be on PATH."""
        hidden = self.keys.get("unexposed", ())
        return tuple(name for name in self.command_names if name not in hidden)

    def target_of(self, command: str) -> str:
        """Return the command that *command* stands for: itself, or the main one where it is an alias."""
        own = tuple(self.commands) or (self.name,)
        if command in own:
            return command
        return self.name if self.name in own else own[0]

    def entry(self, command: str, beneath: Values | None = None) -> CatalogEntry:
        """Return the complete entry of *command*; the keys of *beneath* hold where no catalog says them."""
        target = self.target_of(command)
        values = {**(beneath or {}), **merged(self.keys, self.commands.get(target, {}))}
        if "build" in values:
            values["image"] = build_name(self.name)
        if "image" not in values:
            raise CatalogError(f"[apps.{self.name}]", "has no image", "add: image = 'REGISTRY/NAME:TAG'")
        if self.commands and "entrypoint" not in values and "command" not in values:
            values["entrypoint"] = (target,)
        fields = {key: value for key, value in apply_deny(values).items() if key in _RUN_KEYS}
        return CatalogEntry(app=self.name, name=target, **fields)


def resolve(catalogs: Sequence[Catalog], name: str, _within: Chain = ()) -> Resolved:
    """Merge what *catalogs*, lowest first, say of the app *name*; raises `NotFoundError` with the closest name.

    Of those that apps come from (built-in, remotes, bundles) the highest that knows the app counts, alone: what one of
    them has signed is never mixed with what another says.
    """
    state: tuple[Values, Origins] = ({}, {})
    commands: dict[str, Values] = {}
    refused: Refused = []
    layers = counting(catalogs, name)
    if not any(name in catalog.apps and catalog.layer != "override" for _, catalog in layers):
        raise unknown(name, catalogs)
    for index, catalog in layers:
        app = catalog.app(name)
        refused += [(command, denied, catalog.layer) for command, denied in _refused_by(app, catalog).items()]
        if app.keys.get("extends") is False:  # nothing of the layers below counts
            state, commands = ({}, {}), {}
            app = app._replace(keys={key: value for key, value in app.keys.items() if key != "extends"})
        elif base := app.keys.get("extends"):
            parent = _parent(catalogs, index, name, base, _within)
            state = (merged(state[0], _lent(parent)), {**state[1], **parent.origins})
        state = merge(state, app.keys, catalog.layer)
        for command, values in (app.commands or {}).items():
            commands[command] = merged(commands.get(command, {}), values)
            state[1].update({f"commands.{command}.{key}": catalog.layer for key in values})
    return _without_refused(Resolved(name, *state, commands), refused)


def _refused_by(app: App, catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Return what a file of the user's or the system's denies the *app* (as "") and its commands, by name."""
    if catalog.is_published or catalog.layer == "project":
        return {}
    every = {"": app.keys, **(app.commands or {})}
    return {command: keys["deny"] for command, keys in every.items() if keys.get("deny")}


def _without_refused(app: Resolved, refused: Refused) -> Resolved:
    """Return *app* with all that is *refused*: no higher layer takes that back (``extends = false``).

    What a command may not do that is no longer there, none may: it may go by another name now.
    """
    keys, commands, origins = app.keys, dict(app.commands), dict(app.origins)
    for command, denied, layer in refused:
        if command in commands:
            commands[command] = merged(commands[command], {"deny": denied})
        else:
            keys = merged(keys, {"deny": denied})
            origins.setdefault("deny", layer)
    return app._replace(keys=keys, commands=commands, origins=origins)


def counting(catalogs: Sequence[Catalog], name: str) -> list[tuple[int, Catalog]]:
    """Return those of *catalogs* whose word on the app *name* counts, each with its place, lowest first."""
    knowing = [(index, each) for index, each in enumerate(catalogs) if name in each.apps or each.is_for_all]
    top = max((index for index, each in knowing if each.is_source), default=-1)
    return [(index, each) for index, each in knowing if index == top or not each.is_source]


def merge(state: tuple[Values, Origins], later: Values, layer: str) -> tuple[Values, Origins]:
    """Return *state* with the keys of a *later* table merged over it, and where each now comes from."""
    gone = {"build": "image", "image": "build"}  # what comes later says where the image is from
    before = {key: value for key, value in state[0].items() if gone.get(key) not in later}
    return merged(before, later), {**state[1], **dict.fromkeys(later, layer)}


def owner_of(catalogs: Sequence[Catalog], command: str) -> Resolved:
    """Return the app that *command* belongs to: the app of that name, else the one that lists it."""
    for name in candidates(catalogs, command):
        app = resolve(catalogs, name)
        if command in app.command_names:
            return app
    raise unknown(command, catalogs)


def candidates(catalogs: Sequence[Catalog], command: str) -> Iterator[str]:
    """Yield the apps that *command* may belong to by the raw tables, without reading any: that of its name first."""
    if any(command in catalog.apps for catalog in catalogs):
        yield command
    yield from dict.fromkeys(app for app, listed in _listed(catalogs) if listed == command)


def unknown(name: str, catalogs: Sequence[Catalog]) -> NotFoundError:
    """Say that no catalog knows *name*, and what may have been meant."""
    known = sorted({*app_names(catalogs), *(command for _, command in _listed(catalogs))})
    fix = names.did_you_mean(
        name, known, "applaunch search WORD finds apps; applaunch add NAME --image REF defines one"
    )
    return NotFoundError(name, "no such app in any catalog", fix)


def app_names(catalogs: Sequence[Catalog]) -> list[str]:
    """Return every app's name, sorted."""
    return sorted({name for catalog in catalogs if catalog.layer != "override" for name in catalog.apps})


def _listed(catalogs: Sequence[Catalog]) -> Iterator[tuple[str, str]]:
    """Yield app and command for all that the raw tables list, without reading the apps."""
    for catalog in catalogs:
        for app, table in catalog.apps.items():
            if isinstance(table, dict):
                yield from ((app, name) for name in _strings(table.get("commands")))
                yield from ((app, name) for name in _strings(table.get("aliases")))


def _strings(value: Any) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, (dict, list)) else []


def _parent(catalogs: Sequence[Catalog], index: int, name: str, base: str, within: Chain) -> Resolved:
    """Return the app that *name* extends: in the same file; the user's own may reach every other file too."""
    catalog = catalogs[index]
    where = f"{catalog.path}: [apps.{name}]"
    if (catalog.path, name) in within:
        raise CatalogError(where, f"extends {base!r}, which extends it", "break the circle")
    if len(within) >= _LONGEST_CHAIN:
        raise CatalogError(where, f"is the {len(within) + 1}st app of a chain of 'extends'", "shorten it")
    reach = catalogs if catalog.layer == "user" else (catalog,)
    if base == name:  # the app of that name as the layers below have it
        reach = [each for each in catalogs[:index] if each in reach]
    if not any(base in each.apps for each in reach):
        fix = names.did_you_mean(base, app_names(reach), "define it")
        raise CatalogError(where, f"extends the unknown app {base!r}", fix)
    return resolve(reach, base, (*within, (catalog.path, name)))


def _lent(parent: Resolved) -> Values:
    """Return what an app that extends *parent* starts from: all about its main command, which goes by a new name."""
    main = parent.target_of(parent.name)
    values = merged(parent.keys, parent.commands.get(main, {}))
    if parent.commands and "entrypoint" not in values and "command" not in values:
        values["entrypoint"] = (main,)
    return {key: value for key, value in values.items() if key not in ("aliases", "extends")}
