"""Apps whose image is composed here: what it is made from, and having the engine make it once for each recipe."""

from collections.abc import Mapping
from typing import NamedTuple

from launcher.core.catalog.build_recipe import Build
from launcher.core.catalog.merge import ResolvedApp, resolve
from launcher.core.catalog.published_snapshot import with_snapshot
from launcher.core.deploy.record import Change, Deployment
from launcher.core.values.deployment_tag import build_name
from launcher.core.values.reference import Reference
from launcher.core.values.resolved_image import ResolvedImage
from launcher.engine import credentials, image_build
from launcher.engine.image_build import BuildContext
from launcher.errors import EngineError, UsageError, UserError
from launcher.host import process
from launcher.host.build_progress import BuildLog
from launcher.manage.context import Context as Desk
from launcher.run.engine_connection import Reached, columns_and_rows, to_stderr


class Recipe(NamedTuple):
    """What an app's image is made from, read now."""

    build: Build
    made_of: BuildContext
    checksum: str


def recipe_of(desk: Desk, app: ResolvedApp) -> Recipe | None:
    """Return the recipe of an app, None for one whose image is pulled; raises `HostError` where it cannot be read."""
    if "build" not in app.keys:
        return None
    build: Build = app.keys["build"]
    made_of = image_build.gather_context(build, desk.call.home)
    return Recipe(build, made_of, build.recipe(made_of.dockerfile, made_of.stamps()))


def composed(desk: Desk, reached: Reached, deployment: Deployment) -> ResolvedImage:
    """Return the image of a deployment that is built, built now where the engine has none of its recipe.

    Raises `EngineError` where the recipe is no longer what it was.
    """
    shelf = desk.shelf(published=False)
    recipe = recipe_of(desk, resolve(with_snapshot(shelf.catalogs, deployment.published), deployment.app))
    if recipe is None or recipe.checksum != deployment.recipe:
        what = f"the image of deployment {deployment.number} is gone, and what it was built from has changed"
        raise EngineError(deployment.app, what, f"applaunch build {deployment.app}")
    return image_of(desk, reached, deployment.app, recipe)


def image_of(desk: Desk, reached: Reached, app: str, recipe: Recipe, *, again: bool = False) -> ResolvedImage:
    """Return the image of a *recipe*: the one that is here, unless it shall be built *again*."""
    name = build_name(app, recipe.checksum)
    facts = None if again else reached.store.inspect(name)
    if facts is None:
        live = process.is_terminal(2) and desk.call.env.get("TERM", "") not in ("", "dumb")
        log = BuildLog(app, to_stderr, lambda: columns_and_rows()[0], live=live)
        try:
            reached.store.build(recipe.build, recipe.made_of, name, _logins(desk, recipe), log.show)
        except UserError:
            log.fail()
            raise
        log.end()
        facts = reached.store.inspect(name)
    if facts is None:
        raise EngineError(app, "the engine lost it right after the build", "try again")
    return ResolvedImage("", facts.id, pulled=False, loaded=True, platform=facts.platform)


def build(desk: Desk, name: str, *, pull: bool, no_cache: bool) -> tuple[Deployment, int]:
    """Build an installed app anew and switch to the result; returns it, and the transaction (0: it is the same image).

    Raises `UsageError` for an app that is not built.
    """
    from launcher.manage.apps.remove import find  # noqa: PLC0415  as above
    from launcher.manage.change.apply_changes import switch  # noqa: PLC0415  as above
    from launcher.manage.change.plan_deployment import candidate  # noqa: PLC0415  it asks for recipes, too

    with desk.record.alone(desk.command_line):
        shelf = desk.shelf()
        before = find(desk.deployed(), name)
        app = resolve(shelf.catalogs, before.app)
        recipe = recipe_of(desk, app)
        if recipe is None:
            raise UsageError("", f"the image of {before.app} is pulled, not built", f"applaunch upgrade {before.app}")
        wanted = recipe._replace(build=recipe.build._replace(pull=pull, no_cache=no_cache))
        pin = image_of(desk, desk.engine(), before.app, wanted, again=pull or no_cache)
        after = candidate(desk, before.app, shelf, before).held_on(pin)
        if (after.image_id, after.recipe, after.entry_hash) == (before.image_id, before.recipe, before.entry_hash):
            return before, 0
        number = switch(desk, [Change(before.app, "Upgrade", before, after)])
        return desk.record.deployed()[before.app], number


def _logins(desk: Desk, recipe: Recipe) -> Mapping[str, Mapping[str, str]]:
    """Return the logins for the registries of the images that the recipe begins from."""
    found = {}
    for name in recipe.build.bases(recipe.made_of.dockerfile):
        try:
            ref = Reference.parse(name)
        except ValueError:  # the name of an earlier stage, perhaps
            continue
        login = credentials.find_login(ref, desk.call.env, desk.call.home, desk.call.uid)
        if login.fields:
            host = "https://index.docker.io/v1/" if ref.registry == "docker.io" else ref.registry
            found[host] = login.fields
    return found
