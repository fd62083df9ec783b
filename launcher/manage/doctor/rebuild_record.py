"""Rebuild a damaged record from launch files, shims, and our tags at the engine."""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence

from launcher import __version__
from launcher.core.deploy.evidence import Evidence
from launcher.core.deploy.record import Change, Deployment
from launcher.core.values.deployment_tag import (
    BUILD_PREFIX,
    TAG_PREFIX,
    build_name,
    deployment_tag,
    is_built,
    number_of,
    record_id,
)
from launcher.core.values.duration import iso
from launcher.core.values.reference import repo_of
from launcher.core.values.resolved_image import ResolvedImage
from launcher.engine.local_images import ImageFacts
from launcher.errors import EngineError
from launcher.manage.context import Context
from launcher.manage.doctor.finding import count
from launcher.manage.doctor.recover_installed import (
    apps_from_shims,
    complete_from_old_record,
    deployment_from_launch_files,
    newest_image,
    read_launch_files,
)
from launcher.manage.gather_evidence import list_own_shims
from launcher.state import restore_record, salvage, write_launch_file
from launcher.state.restore_record import Restored


def rebuild_record(context: Context) -> str:
    """Set the old record aside, create a new one, and return its sources.

    The readable part of the old record is kept, including its history. What is installed now is decided by launch files
    and shims. Without an engine, its tags are not used.
    """
    path = context.places.database
    aside = f"{path}.damaged-{iso(context.now).replace(':', '')}"
    left = salvage.read_salvageable(path)
    files = read_launch_files(context)
    own = next((record for each in files if (record := record_id(newest_image(each)[2]))), left.record)
    engine = _find_tags(context, own)
    tags = engine or {}
    old = {each.number: each for each in left.deployments}
    now = assign_numbers(
        (complete_from_old_record(deployment_from_launch_files(context, each), left) for each in files), old
    )
    now = [_with_recipe(each, tags.get(each.tag)) for each in now]
    every = link_parents(now, tags, old)
    shims = apps_from_shims(context, [*left.deployed, *now])
    filled = {each.number: each for each in every}  # a launch may have found the image since
    was = [filled.get(each.number, each)._replace(pinned=each.pinned) for each in left.deployed]
    known = Evidence(tags=tuple((newest_image(each)[2], each[0].command) for each in files if newest_image(each)[2]))
    is_behind = bool(known.contradicting(left.record, left.deployment))
    names = {
        *write_launch_file.list_commands(context.places.current),
        *map(os.path.basename, list_own_shims(context.places.bin)),
    }
    made = [*plan_changes(was, now, names if is_behind else None), *(_install(each) for each in shims)]
    highest = max(left.deployment, *map(number_of, tags), 0)
    restored = Restored(every, made, left._replace(record=own, deployment=highest))
    was_there = any(os.path.lexists(f"{path}{suffix}") for suffix in ("", *restore_record.BESIDE))
    whole = restore_record.replace_record(
        path, aside, restored, context.command_line, context.call.user, context.now, __version__
    )
    others = len(every) - sum(each.number > 0 for each in now)
    sources = [f"the launch files ({count(len(now), 'app')})"] if now or not shims else []
    sources += [f"shims ({count(len(shims), 'app')})"] if shims else []
    sources += [f"the old record ({count(whole, 'transaction')})"] if whole else []
    sources += [] if engine is None else [f"the engine's tags ({count(others, 'earlier deployment')})"]
    unknown = "; no engine answers, so earlier deployments may be missing" if engine is None else ""
    kept = f"; the old record is {context.shown(aside)}" if was_there else ""
    return f"rebuilt from {' and '.join(sources)}{unknown}{kept}"


