"""Building the image of an installed app again, and switching to it."""

from functools import partial

from launcher.core.catalog.merge import resolve
from launcher.core.deploy.record import find_app
from launcher.core.deploy.transaction_plan import Plan, PlannedApp
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import StateError, UsageError
from launcher.manage.change.build_image import build_engine, build_image
from launcher.manage.change.carry_out import Applied, Deployed, carry_out
from launcher.manage.change.plan_deployment import propose_deployment
from launcher.manage.change.recipe import read_recipe
from launcher.manage.context import Context


def build(context: Context, name: str, *, pull: bool, no_cache: bool) -> Applied:
    """Build the image of an installed app again, and switch to it if it is another one.

    Raises `UsageError` for an app whose image is pulled.
    """
    app = find_app(context.deployed(), name).app
    recipe = read_recipe(context, resolve(context.read_catalogs().catalogs, app))
    if recipe is None:
        raise UsageError("", f"the image of {app} is pulled, not built", f"applaunch upgrade {app}")
    wanted = recipe._replace(build=recipe.build._replace(pull=pull, no_cache=no_cache))
    image = build_image(context, build_engine(context, app), app, wanted, again=pull or no_cache)
    return carry_out(context, partial(plan_build, context, app, recipe.checksum, image))


def plan_build(context: Context, name: str, recipe: str, image: ResolvedImage, deployed: Deployed) -> Plan:
    """Return the plan that switches an app to the *image* built from the *recipe* with that checksum."""
    before = find_app(deployed, name)
    after = propose_deployment(context, before.app, context.read_catalogs(), before).with_image(image)
    if after.recipe != recipe:
        raise StateError(before.app, "its recipe was changed while its image was built", "run it again")
    if (after.image_id, after.recipe, after.entry_hash) == (before.image_id, before.recipe, before.entry_hash):
        return Plan((PlannedApp(before.app, before, before, "Upgrade", "unchanged"),))
    return Plan((PlannedApp(before.app, before, after, "Upgrade"),))
