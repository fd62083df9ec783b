"""The LC_CTYPE that Python itself sets where its caller's locale is C (PEP 538): no program shall inherit it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def without_coerced_locale(env: Mapping[str, str]) -> Mapping[str, str]:
    """Return *env* without LC_CTYPE if the caller has not set it; unchanged where nothing tells what the caller set."""
    try:
        with open("/proc/self/environ", "rb") as file:
            if b"\0LC_CTYPE=" in b"\0" + file.read():
                return env
    except OSError:
        return env
    return {name: value for name, value in env.items() if name != "LC_CTYPE"}
