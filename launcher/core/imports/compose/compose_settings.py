"""The variables of the ``.env`` file beside a compose file, as defaults in a service."""

from collections.abc import Mapping
from typing import Any

from launcher.core.imports.docker.file_variables import set_defaults


def with_environment(service: Any, settings: Mapping[str, str]) -> Any:
    """Return *service* with the *settings* as defaults of the variables that it passes by their names alone."""
    passed = service.get("environment") if isinstance(service, dict) else None
    if isinstance(passed, dict):
        said: Any = {name: _passed(name, settings) if text is None else text for name, text in passed.items()}
    elif isinstance(passed, list):
        texts = [(item, _passed(item, settings)) for item in passed]
        said = [item if text is None else f"{item}={text}" for item, text in texts]
    else:
        return service
    return {**service, "environment": said}


def _passed(name: Any, settings: Mapping[str, str]) -> str | None:
    return f"${{{name}}}" if isinstance(name, str) and name in settings else None


def with_settings(raw: Any, settings: Mapping[str, str]) -> Any:
    """Return *raw* with the *settings* as defaults in every text of it."""
    if isinstance(raw, dict):
        return {key: with_settings(each, settings) for key, each in raw.items()}
    if isinstance(raw, list):
        return [with_settings(each, settings) for each in raw]
    return set_defaults(raw, settings) if isinstance(raw, str) and settings else raw
