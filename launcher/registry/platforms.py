"""The image of an index that runs on a platform."""

from collections.abc import Mapping, Sequence
from typing import Any

from launcher.core.values.reference import Reference
from launcher.errors import RegistryError
from launcher.registry.manifests import Descriptor, platform_of

_DEFAULT_VARIANTS = {"linux/arm64/v8": "linux/arm64", "linux/amd64/v1": "linux/amd64", "linux/arm/v7": "linux/arm"}
"""Default variants, which may be omitted (containerd's platforms.Normalize)."""


def choose(ref: Reference, parts: Sequence[Descriptor], platform: str) -> Descriptor:
    """Return the descriptor for *platform* (``linux/amd64``, ``linux/arm/v7``) among those of an index.

    Without a variant any will do, preferably the default one. Raises `RegistryError` if there is none.
    """
    exact = [each for each in parts if _normal(each.platform) == _normal(platform)]
    close = [each for each in parts if _is_variant_of(platform, each.platform)]
    if platform and (found := [*exact, *close]):
        return found[0]
    raise _none(ref, platform, [each.platform for each in parts if each.platform not in ("", "unknown/unknown")])


def check(ref: Reference, config: Mapping[str, Any], platform: str) -> None:
    """Raise `RegistryError` if an image with that *config* is not for *platform*; "" accepts any."""
    has = platform_of(config)
    if platform and not runs_on(platform, has):
        raise _none(ref, platform, [has] if has else [])


def runs_on(platform: str, has: str) -> bool:
    """Return whether an image for *has* runs on *platform*."""
    return _normal(has) == _normal(platform) or _is_variant_of(platform, has)


def _is_variant_of(platform: str, has: str) -> bool:
    return platform.count("/") == 1 and has.startswith(f"{platform}/")


def _normal(platform: str) -> str:
    return _DEFAULT_VARIANTS.get(platform, platform)


def _none(ref: Reference, platform: str, others: Sequence[str]) -> RegistryError:
    only = f", only for {', '.join(dict.fromkeys(others))}" if others else ""
    what = f"there is no image for {platform}{only}" if platform else f"there is an image for each platform{only}"
    return RegistryError(ref.familiar, what, f"platform = {others[0]!r}" if others else "choose another image")
