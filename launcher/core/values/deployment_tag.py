"""The tag of each deployment's image, which keeps the engine from pruning it as unused."""

from __future__ import annotations

from launcher.fast_stdlib import pattern

TAG_PREFIX = "docker.io/applaunch/"
"""The repository of these tags, which docker shows as ``applaunch/``. Nothing is ever pulled from it."""

BUILD_PREFIX = "localhost/applaunch-build/"
"""The repository of images built on this machine; they are never pulled from a registry."""

_COMPONENT = pattern(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*")
_OWN_TAG = pattern(TAG_PREFIX.replace(".", r"\.") + r"[^/:]+:([1-9][0-9]{0,8}|next)-([0-9a-z]+)")


def deployment_tag(app: str, number: int, record: str) -> str:
    """Return the full tag of a deployment: ``docker.io/applaunch/jq:7-1a2b3c``.

    *record* is the id of the user's record, because several users may share one engine. *number* and *record*
    identify the deployment, so characters of *app* that a repository name cannot contain may be replaced.
    """
    return f"{TAG_PREFIX}{_component(app)}:{number}-{record}"


def next_tag(app: str, record: str) -> str:
    """Return the tag of an image that was downloaded for *app* but is not deployed yet."""
    return f"{TAG_PREFIX}{_component(app)}:next-{record}"


def build_name(app: str, recipe: str = "") -> str:
    """Return the name of the image built for *app* from one *recipe* (its checksum), or the name its entry uses."""
    return f"{BUILD_PREFIX}{_component(app)}:{recipe[:32] or 'latest'}"


def is_built(image: str) -> bool:
    """Tell whether *image* is built on this machine."""
    return image.startswith(BUILD_PREFIX)


def _component(app: str) -> str:
    if _COMPONENT.fullmatch(app):
        return app
    return "".join([char if char.isalnum() else "-" for char in app]).strip("-") + "-x"


def number_of(tag: str) -> int:
    """Return the deployment number in *tag*; 0 if it is not the tag of a deployment."""
    found = _OWN_TAG.fullmatch(tag)
    return int(found[1]) if found and found[1] != "next" else 0


def record_id(tag: str) -> str:
    """Return the record id in *tag*; "" if it is not one of our tags."""
    found = _OWN_TAG.fullmatch(tag)
    return found[2] if found else ""
