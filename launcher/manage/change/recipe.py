"""The recipe of an app whose image is built here: what the image is made from, read now."""

from typing import NamedTuple

from launcher.core.catalog.build_recipe import Build
from launcher.core.catalog.merge import ResolvedApp
from launcher.engine import image_build
from launcher.engine.image_build import BuildContext
from launcher.manage.context import Context


class Recipe(NamedTuple):
    """What the image of an app is built from."""

    build: Build
    made_of: BuildContext
    checksum: str


def read_recipe(context: Context, app: ResolvedApp) -> Recipe | None:
    """Return the recipe of an app, or None if its image is pulled; raises `HostError` if it cannot be read."""
    if "build" not in app.keys:
        return None
    build: Build = app.keys["build"]
    made_of = image_build.gather_context(build, context.call.home)
    return Recipe(build, made_of, build.recipe(made_of.dockerfile, made_of.stamps()))
