"""Adding apps: the catalog asked (or written), and what it says deployed, one transaction for all."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from launcher.core.catalog.merge import app_names, resolve, unknown_app
from launcher.core.catalog.published_snapshot import source_of, with_snapshot
from launcher.core.deploy.record import Change, Deployment
from launcher.core.policy.permission import Permission
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.names import check_app_name
from launcher.core.values.reference import with_tag
from launcher.errors import UsageError
from launcher.host import shims
from launcher.manage.change.apply_changes import switch
from launcher.manage.change.choose_source import Choose, Named, named, nobody, shelf_from, source_for
from launcher.manage.change.name_conflicts import others, refuse_clashes, shadowed
from launcher.manage.change.permission_consent import Consent, asked, granted
from launcher.manage.change.plan_deployment import candidate, is_same
from launcher.manage.change.user_catalog import Own, with_keys
from launcher.manage.context import Context
from launcher.run.catalog_set import CatalogSet
from launcher.state import launch_files as currents


class Request(NamedTuple):
    """What `applaunch add` was asked for."""

    names: tuple[str, ...]  # apps, each alone or behind its remote (team/ffmpeg), with another tag behind an "@"
    keys: Mapping[str, Any] = {}  # of the catalog, as TOML has them
    new_names: tuple[str, ...] = ()  # --as, in the order of the names
    shadows: tuple[str, ...] = ()  # commands that may take the name of a program of this machine


class Added(NamedTuple):
    """One app that is on PATH now, and what a person should know of it."""

    deployment: Deployment
    permissions: tuple[Permission, ...]
    shadowed: tuple[tuple[str, str], ...]  # program of another making, and how it stands to our shim
    is_new: bool
    deprecated: str = ""  # why it should not be used any more, and what replaces it


def add(
    desk: Context, request: Request, consent: Consent = lambda _: None, choose: Choose = nobody
) -> tuple[list[Added], int]:
    """Deploy the apps of *request*; returns them and the transaction's number (0: nothing had to be done).

    All or none: what cannot be done is refused before anything is written, and so is what *consent* does not allow of
    that which catalogs of others newly ask for. *choose* tells which of two remotes with the same claim an app is from.
    """
    with desk.record.alone(desk.command_line):
        shelf = desk.shelf()
        before = desk.deployed()
        wishes = [_sourced(desk, shelf, each, before, choose) for each in _wishes(request)]
        shelf, owns = _shelf_with(desk, shelf, wishes)
        made = [_made(desk, shelf, each, before) for each in wishes]
        for at, (wish, each) in enumerate(zip(wishes, made, strict=True)):
            if names := [name for name in shadowed(desk, before.get(each.app), each) if name in request.shadows]:
                shelf, owns[each.app] = _allowed(desk, shelf, each, names, owns.get(each.app))
                made[at] = _made(desk, shelf, wish, before)
        refuse_clashes(desk, made, before)
        new = [each for each in made if not is_there(each, before.get(each.app), desk)]
        consent([more for each in new if (more := asked(desk, before.get(each.app), each, by_hand=True)).permissions])
        number = switch(desk, [_change(each, before.get(each.app), owns.get(each.app)) for each in new])
        now = desk.record.deployed()
    return [told(desk, shelf, now[each.app], each in new) for each in made], number


def is_there(made: Deployment, before: Deployment | None, desk: Context) -> bool:
    """Tell whether nothing has to be done for a deployment: it is *before*, and all its files are there."""
    if before is None or not is_same(made, before):
        return False
    return all(
        shims.is_ours(command.shim) and currents.read(desk.places.current, command.name) for command in before.commands
    )


def told(desk: Context, shelf: CatalogSet, deployment: Deployment, is_new: bool) -> Added:
    """Return what a person should know of an app that is deployed."""
    app = resolve(with_snapshot(shelf.catalogs, deployment.published), deployment.app)
    may = granted(desk, deployment)
    clashes = tuple(
        (program, "comes before it on PATH" if first else "is hidden by it")
        for command in deployment.commands
        for program, first in others(command, desk.call.env.get("PATH", ""))
    )
    better = app.keys.get("replaced_by")
    deprecated = [app.keys.get("deprecated"), f"use: applaunch add {better}" if better else None]
    return Added(deployment, may, clashes, is_new, "; ".join(filter(None, deprecated)))


class _Wish(NamedTuple):
    """One app that shall be added: which one, from where, by which name, and what the own catalog is to say of it."""

    base: str
    source: str  # the layer that it comes from; "" for the user's own
    tag: str
    name: str
    keys: Mapping[str, Any]
    stays: bool = False  # with the catalog that it was installed from

    @property
    def named(self) -> Named:
        """Return the app and where it is from."""
        return Named("" if self.stays else self.source, self.base)


def _wishes(request: Request) -> list[_Wish]:
    """Read what was typed: ``node@20`` is the app node with the tag 20, by the name node20 unless --as says another."""
    if len(request.names) > 1 and request.keys:
        raise UsageError("", "options change one app at a time", "add the others by themselves")
    if request.new_names and len(request.new_names) != len(request.names):
        what = f"{len(request.new_names)} names for {len(request.names)} apps"
        raise UsageError("", what, "write --as once for each app, in their order")
    wishes: dict[str, _Wish] = {}
    for word, new in dict.fromkeys(zip_longest(request.names, request.new_names)):
        base, _, tag = word.partition("@")
        source, app = named(base)
        name = new or f"{app}{tag.rpartition(':')[2][:12].lower()}"
        if name in wishes:
            raise UsageError("", f"{name!r} is named twice", "choose one of them, or: --as OTHERNAME")
        try:
            wishes[name] = _Wish(check_app_name(app), source, tag, check_app_name(name), request.keys)
        except InvalidValueError as wrong:
            raise UsageError("", wrong.what, wrong.fix) from None
    return [*wishes.values()]


def _sourced(desk: Context, shelf: CatalogSet, wish: _Wish, before: Mapping[str, Deployment], choose: Choose) -> _Wish:
    """Return *wish* with the layer that it comes from; an installed app stays with its own."""
    there = before.get(wish.name)
    origin = source_of(there.published, wish.base) if there else ""
    if there and wish.source in ("", origin):
        return wish._replace(source=origin, stays=True)
    return wish._replace(source=source_for(desk, shelf, wish.named, choose))


def _made(desk: Context, shelf: CatalogSet, wish: _Wish, before: Mapping[str, Deployment]) -> Deployment:
    return candidate(desk, wish.name, shelf_from(shelf, wish.named), before.get(wish.name), stays=wish.stays)


def _shelf_with(desk: Context, shelf: CatalogSet, wishes: Sequence[_Wish]) -> tuple[CatalogSet, dict[str, Own]]:
    """Return the catalogs with all *wishes* in the user's own, and how that changes, by app."""
    owns: dict[str, Own] = {}
    for wish in wishes:
        keys = dict(wish.keys)
        if "image" not in keys:
            if wish.base not in app_names(shelf.catalogs):
                raise unknown_app(wish.base, shelf.catalogs)
            if wish.tag:
                keys["image"] = _tagged(shelf_from(shelf, wish.named), wish)
            if wish.name != wish.base:
                keys = {"extends": wish.base, **keys}
        if keys:
            shelf, owns[wish.name] = with_keys(desk, shelf, wish.name, keys)
    return shelf, owns


def _allowed(
    desk: Context, shelf: CatalogSet, made: Deployment, names: Sequence[str], own: Own
) -> tuple[CatalogSet, Own]:
    """Return the catalogs with the user's own allowing these *names*, and how that changes beyond *own*."""
    had = made.own.get("allow_shadow", ()) if isinstance(made.own, dict) else ()
    shelf, more = with_keys(desk, shelf, made.app, {"allow_shadow": [*had, *names]})
    return shelf, (own[0], more[1]) if own and more else more


def _tagged(shelf: CatalogSet, wish: _Wish) -> str:
    app = resolve(shelf.catalogs, wish.base)
    try:
        return with_tag(app.entry(app.command_names[0]).image, wish.tag)
    except ValueError as error:
        raise UsageError("", str(error), f"applaunch tags {wish.base}") from None


def _change(made: Deployment, before: Deployment | None, own: Own) -> Change:
    return Change(made.app, "Reinstall" if before else "Install", before, made, own)
