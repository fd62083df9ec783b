"""An image's config, as docker and registries write it, as a value; foreign data of any shape is accepted."""

from __future__ import annotations

from launcher.core.sandbox.tree import ImageConfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def parse_image_config(config: Any, platform: str = "") -> ImageConfig:
    """Return the *config* of an image for *platform*: the object ``config`` of the OCI image-spec (config.md).

    What does not have the type of the specification is left out.
    """
    facts = config if isinstance(config, dict) else {}
    return ImageConfig(
        entrypoint=_words(facts.get("Entrypoint")),
        command=_words(facts.get("Cmd")),
        environment=_words(facts.get("Env")),
        working_dir=next(_paths([facts.get("WorkingDir")]), ""),
        user=_text(facts.get("User")),
        volumes=tuple(sorted(_paths(facts.get("Volumes")))),
        stop_signal=_text(facts.get("StopSignal")),
        platform=platform,
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _words(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):  # images of docker 1.x
        return (value,)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _paths(value: Any) -> Iterator[str]:
    """Yield what may be an absolute path, of a list or of an object's keys."""
    for each in value if isinstance(value, (dict, list)) else ():
        if isinstance(each, str) and each.startswith("/") and "\0" not in each and not _SURROGATES & {*each}:
            yield each


_SURROGATES = frozenset(map(chr, range(0xD800, 0xE000)))
