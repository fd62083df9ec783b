"""The tag of its own that each deployment has: it keeps an engine from taking its image for one that nobody needs."""

from __future__ import annotations

from launcher.fast_stdlib import pattern

TAG_PREFIX = "docker.io/applaunch/"
"""Where these tags are; what docker shows as ``applaunch/``. Nothing is ever pulled from there."""

BUILD_PREFIX = "localhost/applaunch-build/"
"""Where the images are that we build; a registry of that name is never asked for one."""

_COMPONENT = pattern(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*")
_OWN_TAG = pattern(TAG_PREFIX.replace(".", r"\.") + r"[^/:]+:([1-9][0-9]{0,8}|next)-([0-9a-z]+)")


def deployment_tag(app: str, number: int, record: str) -> str:
    """Return the tag of a deployment, in full: ``docker.io/applaunch/jq:7-1a2b3c``.

    *record* tells one user's record from another's: several may use one engine. Number and record tell the deployment
    from all others, so that a name which no repository can have may lose something.
    """
    return f"{TAG_PREFIX}{_component(app)}:{number}-{record}"


def next_tag(app: str, record: str) -> str:
    """Return the tag under which an image waits that was downloaded for *app* and is not deployed yet."""
    return f"{TAG_PREFIX}{_component(app)}:next-{record}"


def build_name(app: str, recipe: str = "") -> str:
    """Return the name of the image that is built for *app*: of one *recipe* (its checksum), or what its entry says."""
    return f"{BUILD_PREFIX}{_component(app)}:{recipe[:32] or 'latest'}"


def is_built(image: str) -> bool:
    """Tell whether *image* is one that we build."""
    return image.startswith(BUILD_PREFIX)


def _component(app: str) -> str:
    if _COMPONENT.fullmatch(app):
        return app
    return "".join([char if char.isalnum() else "-" for char in app]).strip("-") + "-x"


def number_of(tag: str) -> int:
    """Return the number of the deployment whose *tag* this is; 0 for any other tag."""
    found = _OWN_TAG.fullmatch(tag)
    return int(found[1]) if found and found[1] != "next" else 0


def record_id(tag: str) -> str:
    """Return whose record a tag of ours belongs to; "" for any other tag."""
    found = _OWN_TAG.fullmatch(tag)
    return found[2] if found else ""