def plan_changes(
    old: Iterable[Deployment], now: Iterable[Deployment], existing: Collection[str] | None
) -> list[Change]:
    """Return the changes from the deployments that were current in the *old* record to those current *now*.

    *there* is given if the old record is an outdated copy: then an app with no command in *there* was removed since.
    """
    before, after = ({each.app: each for each in side} for side in (old, now))
    found = [_moved(before[app], each) if app in before else _install(each) for app, each in after.items()]
    found = [each for each in found if each.before != each.after]
    if existing is None:
        return found
    gone = [each for app, each in before.items() if app not in after]
    gone = [each for each in gone if not any(command.name in existing for command in each.commands)]
    return [*found, *(Change(each.app, "Remove", each, None) for each in gone)]


def _moved(before: Deployment, after: Deployment) -> Change:
    return Change(after.app, "Downgrade" if after.number < before.number else "Upgrade", before, after)


def _install(each: Deployment) -> Change:
    return Change(each.app, "Install", None, each)


def assign_numbers(found: Iterable[Deployment], old: Mapping[int, Deployment] = {}) -> list[Deployment]:
    """Return *found* so that no two have the same number; a duplicate gets 0, for a new number.

    *old* holds the deployments in the old record by number; their numbers stay reserved for their apps.
    """
    taken = {number: each.app for number, each in old.items()}
    kept = []
    for each in found:
        is_others = taken.get(each.number, each.app) != each.app or (each.number in taken and each.number not in old)
        kept.append(each._replace(number=0, tag="") if is_others else each)
        taken.setdefault(each.number, each.app)
    return kept


def link_parents(
    now: Sequence[Deployment], tags: Mapping[str, ImageFacts], old: Mapping[int, Deployment] = {}
) -> list[Deployment]:
    """Return every deployment that is known by its number: those of *now*, and others of their apps found in *tags*.

    Each has its predecessor as its parent, so that a rollback is possible. Deployments in the *old* record are included
    only if they are current.
    """
    taken = {each.number for each in now if each.number} | {*old}
    every: list[Deployment] = []
    for each in now:
        found = {each.number: each} if each.number else {}
        was = [number for number, one in old.items() if one.app == each.app and number not in found]
        for tag, facts in tags.items():
            number = number_of(tag)
            if number and number not in taken and tag == deployment_tag(each.app, number, record_id(tag)):
                found[number] = earlier_deployment(each, tag, facts)
        parent = 0
        for number in sorted([*found, *was]):
            if number in found:
                every.append(found[number] if number in old else found[number]._replace(parent=parent))
            parent = number
        taken |= {*found}
    return every


def earlier_deployment(now: Deployment, tag: str, facts: ImageFacts) -> Deployment:
    """Return a deployment of which only its *tag* is known; everything else is taken from *now*.

    It is unknown whether applaunch pulled that image, so the image stays when its tag is removed.
    """
    names = [name for name in facts.digests if not name.startswith((TAG_PREFIX, BUILD_PREFIX))]
    name = next((name for name in names if repo_of(name) == repo_of(now.image)), (*names, "")[0])
    image = now.image
    if name and repo_of(name) != repo_of(image):
        image = next((tag for tag in facts.tags if repo_of(tag) == repo_of(name)), name)
    pin = ResolvedImage(name.partition("@")[2], facts.id, loaded=not name, platform=facts.platform)
    was = now._replace(number=number_of(tag), tag=tag, image=image, pinned=False).with_image(pin)
    return _with_recipe(was, facts)


def _with_recipe(deployment: Deployment, facts: ImageFacts | None) -> Deployment:
    """Return a built deployment with the recipe in its image's name, if that name shows it."""
    if facts is None or not is_built(deployment.image):
        return deployment
    names = [each for each in facts.tags if is_built(each)]
    if not names or build_name(deployment.app, deployment.recipe) in names:
        return deployment
    return deployment._replace(recipe=names[0].rpartition(":")[2])


def _find_tags(context: Context, own: str) -> dict[str, ImageFacts] | None:
    """Return the tags of the record *own* at the engine with their images, or None if no engine answers."""
    try:
        store = context.engine().store
        found = {tag: store.inspect(tag) for tag in store.names(TAG_PREFIX) if own and record_id(tag) == own}
    except EngineError:
        return None
    return {tag: facts for tag, facts in found.items() if facts}
