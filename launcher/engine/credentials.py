"""Who we are to a registry: docker's config, its credential helpers, then podman's auth.json; never fatal.

Docker's own command pulls a public image whatever is broken in these files, docker-py does not: so a failure
here makes the pull anonymous and is told only if the registry then refuses.
"""

from __future__ import annotations

import base64
import json
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from launcher.core.values.reference import HUB
from launcher.engine.endpoint import read_docker_config

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from launcher.core.values.reference import Reference


class Login(NamedTuple):
    """What is sent to the engine for a registry, and what went wrong on the way to it."""

    fields: Mapping[str, str] = {}
    """The engine API's AuthConfig (``username``, ``password``, ``identitytoken``...); empty for anonymous."""
    trouble: str = ""
    """Why nothing, or not the first choice, was found; told only when the registry says no."""

    def header(self) -> str:
        """Return the value of ``X-Registry-Auth``."""
        return base64.urlsafe_b64encode(json.dumps(dict(self.fields)).encode()).decode()


ANONYMOUS = Login()


def find_login(ref: Reference, env: Mapping[str, str], home: str, uid: int) -> Login:
    """Find the login for the registry of *ref*; anonymous when there is none."""
    troubles: list[str] = []
    for config in _configs(env, home, uid):
        for source in (_from_helper, _from_auths):
            try:
                fields = source(config, ref)
            except Exception as error:  # noqa: BLE001  whatever a file or a helper does, a public image is pulled
                troubles.append(" ".join(str(error).split()) or type(error).__name__)
                continue
            if fields:
                return Login(fields, "; ".join(troubles))
    return Login({}, "; ".join(troubles))


def _configs(env: Mapping[str, str], home: str, uid: int) -> Iterable[dict[str, Any]]:
    """Yield the files in the order they are believed; podman's are read where docker's know nothing."""
    yield _loaded(env.get("DOCKER_AUTH_CONFIG", ""))
    yield read_docker_config(env, home)
    if path := env.get("REGISTRY_AUTH_FILE"):
        yield _file(path)
    yield _file(f"{env.get('XDG_RUNTIME_DIR') or f'/run/user/{uid}'}/containers/auth.json")
    yield _file(f"{env.get('XDG_CONFIG_HOME') or f'{home}/.config'}/containers/auth.json")


def _file(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            return _loaded(file.read())
    except (OSError, ValueError):
        return {}


def _loaded(text: str) -> dict[str, Any]:
    try:
        config = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return config if isinstance(config, dict) else {}


def _from_helper(config: dict[str, Any], ref: Reference) -> dict[str, str]:
    """Ask the credential helper that the config names; docker-py runs it."""
    stores = {key: config[key] for key in ("credsStore", "credHelpers") if config.get(key)}
    if not stores:
        return {}
    sys.modules.setdefault("paramiko", None)  # type: ignore[arg-type]  # blocks a 76 ms import, as in client.py
    from docker.auth import AuthConfig  # noqa: PLC0415  75 to 125 ms

    found = AuthConfig(stores).resolve_authconfig(ref.registry) or {}
    return {key.lower(): str(value) for key, value in found.items()}


def _from_auths(config: dict[str, Any], ref: Reference) -> dict[str, str]:
    """Read ``auths``: docker's base64 ``auth``, an identity token, or plain ``username`` and ``password``."""
    auths = config.get("auths") or {}
    keys = [key for key in auths if _is_for(key, ref)]
    for key in sorted(keys, key=len, reverse=True):  # podman's keys may name a repository: the closest wins
        try:
            fields = _fields(auths[key])
        except (ValueError, KeyError, AttributeError, TypeError):
            raise ValueError(f"the entry for {key} in the logins cannot be read") from None
        if fields:
            return fields | {"serveraddress": key}
    return {}


def _fields(entry: dict[str, Any]) -> dict[str, str]:
    if token := entry.get("identitytoken"):
        return {"identitytoken": str(token)}
    if entry.get("username"):
        return {"username": str(entry["username"]), "password": str(entry["password"])}
    if not entry.get("auth"):
        return {}
    name, colon, password = base64.b64decode(entry["auth"], validate=True).decode().partition(":")
    if not colon:
        raise ValueError("no colon")
    return {"username": name, "password": password.rstrip("\0")}


def _is_for(key: str, ref: Reference) -> bool:
    scheme, separator, rest = key.partition("://")
    name = (rest.partition("/")[0] if separator else scheme).rstrip("/")
    host, slash, path = name.partition("/")
    host = HUB if host in (f"index.{HUB}", f"registry-1.{HUB}") else host
    if path in ("v1", "v2"):
        slash = path = ""
    return f"{ref.repo}/".startswith(f"{host}{slash}{path}/")
