"""What an entry lets its program do, derived from its run keys and never declared twice."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from launcher.core.call import Invocation
from launcher.core.entry import CatalogEntry
from launcher.core.mount import Mount

RISKS = ("low", "medium", "high", "critical")
"""The four classes of catalog-format.md, mildest first."""

Claim = tuple[str, int]
"""One right, told apart from all others, and how far it goes."""

_READ, _WRITE = 1, 2


class Permission(NamedTuple):
    """One thing the program may do: how risky, in words, the key that grants it, and the rights that it is made of."""

    risk: str
    words: str
    key: str
    claims: tuple[Claim, ...] = ()


def permissions(entry: CatalogEntry, call: Invocation, *, built: bool = False) -> tuple[Permission, ...]:
    """Return what *entry* grants when it is called by this caller, in the order people ask.

    *built* tells that its image is composed on this machine.
    """
    recipe = [Permission("high", "its image is built here", "build", (("build", 1),))] if built else []
    return (*_who(entry, call), *_network(entry), *_files(entry, call), *_rights(entry), *recipe)


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


def _holds(folder: str, subject: str) -> bool:
    return folder.startswith("path ") and f"{subject}/".startswith(f"{folder}/")


def _who(entry: CatalogEntry, call: Invocation) -> Iterator[Permission]:
    if entry.user == "host":
        yield Permission("low", f"run as you (uid {call.uid})", "user")
    elif entry.user == "image":
        yield Permission("low", "run as the image's user", "user", (("user", 2),))
    else:
        root = entry.user.partition(":")[0] in ("0", "root")
        words = f"run as {'root' if root else f'uid {entry.user}'}"
        yield Permission("high" if root else "low", words, "user", (("user", 3 if root else 1),))


def _network(entry: CatalogEntry) -> Iterator[Permission]:
    if entry.network_mode == "none":
        yield Permission("low", "no network", "network_mode")
    elif entry.network_mode == "host":
        yield Permission("high", "this machine's own network", "network_mode", (("network", 2),))
    elif entry.network_mode == "bridge":
        yield Permission("medium", "network", "network_mode", (("network", 1),))
    else:
        claims = (("network", 1), (f"network {entry.network_mode}", 1))
        yield Permission("medium", f"the network {entry.network_mode}", "network_mode", claims)
    for port in entry.ports:
        risk = "medium" if port.host_ip in ("127.0.0.1", "::1") else "high"
        words = f"answer on {port.host_ip}:{port.host_port or 'a free port'}"
        yield Permission(risk, words, "ports", ((f"port {port.host_ip}:{port.host_port}/{port.protocol}", 1),))


def _files(entry: CatalogEntry, call: Invocation) -> Iterator[Permission]:
    if entry.mount_cwd != "none":
        risk, verb = ("medium", "read & write") if entry.mount_cwd == "rw" else ("low", "read")
        seen = f" (as {entry.working_dir})" if entry.working_dir else ""
        claims = (("the current folder", _WRITE if entry.mount_cwd == "rw" else _READ),)
        yield Permission(risk, f"{verb} the current folder{seen}", "mount_cwd", claims)
    if entry.path_args == "rw":
        yield Permission("medium", "write what its arguments name", "path_args", (("paths of arguments", _WRITE),))
    if entry.persist:
        yield Permission("low", f"keep {', '.join(_of_home(path) for path in entry.persist)} for itself", "persist")
    for mount in entry.volumes:
        verb = "read" if mount.read_only else "read & write"
        seen = "" if mount.target == mount.source else f" (as {mount.target})"
        claims = ((_subject(mount, call.home), _READ if mount.read_only else _WRITE),)
        yield Permission(_risk_of(mount, call.home), f"{verb} {_named(mount)}{seen}", "volumes", claims)


def _of_home(path: str) -> str:
    return "a home" if path == "." else f"~/{path}"


def _subject(mount: Mount, home: str) -> str:
    if mount.kind == "volume":
        return f"volume {mount.source}"
    source = mount.source.replace("${HOME}", "~", 1)
    return f"path {home + source[1:] if source.startswith('~') else source}".rstrip("/")  # "path " is /


def _risk_of(mount: Mount, home: str) -> str:
    if mount.kind == "volume":
        return "low"
    if mount.source.endswith(("docker.sock", "podman.sock", "containerd.sock")):
        return "critical"
    source = mount.source.rstrip("/")
    whole = source in ("~", "${HOME}") or f"{home}/".startswith(f"{source}/")  # the home, or what holds it
    return "critical" if whole and not mount.read_only else "high"


def _named(mount: Mount) -> str:
    return f"the volume {mount.source}" if mount.kind == "volume" else mount.source


def _rights(entry: CatalogEntry) -> Iterator[Permission]:
    passed = [name for name, value in entry.environment if value is None]
    if passed:
        claims = tuple((f"variable {name}", 1) for name in passed)
        yield Permission("medium", f"your variables {', '.join(passed)}", "environment", claims)
    if entry.group_add:
        claims = tuple((f"group {name}", 1) for name in entry.group_add)
        yield Permission("medium", f"the groups {', '.join(entry.group_add)}", "group_add", claims)
    if entry.cap_add:
        claims = tuple((f"capability {name}", 1) for name in entry.cap_add)
        yield Permission("critical", f"the capabilities {', '.join(entry.cap_add)}", "cap_add", claims)
    for option in entry.security_opt:
        if _loosens(option.lower()):
            yield Permission("critical", f"run with {option}", "security_opt", ((f"option {option.lower()}", 1),))


def _loosens(option: str) -> bool:
    name, _, value = option.replace("=", ":", 1).partition(":")  # docker takes both signs
    privileges = name == "no-new-privileges" and value not in ("", "1", "t", "true")
    return "unconfined" in value or (name, value) == ("label", "disable") or privileges
