"""What a registry asks for where it wants to know who we are: the WWW-Authenticate header, read (RFC 9110, 11.6)."""

import re
from collections.abc import Mapping
from typing import NamedTuple

_PIECE = re.compile(
    r"""[\s,]*(?:(?P<name>[\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s,"]+))"""
    r"""|(?P<scheme>[\w-]+)(?=[\s,]|$))""",
    re.ASCII,
)


class Challenge(NamedTuple):
    """One way in."""

    scheme: str
    """``basic``, ``bearer``..., in lower case."""
    parameters: Mapping[str, str]
    """By names in lower case: ``realm``, ``service``, ``scope``."""


def challenges(header: str) -> list[Challenge]:
    """Return the ways in that *header* names; what cannot be read ends the list."""
    found: list[Challenge] = []
    at = 0
    while piece := _PIECE.match(header, at):
        at = piece.end()
        if piece["scheme"]:
            found.append(Challenge(piece["scheme"].lower(), {}))
        elif found:
            value = re.sub(r"\\(.)", r"\1", piece["quoted"]) if piece["quoted"] is not None else piece["bare"]
            latest = found[-1]
            found[-1] = latest._replace(parameters={**latest.parameters, piece["name"].lower(): value})
    return found
