"""What an entry lets its program do, derived from its run keys and never declared twice."""

from collections.abc import Iterable, Iterator

from launcher.core.catalog.deny import meet
from launcher.core.catalog.entry import CatalogEntry
from launcher.core.policy.key_risks import RISKS
from launcher.core.policy.mount_permissions import Bound, bound
from launcher.core.policy.path_reach import SOCKETS, Ground, is_in
from launcher.core.policy.permission import Claim, Permission
from launcher.core.policy.privileges import network, rights, variables
from launcher.core.policy.program_user import Person, person
from launcher.core.values.invocation import Invocation

_READ, _WRITE = 1, 2
_ARGUMENTS = "paths of arguments"


def permissions(
    entry: CatalogEntry, call: Invocation, ground: Ground | None = None, *, built: bool = False
) -> tuple[Permission, ...]:
    """Return what *entry* grants when it is called by this caller, in the order people ask.

    *ground* holds the facts of this machine about the paths of `bind_paths`; without them paths are taken as written.
    *built* tells that its image is composed on this machine.
    """
    ground = ground or Ground()
    binds = bound(entry, call, ground)
    recipe = [Permission("high", "its image is built here", "build", (("build", 1),))] if built else []
    return (
        *_who(entry, call, binds, ground),
        *network(entry),
        *_files(entry, binds),
        *variables(entry),
        *rights(entry, call),
        *recipe,
    )


def highest(granted: Iterable[Permission]) -> str:
    """Return the riskiest class among those *granted*."""
    return max((permission.risk for permission in granted), key=RISKS.index, default="low")


def risky(granted: Iterable[Permission]) -> str:
    """Return those of the *granted* that a person has to allow, in words."""
    return ", ".join(each.words for each in granted if each.risk in RISKS[2:])


def beyond(granted: Iterable[Permission], before: Iterable[Permission]) -> list[Permission]:
    """Return those of the *granted* that hold a right which none of those *before* gave, or gave as far."""
    had = [claim for permission in before for claim in permission.claims]
    return [each for each in granted if any(not _covered(claim, had) for claim in each.claims)]


def among(granted: Iterable[Permission], others: Iterable[Permission]) -> list[Permission]:
    """Return those of the *granted* that share a right with *others*."""
    theirs = {subject for permission in others for subject, _ in permission.claims}
    return [each for each in granted if any(subject in theirs for subject, _ in each.claims)]


def _covered(claim: Claim, had: Iterable[Claim]) -> bool:
    """Tell whether one of those *had* goes as far: a folder holds all that is in it."""
    subject, level = claim
    return any(theirs >= level and (subject == other or _holds(other, subject)) for other, theirs in had)


def _holds(wider: str, subject: str) -> bool:
    if wider.startswith("variable "):
        return meet(subject, wider)
    if wider.startswith("path "):
        return subject.startswith("path ") and is_in(subject, wider)
    return wider == _ARGUMENTS and subject.startswith(f"{_ARGUMENTS} ")


def _who(entry: CatalogEntry, call: Invocation, binds: list[Bound], ground: Ground) -> Iterator[Permission]:
    """Tell who runs; and whether that one could leave files here which run with the rights of others (setuid)."""
    who = person(entry, call)
    strength = (("user", who.strength),) if who.strength else ()
    yield Permission("high" if who.words == "run as root" else "low", who.words, "user", strength)
    if entry.group_add:
        claims = tuple((f"group {name}", 1) for name in entry.group_add)
        yield Permission("medium", f"the groups {', '.join(entry.group_add)}", "group_add", claims)
    written = list(_written(entry, binds))
    if who.marks and written:
        mild = ground.rootless or (ground.remapped and entry.user == "image")
        yield _marked(who, written, "user" if entry.user != "host" else "group_add", mild=mild)


