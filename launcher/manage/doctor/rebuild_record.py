"""A damaged record made anew, of what still tells what is deployed: launch files, and our tags at the engine."""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence

from launcher import __version__
from launcher.core.deploy.evidence import Witness
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


def rebuild_record(desk: Context) -> str:
    """Put the record aside and make a new one, and return of what; an engine that is away tells nothing.

    What the old one still tells stays, its history among it; what is installed now is what launch files and shims say.
    """
    path = desk.places.database
    aside = f"{path}.damaged-{iso(desk.now).replace(':', '')}"
    left = salvage.left(path)
    files = read_launch_files(desk)
    own = next((record for each in files if (record := record_id(newest_image(each)[2]))), left.record)
    engine = _tagged(desk, own)
    tags = engine or {}
    old = {each.number: each for each in left.deployments}
    now = assign_numbers(
        (complete_from_old_record(deployment_from_launch_files(desk, each), left) for each in files), old
    )
    now = [_known_by(each, tags.get(each.tag)) for each in now]
    every = link_parents(now, tags, old)
    shims = apps_from_shims(desk, [*left.deployed, *now])
    filled = {each.number: each for each in every}  # a launch may have found the image since
    was = [filled.get(each.number, each)._replace(pinned=each.pinned) for each in left.deployed]
    known = Witness(tags=tuple((newest_image(each)[2], each[0].command) for each in files if newest_image(each)[2]))
    is_behind = bool(known.against(left.record, left.deployment))
    names = {*write_launch_file.names(desk.places.current), *map(os.path.basename, list_own_shims(desk.places.bin))}
    made = [*plan_changes(was, now, names if is_behind else None), *(_install(each) for each in shims)]
    highest = max(left.deployment, *map(number_of, tags), 0)
    restored = Restored(every, made, left._replace(record=own, deployment=highest))
    was_there = any(os.path.lexists(f"{path}{suffix}") for suffix in ("", *restore_record.BESIDE))
    whole = restore_record.replace(path, aside, restored, desk.command_line, desk.call.user, desk.now, __version__)
    others = len(every) - sum(each.number > 0 for each in now)
    told = [f"the launch files ({count(len(now), 'app')})"] if now or not shims else []
    told += [f"shims ({count(len(shims), 'app')})"] if shims else []
    told += [f"the old record ({count(whole, 'transaction')})"] if whole else []
    told += [] if engine is None else [f"the engine's tags ({count(others, 'earlier deployment')})"]
    unknown = "; no engine answers, which may know earlier deployments" if engine is None else ""
    kept = f"; the old one is {desk.shown(aside)}" if was_there else ""
    return f"made anew from {' and '.join(told)}{unknown}{kept}"


def plan_changes(old: Iterable[Deployment], now: Iterable[Deployment], there: Collection[str] | None) -> list[Change]:
    """Return what makes of the deployments that an *old* record has current those that are so *now*.

    If it is a copy of before, an app of which none of the commands that are *there* is one was removed since.
    """
    before, after = ({each.app: each for each in side} for side in (old, now))
    found = [_moved(before[app], each) if app in before else _install(each) for app, each in after.items()]
    found = [each for each in found if each.before != each.after]
    if there is None:
        return found
    gone = [each for app, each in before.items() if app not in after]
    gone = [each for each in gone if not any(command.name in there for command in each.commands)]
    return [*found, *(Change(each.app, "Remove", each, None) for each in gone)]


def _moved(before: Deployment, after: Deployment) -> Change:
    return Change(after.app, "Downgrade" if after.number < before.number else "Upgrade", before, after)


def _install(each: Deployment) -> Change:
    return Change(each.app, "Install", None, each)


def assign_numbers(found: Iterable[Deployment], old: Mapping[int, Deployment] = {}) -> list[Deployment]:
    """Return *found*, no two with one number: one that another has already is to be given a new one.

    *old* is what the record still tells, by number; those numbers are their apps'.
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
    """Return every deployment that is known by its number: those of *now*, and of their apps what only *tags* tell.

    Each has the one before it for a parent, so that there is a way back. What the *old* record tells is not among them,
    but for what is current.
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
    """Return another deployment of an app, of which only its *tag* is known: what else it said is as *now*.

    Nobody can tell whether applaunch pulled that image, so it stays when its tag goes.
    """
    names = [name for name in facts.digests if not name.startswith((TAG_PREFIX, BUILD_PREFIX))]
    name = next((name for name in names if repo_of(name) == repo_of(now.image)), (*names, "")[0])
    image = now.image
    if name and repo_of(name) != repo_of(image):
        image = next((tag for tag in facts.tags if repo_of(tag) == repo_of(name)), name)
    pin = ResolvedImage(name.partition("@")[2], facts.id, loaded=not name, platform=facts.platform)
    was = now._replace(number=number_of(tag), tag=tag, image=image, pinned=False).held_on(pin)
    return _known_by(was, facts)


def _known_by(deployment: Deployment, facts: ImageFacts | None) -> Deployment:
    """Return a deployment whose image is built with the recipe that its image was named by, as far as that tells it."""
    if facts is None or not is_built(deployment.image):
        return deployment
    names = [each for each in facts.tags if is_built(each)]
    if not names or build_name(deployment.app, deployment.recipe) in names:
        return deployment
    return deployment._replace(recipe=names[0].rpartition(":")[2])


def _tagged(desk: Context, own: str) -> dict[str, ImageFacts] | None:
    """Return the tags of the record *own* at the engine, each with its image; None where no engine answers."""
    try:
        store = desk.engine().store
        found = {tag: store.inspect(tag) for tag in store.names(TAG_PREFIX) if own and record_id(tag) == own}
    except EngineError:
        return None
    return {tag: facts for tag, facts in found.items() if facts}
