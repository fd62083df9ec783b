"""One thing that a program may do, and how far it goes."""

from typing import NamedTuple

Claim = tuple[str, int]
"""One right, told apart from all others, and how far it goes."""


class Permission(NamedTuple):
    """One thing the program may do: how risky, in words, the key that grants it, and the rights that it is made of."""

    risk: str
    words: str
    key: str
    claims: tuple[Claim, ...] = ()