def _written(entry: CatalogEntry, binds: list[Bound]) -> Iterator[str]:
    """Yield in words what an entry may write of this machine's files."""
    if entry.mount_cwd == "rw":
        yield "the current folder"
    yield from (each.mount.source for each in binds if not each.mount.read_only)
    if entry.path_args == "rw":
        yield "what its arguments name"
    if entry.persist:
        yield "what it keeps of a home"


def _marked(who: Person, written: list[str], key: str, *, mild: bool) -> Permission:
    """Return the right to leave files of others' on this machine, and devices; no mount option of a bind stops that.

    It is *mild* on an engine whose ids rule nothing here: the same entry may run on another one.
    """
    risk = "high" if mild else max((mark.risk for mark in who.marks), key=RISKS.index)
    whose = ", ".join(mark.words for mark in who.marks)
    claims = tuple((f"files of {mark.words}", 1) for mark in who.marks)
    return Permission(risk, f"leave programs in {', '.join(written)} that run with the rights of {whose}", key, claims)


def _files(entry: CatalogEntry, binds: list[Bound]) -> Iterator[Permission]:
    if entry.mount_cwd != "none":
        risk, verb = ("medium", "read & write") if entry.mount_cwd == "rw" else ("low", "read")
        seen = f" (as {entry.working_dir})" if entry.working_dir else ""
        claims = (("the current folder", _WRITE if entry.mount_cwd == "rw" else _READ),)
        yield Permission(risk, f"{verb} the current folder{seen}", "mount_cwd", claims)
    yield from _arguments(entry)
    if entry.persist:
        yield Permission("low", f"keep {', '.join(_of_home(path) for path in entry.persist)} for itself", "persist")
    yield from (_of_bind(each) for each in binds)
    for mount in entry.volumes:
        if mount.kind == "volume":
            verb = "read" if mount.read_only else "read & write"
            claims = ((f"volume {mount.source}", _READ if mount.read_only else _WRITE),)
            risk = "low" if _is_its_own(mount.source, entry.app) else "high"
            yield Permission(risk, f"{verb} the volume {mount.source} (as {mount.target})", "volumes", claims)


def _arguments(entry: CatalogEntry) -> Iterator[Permission]:
    """Tell of the files that arguments name: who types them lets the program see them."""
    if entry.path_args == "rw":
        yield Permission("medium", "write what its arguments name", "path_args", ((_ARGUMENTS, _WRITE),))
    elif entry.path_args == "ro":
        yield Permission("low", "read what its arguments name", "path_args", ((_ARGUMENTS, _READ),))
    elif entry.path_args != "none" and entry.path_args:
        claims = tuple((f"{_ARGUMENTS} {option}", _READ) for option in entry.path_args)
        yield Permission("low", f"read what {', '.join(entry.path_args)} names", "path_args", claims)


def _of_home(path: str) -> str:
    return "a home" if path == "." else f"~/{path}"


def _of_bind(each: Bound) -> Permission:
    mount = each.mount
    verb = "read" if mount.read_only else "read & write"
    seen = "" if mount.target == mount.source else f" (as {mount.target})"
    leads = "" if each.plain else f", which is {' or '.join(each.real) or 'a path that a variable holds'}"
    gives = f": {each.reach.words}" if each.reach.words and not _is_plain_enough(each) else ""
    level = _READ if mount.read_only else _WRITE
    subjects = [f"path {path}" for path in each.real] or [f"path of {mount.source}"]
    claims = tuple((subject, level) for subject in subjects)
    return Permission(each.reach.risk, f"{verb} {mount.source}{seen}{leads}{gives}", "volumes", claims)


def _is_plain_enough(each: Bound) -> bool:
    """Tell whether the text says by itself what it gives."""
    source, words = each.mount.source, each.reach.words
    says = source.rpartition("/")[2] in SOCKETS or words.endswith("your home")
    return source in ("/", "~") or (each.plain and says)


def _is_its_own(volume: str, app: str) -> bool:
    """Tell whether a volume goes by the app's name: any other may be one of another app, or of a compose project."""
    return volume in (app, f"applaunch-{app}") or volume.startswith((f"{app}-", f"applaunch-{app}-"))
