"""One permission of a program."""

from typing import NamedTuple

Claim = tuple[str, int]
"""One right by its unique name, and its extent."""


class Permission(NamedTuple):
    """One permission: its risk class, its description, the key that grants it, and the rights that it consists of."""

    risk: str
    words: str
    key: str
    claims: tuple[Claim, ...] = ()
