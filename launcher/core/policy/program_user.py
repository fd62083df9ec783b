"""Who the program is, and whose rights a file could carry that it leaves on this machine."""

import re
from typing import NamedTuple

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.values.invocation import Invocation
from launcher.core.values.possible_values import possible_values

_NUMBER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_FIRST_OF_PEOPLE = 1000  # lower ids are the system's: root, and groups such as docker, disk and shadow


class Mark(NamedTuple):
    """An account other than the caller's, which a setuid or setgid file can carry, and how risky that is."""

    words: str
    risk: str


class Person(NamedTuple):
    """Who the program is at the worst."""

    words: str
    strength: int = 0  # 0: the caller, 1: another account, 2: whoever the image names, 3: root
    marks: tuple[Mark, ...] = ()


def person(entry: CatalogEntry, call: Invocation) -> Person:
    """Return who *entry* runs as; a `user` with variables is the strongest that it may come out as."""
    found = possible_values(entry.user, call.env)
    people = [_person(each, call) for each in found] if found else [_person("0", call)]
    worst = max(people, key=lambda each: (each.strength, len(each.marks)))
    marks = dict.fromkeys(
        (*(mark for each in people for mark in each.marks), *(_group(each, call) for each in entry.group_add))
    )
    return worst._replace(marks=tuple(mark for mark in marks if mark.words))


def _person(user: str, call: Invocation) -> Person:
    """Read `user` as the engine does: a number, with or without a sign, else a name of the image's own."""
    name, _, group = user.partition(":")
    if user == "host":
        return Person(f"run as you (uid {call.uid})")
    if user in ("image", ""):
        return Person("run as the image's user", 2, (Mark("root, if the image says so", "critical"),))
    if name == "root" or (_NUMBER.fullmatch(name) and int(name) == 0):
        return Person("run as root", 3, (Mark("root", "critical"),))
    if not _NUMBER.fullmatch(name):
        return Person(f"run as {user}", 2, (Mark(f"whoever the image calls {name}", "critical"),))
    return Person(f"run as uid {user}", 1, (_uid(int(name), call), _group(group, call)))


def _uid(uid: int, call: Invocation) -> Mark:
    return Mark("" if uid == call.uid else f"uid {uid}", _risk(uid))


def _group(group: str, call: Invocation) -> Mark:
    """Return the mark of a group by number or name; if there is none, the image says which one it is."""
    if not group:
        return Mark("a group that the image says", "critical")
    if not _NUMBER.fullmatch(group):
        return Mark(f"whatever group the image calls {group}", "critical")
    return Mark("" if int(group) in (call.gid, *call.groups) else f"the group {int(group)}", _risk(int(group)))


def _risk(number: int) -> str:
    return "critical" if number < _FIRST_OF_PEOPLE else "high"
