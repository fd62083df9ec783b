"""The mirrors of Docker Hub in the configuration of this machine's engines, which need not run to have it."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from launcher.core.values.reference import HUB

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def configured_mirrors(env: Mapping[str, str], home: str, etc: str = "/etc") -> list[str]:
    """Return the URLs of mirrors in the configuration of docker and podman below *home* and *etc*; [] without any.

    That is dockerd's ``registry-mirrors`` (daemon.json), and the mirrors of ``docker.io`` in
    containers-registries.conf(5). A file that is not there or invalid has none: then the engine has none either.
    """
    config = env.get("XDG_CONFIG_HOME") or f"{home}/.config"
    found = [url for folder in (config, etc) for url in _docker_mirrors(f"{folder}/docker/daemon.json")]
    own = env.get("CONTAINERS_REGISTRIES_CONF") or f"{config}/containers/registries.conf"
    main = own if Path(own).is_file() else f"{etc}/containers/registries.conf"
    found += [url for path in (main, *_additions(etc), *_additions(config)) for url in _podman_mirrors(path)]
    return [*dict.fromkeys(found)]


def _additions(folder: str) -> list[str]:
    return sorted(map(str, Path(folder, "containers/registries.conf.d").glob("*.conf")))


def _docker_mirrors(path: str) -> list[str]:
    return _members(_read(path, json.loads), "registry-mirrors", str)


def _podman_mirrors(path: str) -> Iterator[str]:
    for registry in _members(_read(path, tomllib.loads), "registry", dict):
        if registry.get("prefix", registry.get("location")) == HUB:
            for mirror in _members(registry, "mirror", dict):
                yield f"{'http' if mirror.get('insecure') is True else 'https'}://{mirror.get('location')}"


def _members(value: Any, key: str, kind: type) -> list[Any]:
    """Return the members of the list *key* of a table that are of one *kind*: the file may hold anything."""
    found = value.get(key) if isinstance(value, dict) else None
    return [each for each in found if isinstance(each, kind)] if isinstance(found, list) else []


def _read(path: str, parse: Any) -> Any:
    try:
        return parse(Path(path).read_text("utf-8"))
    except (OSError, ValueError):  # also what is no UTF-8, JSON or TOML
        return None
