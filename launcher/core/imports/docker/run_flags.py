"""The options of `docker run` and `podman run`, each with how it is converted; the docs are made of these too."""

from typing import Literal, NamedTuple

Fate = Literal["carried", "explained", "refused"]
"""``carried`` into a key; ``explained``: done anyway, or of no use in the foreground; ``refused``: no key for it."""

Kind = Literal["value", "switch", "switch, on"]
"""Whether an option takes a value; ``switch, on`` is on by default."""


class Flag(NamedTuple):
    """One option; *why* explains its fate, *key* is the catalog's, for a refused option the planned one."""

    name: str
    short: str
    kind: Kind
    fate: Fate
    why: str = ""
    key: str = ""
    also: tuple[str, ...] = ()  # other spellings

    @property
    def takes(self) -> bool:
        """Whether it takes a value."""
        return self.kind == "value"


def carried(name: str, key: str, short: str = "", why: str = "", *, also: str = "") -> Flag:
    """Return an option that is converted to a catalog key."""
    return Flag(name, short, "value", "carried", why, key, tuple(also.split()))


def explained(name: str, why: str, short: str = "", *, kind: Kind = "value") -> Flag:
    """Return an option that applaunch applies anyway, or that has no effect for a program in the foreground."""
    return Flag(name, short, kind, "explained", why)


def refused(name: str, why: str, short: str = "", *, kind: Kind = "value", also: str = "") -> Flag:
    """Return an option that no catalog key can express."""
    return Flag(name, short, kind, "refused", why, "", tuple(also.split()))


def planned(name: str, key: str, *, kind: Kind = "value") -> Flag:
    """Return an option whose catalog key is reserved and not implemented."""
    return Flag(name, "", kind, "refused", f"the key {key!r} is reserved and not implemented yet", key)
