"""Which of an index's images is for a platform, and whether an image is for it at all."""

from collections.abc import Mapping, Sequence
from typing import Any

from launcher.core.values.reference import Reference
from launcher.errors import RegistryError
from launcher.registry.manifests import Descriptor, joined

_WITHOUT_SAYING = {"linux/arm64/v8": "linux/arm64", "linux/amd64/v1": "linux/amd64", "linux/arm/v7": "linux/arm"}
"""Variants that nobody needs to name (containerd's platforms.Normalize)."""


def chosen(ref: Reference, parts: Sequence[Descriptor], platform: str) -> Descriptor:
    """Return what an index has for *platform* (``linux/amd64``, ``linux/arm/v7``); raises `RegistryError` for none.

    Where no variant is asked for any will do, the usual one before others.
    """
    exact = [each for each in parts if _usual(each.platform) == _usual(platform)]
    close = [each for each in parts if _fits(platform, each.platform)]
    if platform and (found := [*exact, *close]):
        return found[0]
    raise _none(ref, platform, [each.platform for each in parts if each.platform not in ("", "unknown/unknown")])


def check(ref: Reference, config: Mapping[str, Any], platform: str) -> None:
    """Raise `RegistryError` where an image of that *config* is not for *platform*; "" is every one."""
    has = joined(config)
    if platform and not suits(platform, has):
        raise _none(ref, platform, [has] if has else [])


def suits(platform: str, has: str) -> bool:
    """Tell whether what *has* this platform will do for who asks for *platform*."""
    return _usual(has) == _usual(platform) or _fits(platform, has)


def _fits(platform: str, has: str) -> bool:
    return platform.count("/") == 1 and has.startswith(f"{platform}/")


def _usual(platform: str) -> str:
    return _WITHOUT_SAYING.get(platform, platform)


def _none(ref: Reference, platform: str, others: Sequence[str]) -> RegistryError:
    only = f", only for {', '.join(dict.fromkeys(others))}" if others else ""
    what = f"there is no such image for {platform}{only}" if platform else f"there is one for each platform{only}"
    return RegistryError(ref.familiar, what, f"platform = {others[0]!r}" if others else "name another image")
