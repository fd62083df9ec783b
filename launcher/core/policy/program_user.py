"""The user that a program runs as, and other accounts whose setuid files it could leave on this machine."""

import re
from typing import NamedTuple

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.values.invocation import Invocation
from launcher.core.values.possible_values import possible_values

_NUMBER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_FIRST_REGULAR_ID = 1000  # lower ids belong to the system: root, and groups such as docker, disk and shadow


class ForeignAccount(NamedTuple):
    """A user or group other than the caller's that could own a setuid or setgid file, and its risk class."""

    words: str
    risk: str


class ProgramUser(NamedTuple):
    """The most powerful user that the program may run as."""

    words: str
    strength: int = 0  # 0: the caller, 1: another account, 2: a user that the image defines, 3: root
    foreign: tuple[ForeignAccount, ...] = ()


def program_user(entry: CatalogEntry, call: Invocation) -> ProgramUser:
    """Return the user that *entry* runs as; for a `user` with variables, the most powerful possible one."""
    found = possible_values(entry.user, call.env)
    users = [_parse_user(each, call) for each in found] if found else [_parse_user("0", call)]
    strongest = max(users, key=lambda each: (each.strength, len(each.foreign)))
    accounts = dict.fromkeys(
        (*(account for each in users for account in each.foreign), *(_group(each, call) for each in entry.group_add))
    )
    return strongest._replace(foreign=tuple(account for account in accounts if account.words))


def _parse_user(user: str, call: Invocation) -> ProgramUser:
    """Parse `user` as the engine does: a number, with or without a sign, or else a name in the image."""
    name, _, group = user.partition(":")
    if user == "host":
        return ProgramUser(f"run as you (uid {call.uid})")
    if user in ("image", ""):
        return ProgramUser(
            "run as the image's user", 2, (ForeignAccount("root, if the image's user is root", "critical"),)
        )
    if name == "root" or (_NUMBER.fullmatch(name) and int(name) == 0):
        return ProgramUser("run as root", 3, (ForeignAccount("root", "critical"),))
    if not _NUMBER.fullmatch(name):
        return ProgramUser(f"run as {user}", 2, (ForeignAccount(f"the image's user {name}", "critical"),))
    return ProgramUser(f"run as uid {user}", 1, (_uid(int(name), call), _group(group, call)))


def _uid(uid: int, call: Invocation) -> ForeignAccount:
    return ForeignAccount("" if uid == call.uid else f"uid {uid}", _risk(uid))


def _group(group: str, call: Invocation) -> ForeignAccount:
    """Return the account of a group by number or name; without a group, the image decides which one it is."""
    if not group:
        return ForeignAccount("a group that the image chooses", "critical")
    if not _NUMBER.fullmatch(group):
        return ForeignAccount(f"the image's group {group}", "critical")
    return ForeignAccount(
        "" if int(group) in (call.gid, *call.groups) else f"the group {int(group)}", _risk(int(group))
    )


def _risk(number: int) -> str:
    return "critical" if number < _FIRST_REGULAR_ID else "high"
