"""The permissions of an entry, derived from its run keys."""

from collections.abc import Iterable, Iterator

from launcher.core.catalog.deny import matches
from launcher.core.catalog.entry import CatalogEntry
from launcher.core.policy.engine_sockets import is_engine_socket
from launcher.core.policy.key_risks import RISKS
from launcher.core.policy.mount_permissions import AssessedBind, assess_binds
from launcher.core.policy.path_reach import MachineFacts, is_in
from launcher.core.policy.permission import Claim, Permission
from launcher.core.policy.privileges import network_permissions, privilege_permissions, variable_permissions
from launcher.core.policy.program_user import ProgramUser, program_user
from launcher.core.policy.project_mounts import MARKERS
from launcher.core.values.invocation import Invocation

_READ, _WRITE = 1, 2
_ARGUMENTS = "paths of arguments"
_FOLDER = "the current folder"
_PROJECT = "the project of the current folder"


def permissions(
    entry: CatalogEntry, call: Invocation, machine: MachineFacts | None = None, *, built: bool = False
) -> tuple[Permission, ...]:
    """Return the permissions of *entry* for this caller, in the order in which they are shown.

    *machine* holds the facts about the paths of `bind_paths`; without it, paths are used as written. *built* means
    that the image is built on this machine.
    """
    machine = machine or MachineFacts()
    binds = assess_binds(entry, call, machine)
    build = [Permission("high", "build its image on this machine", "build", (("build", 1),))] if built else []
    return (
        *_user_permissions(entry, call, binds, machine),
        *network_permissions(entry),
        *_file_permissions(entry, binds),
        *variable_permissions(entry),
        *privilege_permissions(entry, call),
        *build,
    )


def highest_risk(granted: Iterable[Permission]) -> str:
    """Return the highest risk class among the *granted* permissions."""
    return max((permission.risk for permission in granted), key=RISKS.index, default="low")


def describe_risky(granted: Iterable[Permission]) -> str:
    """Describe the *granted* permissions that need approval."""
    return ", ".join(each.words for each in granted if each.risk in RISKS[2:])


def new_permissions(granted: Iterable[Permission], before: Iterable[Permission]) -> list[Permission]:
    """Return the *granted* permissions with a right that the permissions *before* did not grant to that extent."""
    earlier = [claim for permission in before for claim in permission.claims]
    return [each for each in granted if any(not _is_covered(claim, earlier) for claim in each.claims)]


def overlapping(granted: Iterable[Permission], others: Iterable[Permission]) -> list[Permission]:
    """Return the *granted* permissions that share a right with *others*."""
    subjects = {subject for permission in others for subject, _ in permission.claims}
    return [each for each in granted if any(subject in subjects for subject, _ in each.claims)]


def _is_covered(claim: Claim, earlier: Iterable[Claim]) -> bool:
    """Tell whether an *earlier* claim includes *claim*; a folder includes everything in it."""
    subject, level = claim
    return any(
        other_level >= level and (subject == other or _includes(other, subject)) for other, other_level in earlier
    )


def _includes(wider: str, subject: str) -> bool:
    if wider.startswith("variable "):
        return matches(subject, wider)
    if wider.startswith("path "):
        return subject.startswith("path ") and is_in(subject, wider)
    if wider == _PROJECT:
        return subject == _FOLDER
    return wider == _ARGUMENTS and subject.startswith(f"{_ARGUMENTS} ")


def _user_permissions(
    entry: CatalogEntry, call: Invocation, binds: list[AssessedBind], machine: MachineFacts
) -> Iterator[Permission]:
    """Yield the user that the program runs as, its groups, and whether it could leave setuid files on this machine."""
    user = program_user(entry, call)
    strength = (("user", user.strength),) if user.strength else ()
    yield Permission("high" if user.words == "run as root" else "low", user.words, "user", strength)
    if entry.group_add:
        claims = tuple((f"group {name}", 1) for name in entry.group_add)
        yield Permission("medium", f"the groups {', '.join(entry.group_add)}", "group_add", claims)
    writable = list(_writable(entry, binds))
    if user.foreign and writable:
        mild = machine.rootless or (machine.remapped and entry.user == "image")
        yield _setuid_permission(user, writable, "user" if entry.user != "host" else "group_add", mild=mild)


def _writable(entry: CatalogEntry, binds: list[AssessedBind]) -> Iterator[str]:
    """Yield descriptions of the files of this machine that an entry may write."""
    if entry.writes_folder:
        yield _PROJECT if entry.mounts_project else _FOLDER
    yield from (each.mount.source for each in binds if not each.mount.read_only)
    if entry.path_args == "rw":
        yield "files named in its arguments, and their folders"
    if entry.persist:
        yield "its own home folders"


