"""Building the image of an app with the engine, once for each recipe."""

from collections.abc import Mapping

from launcher.core.catalog.merge import resolve
from launcher.core.catalog.published_snapshot import with_snapshot
from launcher.core.deploy.record import Deployment
from launcher.core.values.deployment_tag import build_name
from launcher.core.values.reference import Reference
from launcher.core.values.resolved_image import ResolvedImage
from launcher.engine import credentials
from launcher.engine.image_build import BuildRequest
from launcher.errors import EngineError, UserError
from launcher.host import process
from launcher.host.build_progress import BuildLog
from launcher.manage.change.recipe import Recipe, read_recipe
from launcher.manage.context import Context
from launcher.run.engine_connection import EngineConnection
from launcher.run.find_image import columns_and_rows, write_stderr


def ensure_built_image(context: Context, deployment: Deployment) -> ResolvedImage:
    """Return the image of a deployment with a recipe; build it if the engine does not have it.

    Raises `EngineError` if the recipe has changed since, and `NoEngineError`.
    """
    reached = build_engine(context, deployment.app)
    catalog_set = context.read_catalogs(published=False)
    recipe = read_recipe(context, resolve(with_snapshot(catalog_set.catalogs, deployment.published), deployment.app))
    if recipe is None or recipe.checksum != deployment.recipe:
        what = f"the image of deployment {deployment.number} is gone, and what it was built from has changed"
        raise EngineError(deployment.app, what, f"applaunch build {deployment.app}")
    return build_image(context, reached, deployment.app, recipe)


def build_engine(context: Context, app: str) -> EngineConnection:
    """Return the engine that builds the image of *app*; raises `NoEngineError`."""
    instead = f"give it an image in place of 'build': applaunch edit {app}"
    return context.engine_for(app, "its image is built on this machine", instead)


def build_image(
    context: Context, reached: EngineConnection, app: str, recipe: Recipe, *, again: bool = False
) -> ResolvedImage:
    """Return the image of a *recipe*; build it if the engine does not have it, or if it is to be built *again*."""
    name = build_name(app, recipe.checksum)
    facts = None if again else reached.store.inspect(name)
    if facts is None:
        live = process.is_terminal(2) and context.call.env.get("TERM", "") not in ("", "dumb")
        log = BuildLog(app, write_stderr, lambda: columns_and_rows()[0], live=live)
        try:
            request = BuildRequest(name, recipe.build, recipe.made_of, _logins(context, recipe))
            reached.store.build(request, log.show)
        except UserError:
            log.fail()
            raise
        log.end()
        facts = reached.store.inspect(name)
    if facts is None:
        raise EngineError(app, "the engine lost it right after the build", "try again")
    return ResolvedImage("", facts.id, pulled=False, loaded=True, platform=facts.platform)


def _logins(context: Context, recipe: Recipe) -> Mapping[str, Mapping[str, str]]:
    """Return the credentials for the registries of the recipe's base images."""
    found = {}
    for name in recipe.build.bases(recipe.made_of.dockerfile):
        try:
            ref = Reference.parse(name)
        except ValueError:  # the name of an earlier stage, perhaps
            continue
        login = credentials.find_login(ref, context.call.env, context.call.home, context.call.uid)
        if login.fields:
            host = "https://index.docker.io/v1/" if ref.registry == "docker.io" else ref.registry
            found[host] = login.fields
    return found
