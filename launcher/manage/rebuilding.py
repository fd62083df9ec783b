"""A damaged record made anew, of what still tells what is deployed: launch files, and our tags at the engine."""

from collections.abc import Iterable, Mapping, Sequence

from launcher import __version__
from launcher.core.moment import iso
from launcher.core.pin import Pin
from launcher.core.published import combined
from launcher.core.record import Change, Command, Deployment
from launcher.core.reference import repo_of
from launcher.core.tags import BUILT, OWN, built_name, is_built, number_of, own_tag, record_of
from launcher.core.wrong import Wrong
from launcher.engine.images import ImageFacts
from launcher.errors import EngineError, Trouble
from launcher.manage.candidate import candidate
from launcher.manage.desk import Desk
from launcher.manage.finding import count
from launcher.state import current as currents
from launcher.state import restoring
from launcher.state.current import Current
from launcher.state.restoring import Restored


def made_anew(desk: Desk) -> str:
    """Put the damaged record aside and make a new one, and return of what; an engine that is away tells nothing."""
    path = desk.places.database
    aside = f"{path}.damaged-{iso(desk.now).replace(':', '')}"
    left = restoring.left(path)
    files = _launch_files(desk)
    own = next((record for each in files if (record := record_of(_held(each)[2]))), left.record)
    engine = _tagged(desk, own)
    tags = engine or {}
    now = numbered(_remembered(desk, each) for each in files)
    every = chained([_known_by(each, tags.get(each.tag)) for each in now], tags)
    highest = max(left.deployment, *map(number_of, tags), 0)
    changes = [Change(each.app, "Install", None, each) for each in now]
    restored = Restored(every, changes, left._replace(record=own, deployment=highest))
    restoring.replace(path, aside, restored, desk.command_line, desk.call.user, desk.now, __version__)
    others = len(every) - sum(each.number > 0 for each in now)
    told = f"the launch files ({count(len(now), 'app')})"
    tagged = "" if engine is None else f" and the engine's tags ({count(others, 'earlier deployment')})"
    unknown = "; no engine answers, which may know earlier deployments" if engine is None else ""
    return f"made anew from {told}{tagged}{unknown}; the old one is {desk.shown(aside)}"


def numbered(found: Iterable[Deployment]) -> list[Deployment]:
    """Return *found*, no two with one number: one that another has already is to be given a new one."""
    taken: set[int] = set()
    kept = []
    for each in found:
        kept.append(each._replace(number=0, tag="") if each.number in taken else each)
        taken.add(each.number)
    return kept


def chained(now: Sequence[Deployment], tags: Mapping[str, ImageFacts]) -> list[Deployment]:
    """Return every deployment that is known by its number: those of *now*, and of their apps what only *tags* tell.

    Each has the one before it for a parent, so that there is a way back.
    """
    taken = {each.number for each in now if each.number}
    every: list[Deployment] = []
    for each in now:
        found = {each.number: each} if each.number else {}
        for tag, facts in tags.items():
            number = number_of(tag)
            if number and number not in taken and tag == own_tag(each.app, number, record_of(tag)):
                found[number] = earlier(each, tag, facts)
        parent = 0
        for number in sorted(found):
            every.append(found[number]._replace(parent=parent))
            parent = number
        taken |= {*found}
    return every


def earlier(now: Deployment, tag: str, facts: ImageFacts) -> Deployment:
    """Return another deployment of an app, of which only its *tag* is known: what else it said is as *now*.

    Nobody can tell whether applaunch pulled that image, so it stays when its tag goes.
    """
    names = [name for name in facts.digests if not name.startswith((OWN, BUILT))]
    name = next((name for name in names if repo_of(name) == repo_of(now.image)), (*names, "")[0])
    image = now.image
    if name and repo_of(name) != repo_of(image):
        image = next((tag for tag in facts.tags if repo_of(tag) == repo_of(name)), name)
    pin = Pin(name.partition("@")[2], facts.id, loaded=not name, platform=facts.platform)
    was = now._replace(number=number_of(tag), tag=tag, image=image, pinned=False).held_on(pin)
    return _known_by(was, facts)


def _known_by(deployment: Deployment, facts: ImageFacts | None) -> Deployment:
    """Return a deployment whose image is built with the recipe that its image was named by, as far as that tells it."""
    if facts is None or not is_built(deployment.image):
        return deployment
    names = [each for each in facts.tags if is_built(each)]
    if not names or built_name(deployment.app, deployment.recipe) in names:
        return deployment
    return deployment._replace(recipe=names[0].rpartition(":")[2])


def _launch_files(desk: Desk) -> list[list[Current]]:
    """Return the launch files of each app."""
    found: dict[str, list[Current]] = {}
    for name in currents.names(desk.places.current):
        if known := currents.read(desk.places.current, name):
            found.setdefault(known.app, []).append(known)
    return [*found.values()]


def _tagged(desk: Desk, own: str) -> dict[str, ImageFacts] | None:
    """Return the tags of the record *own* at the engine, each with its image; None where no engine answers."""
    try:
        store = desk.engine().store
        found = {tag: store.inspect(tag) for tag in store.names(OWN) if own and record_of(tag) == own}
    except EngineError:
        return None
    return {tag: facts for tag, facts in found.items() if facts}


def _remembered(desk: Desk, known: Sequence[Current]) -> Deployment:
    """Return the deployment that the launch files of one app are of; an edited catalog may have moved some of them."""
    first = known[0]
    image, pin, tag = _held(known)
    made = _by_catalogs(desk, first) or _by_itself(desk, known)
    targets = {command.name: command.target for command in made.commands}
    names = first.commands or tuple(each.command for each in known)
    return made._replace(
        image=image,
        number=number_of(tag),
        tag=tag,
        pinned=any(each.pinned for each in known),
        commands=tuple(Command(name, f"{desk.places.bin}/{name}", targets.get(name, name)) for name in names),
    ).held_on(pin)


def _held(known: Sequence[Current]) -> tuple[str, Pin, str]:
    """Return image, pin and own tag of the deployment that the launch files of one app are of."""
    held = [each.aside or (each.image, each.pin, each.tag) for each in known]
    image, pin, tag = max(held, key=lambda each: (number_of(each[2]), each[1].image_id))
    return image, pin, tag


def _by_catalogs(desk: Desk, known: Current) -> Deployment | None:
    """Return what the app is by the catalogs that it listens to; None where they cannot be followed."""
    try:
        shelf = desk.shelf(published=False)
        frozen = shelf._replace(catalogs=combined(shelf.catalogs, known.published))
        return candidate(desk, known.app, frozen, None)
    except (Trouble, Wrong):
        return None


def _by_itself(desk: Desk, known: Sequence[Current]) -> Deployment:
    """Return what the app is by its launch files alone."""
    entries = {each.command: each.entry.get("entry", {}) for each in known}
    commands = tuple(Command(name, "", str(entry.get("name", name))) for name, entry in entries.items())
    return Deployment(
        app=known[0].app,
        image="",
        digest="",
        image_id="",
        pulled=False,
        source="",
        entry_hash="",
        commands=commands,
        created=iso(desk.now),
        entries=entries,
        published=known[0].published,
    )
