"""How the images come to be: each built once, pushed into the registry, and found there by its recipe's hash."""

import json
import shutil
import tarfile
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from tests.rig import aptproxy, ingredients, shelf
from tests.rig.engine import Engine
from tests.rig.place import Place
from tests.rig.recipes import Recipe, key, named


class Site(NamedTuple):
    """Where and with what is built."""

    engine: Engine
    registry: str
    place: Place
    workshop: Path
    proxy: str | None  # for apt, where the engine is ours
    log: Callable[[str], None]


def build_missing(
    recipes: tuple[Recipe, ...],
    engine: Engine,
    registry: str,
    place: Place,
    log: Callable[[str], None],
    *,
    private: bool,
) -> None:
    """Build what the registry has not, bases first and two at a time; what is there gets its tags back."""
    missing = [each for each in recipes if not _restored(each, registry, place)]
    if not missing:
        return
    with ExitStack() as stack:
        workshop = stack.enter_context(tempfile.TemporaryDirectory(dir=place.folder, prefix="build-"))
        proxy = stack.enter_context(aptproxy.proxy(aptproxy.archive(place.folder / "apt"))) if private else None
        site = Site(engine, registry, place, Path(workshop), proxy, log)
        touched = {*missing, *(named(each.base) for each in missing if each.base)}
        had = {name for each in touched for name in each.refs if engine.has(name)}
        stack.callback(_clear_away, touched, had, site)
        left = missing
        while left:
            waiting = {each.name for each in left}
            wave = [each for each in left if each.base not in waiting]
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda recipe: _make(recipe, site), wave))
            left = [each for each in left if each not in wave]


def clip_file(place: Place) -> Path:
    """Return where the clip of the recipe ``clip`` is kept."""
    return place.folder / "clip.mp4"


def _restored(recipe: Recipe, registry: str, place: Place) -> bool:
    """Say whether it is built already, and let its tags point at it again (tests move them)."""
    if not recipe.served:
        mark = clip_file(place).with_suffix(".key")
        return clip_file(place).exists() and mark.exists() and mark.read_text() == key(recipe)
    path = shelf.path_of(recipe.repository)
    built = shelf.digest(registry, path, key(recipe))
    if built is None:
        return False
    if recipe.broken:
        shelf.lose_layer(registry, path, recipe.tags[0])
        return True
    for tag in recipe.tags:
        if shelf.digest(registry, path, tag) != built:
            shelf.retag(registry, path, tag, key(recipe))
    return True


def _make(recipe: Recipe, site: Site) -> None:
    began = time.monotonic()
    site.log(f"building {recipe.refs[0]}")
    ref = _local(recipe, site.registry)
    context = ingredients.context(recipe, site.workshop, site.proxy)
    log = site.place.log(f"build-{recipe.name}")
    if site.proxy:
        args = {"http_proxy": site.proxy, "APT_OPTIONS": aptproxy.options()}
        site.engine.build(context, ref, log, buildargs=json.dumps(args), networkmode="host", pull="1")
    else:
        site.engine.build(context, ref, log)
    context.unlink()
    for name in recipe.refs:  # so that what is built FROM it finds it
        repository, _, tag = name.rpartition(":")
        site.engine.ask("POST", f"/images/{ref}/tag", repo=repository, tag=tag)
    if recipe.served:
        _shelve(recipe, ref, site)
    else:
        _keep_clip(recipe, ref, site)
    site.log(f"built {recipe.refs[0]} ({time.monotonic() - began:.0f} s)")


def _local(recipe: Recipe, registry: str) -> str:
    return f"{registry}/{shelf.path_of(recipe.repository)}:{recipe.tags[0]}"


def _clear_away(recipes: set[Recipe], had: set[str], site: Site) -> None:
    """Leave nothing of the builds in the engine: a test begins with an engine that has not pulled yet."""
    for recipe in recipes:
        for name in (*recipe.refs, _local(recipe, site.registry)):
            if name not in had:
                site.engine.remove_image(name)
    site.engine.ask("POST", "/images/prune", filters=json.dumps({"dangling": ["true"]}))


def _shelve(recipe: Recipe, ref: str, site: Site) -> None:
    path = shelf.path_of(recipe.repository)
    site.engine.push(ref)
    for tag in (*recipe.tags[1:], key(recipe)):  # the key comes last: it says that all the rest is done
        shelf.retag(site.registry, path, tag, recipe.tags[0])
    if recipe.broken:  # but this: a registry takes no manifest whose layers it lacks
        shelf.lose_layer(site.registry, path, recipe.tags[0])


def _keep_clip(recipe: Recipe, ref: str, site: Site) -> None:
    packed = site.workshop / "clip.tar"
    with packed.open("wb") as target:
        site.engine.copy_out(ref, "/clip.mp4", target)
    with tarfile.open(packed) as tar, clip_file(site.place).open("wb") as target:
        content = tar.extractfile("clip.mp4")
        assert content is not None  # it is a file, as its Dockerfile says
        shutil.copyfileobj(content, target)
    clip_file(site.place).with_suffix(".key").write_text(key(recipe))
