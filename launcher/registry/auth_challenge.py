"""The WWW-Authenticate header: how a registry wants to be authenticated to (RFC 9110, section 11.6)."""

import re
from collections.abc import Mapping
from typing import NamedTuple

_PIECE = re.compile(
    r"""[\s,]*(?:(?P<name>[\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s,"]+))"""
    r"""|(?P<scheme>[\w-]+)(?=[\s,]|$))""",
    re.ASCII,
)


class Challenge(NamedTuple):
    """One accepted way to authenticate."""

    scheme: str
    """``basic``, ``bearer``..., in lower case."""
    parameters: Mapping[str, str]
    """By names in lower case: ``realm``, ``service``, ``scope``."""


def parse_challenges(header: str) -> list[Challenge]:
    """Return the challenges in *header*, up to the first that is malformed."""
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
