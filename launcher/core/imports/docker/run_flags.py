"""The options of `docker run` and `podman run`: what becomes of each, told once, for reading, refusing and the page."""

from typing import Literal, NamedTuple

Fate = Literal["carried", "explained", "refused"]
"""``carried`` into a key; ``explained``: done anyway, or of no use in the foreground; ``refused``: no key says it."""

Kind = Literal["value", "switch", "switch, on"]
"""What follows an option: a value, or nothing; the last is on where nothing is said."""


class Flag(NamedTuple):
    """One option; *why* is told with its fate, *key* is the catalog's, of a refused one the key that is planned."""

    name: str
    short: str
    kind: Kind
    fate: Fate
    why: str = ""
    key: str = ""
    also: tuple[str, ...] = ()  # other spellings

    @property
    def takes(self) -> bool:
        """Whether it is followed by a value."""
        return self.kind == "value"


def carried(name: str, key: str, short: str = "", why: str = "", *, also: str = "") -> Flag:
    """Return an option whose value a key of the catalog says."""
    return Flag(name, short, "value", "carried", why, key, tuple(also.split()))


def explained(name: str, why: str, short: str = "", *, kind: Kind = "value") -> Flag:
    """Return an option whose work applaunch does by itself, or that a program in the foreground has no use for."""
    return Flag(name, short, kind, "explained", why)


def refused(name: str, why: str, short: str = "", *, kind: Kind = "value", also: str = "") -> Flag:
    """Return an option that no key says."""
    return Flag(name, short, kind, "refused", why, "", tuple(also.split()))


def planned(name: str, key: str, *, kind: Kind = "value") -> Flag:
    """Return an option whose key belongs to the format and does not work yet."""
    return Flag(name, "", kind, "refused", f"the key {key!r} is planned, and not built yet", key)