def _setuid_permission(user: ProgramUser, writable: list[str], key: str, *, mild: bool) -> Permission:
    """Return the permission to leave setuid files and devices of other users here; no option of a bind prevents that.

    It is *mild* on an engine whose ids have no rights on this machine; the same entry may run on another engine.
    """
    risk = "high" if mild else max((account.risk for account in user.foreign), key=RISKS.index)
    accounts = ", ".join(account.words for account in user.foreign)
    claims = tuple((f"files of {account.words}", 1) for account in user.foreign)
    words = f"leave programs in {', '.join(writable)} that run with the rights of {accounts}"
    return Permission(risk, words, key, claims)


def _file_permissions(entry: CatalogEntry, binds: list[AssessedBind]) -> Iterator[Permission]:
    if entry.mount_cwd != "none":
        yield from _folder_permissions(entry)
    yield from _argument_permissions(entry)
    if entry.persist:
        yield Permission("low", f"keep its own {', '.join(_home_path(path) for path in entry.persist)}", "persist")
    yield from (_bind_permission(each) for each in binds)
    for mount in entry.volumes:
        if mount.kind == "volume":
            verb = "read" if mount.read_only else "read & write"
            claims = ((f"volume {mount.source}", _READ if mount.read_only else _WRITE),)
            risk = "low" if _is_own_volume(mount.source, entry.app) else "high"
            yield Permission(risk, f"{verb} the volume {mount.source} (as {mount.target})", "volumes", claims)


def _folder_permissions(entry: CatalogEntry) -> Iterator[Permission]:
    """Yield the permissions for the current folder, or for its project, whose extent `project_markers` decide."""
    risk, folder = "low" if entry.mount_cwd == "ro" else "medium", _PROJECT if entry.mounts_project else _FOLDER
    verb, level = ("read & write", _WRITE) if entry.writes_folder else ("read", _READ)
    target = f" (as {entry.working_dir})" if entry.working_dir else ""
    yield Permission(risk, f"{verb} {folder}{target}", "mount_cwd", ((folder, level),))
    if entry.mounts_project and entry.project_markers:
        claims = tuple((f"{_PROJECT} by {name}", level) for name in entry.project_markers)
        words = f"find the top of a project by {', '.join((*MARKERS, *entry.project_markers))}"
        yield Permission("medium", words, "project_markers", claims)


def _argument_permissions(entry: CatalogEntry) -> Iterator[Permission]:
    """Yield the permission for files named in arguments: the person who types them allows the program to see them."""
    if entry.path_args == "rw":
        words = "write files named in its arguments, and their folders"
        yield Permission("medium", words, "path_args", ((_ARGUMENTS, _WRITE),))
    elif entry.path_args == "ro":
        yield Permission("low", "read files named in its arguments", "path_args", ((_ARGUMENTS, _READ),))
    elif entry.path_args != "none" and entry.path_args:
        claims = tuple((f"{_ARGUMENTS} {option}", _READ) for option in entry.path_args)
        yield Permission("low", f"read files named in {', '.join(entry.path_args)}", "path_args", claims)


def _home_path(path: str) -> str:
    return "home" if path == "." else f"~/{path}"


def _bind_permission(each: AssessedBind) -> Permission:
    mount = each.mount
    verb = "read" if mount.read_only else "read & write"
    target = "" if mount.target == mount.source else f" (as {mount.target})"
    real = "" if each.plain else f", which is {' or '.join(each.real) or 'a path in a variable'}"
    reach = f": {each.reach.words}" if each.reach.words and not _is_obvious(each) else ""
    level = _READ if mount.read_only else _WRITE
    subjects = [f"path {path}" for path in each.real] or [f"path of {mount.source}"]
    claims = tuple((subject, level) for subject in subjects)
    return Permission(each.reach.risk, f"{verb} {mount.source}{target}{real}{reach}", "volumes", claims)


def _is_obvious(each: AssessedBind) -> bool:
    """Tell whether the source of a bind already says what it gives access to."""
    source, words = each.mount.source, each.reach.words
    named = is_engine_socket(source) or words.endswith("your home")
    return source in ("/", "~") or (each.plain and named)


def _is_own_volume(volume: str, app: str) -> bool:
    """Tell whether a volume has the app's name; any other may belong to another app or a compose project."""
    return volume in (app, f"applaunch-{app}") or volume.startswith((f"{app}-", f"applaunch-{app}-"))
