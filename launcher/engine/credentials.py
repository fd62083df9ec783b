"""Registry logins from docker's config, credential helpers and podman's auth.json; a failure is never fatal.

The docker command pulls a public image even if these files are broken, docker-py does not. So a failure here makes the
pull anonymous, and is reported only if the registry then refuses.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from launcher.core.values.reference import HUB
from launcher.engine.docker_client import block_paramiko
from launcher.engine.endpoint import read_docker_config

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from launcher.core.values.reference import Reference


class Login(NamedTuple):
    """The login that is sent to the engine for a registry, and what went wrong while reading it."""

    fields: Mapping[str, str] = {}
    """The engine API's AuthConfig (``username``, ``password``, ``identitytoken``...); empty for anonymous."""
    error: str = ""
    """Why no login, or not the first choice, was found; reported only if the registry refuses."""

    def header(self) -> str:
        """Return the value of ``X-Registry-Auth``."""
        return base64.urlsafe_b64encode(json.dumps(dict(self.fields)).encode()).decode()


ANONYMOUS = Login()


def find_login(ref: Reference, env: Mapping[str, str], home: str, uid: int) -> Login:
    """Return the login for the registry of *ref*; anonymous if there is none."""
    errors: list[str] = []
    for config in _configs(env, home, uid):
        for source in (_from_helper, _from_auths):
            try:
                fields = source(config, ref)
            except Exception as error:  # noqa: BLE001  a broken file or helper must not stop the pull of a public image
                errors.append(" ".join(str(error).split()) or type(error).__name__)
                continue
            if fields:
                return Login(fields, "; ".join(errors))
    return Login({}, "; ".join(errors))


def _configs(env: Mapping[str, str], home: str, uid: int) -> Iterable[dict[str, Any]]:
    """Yield the config files in order of precedence; podman's apply if docker's have no login."""
    yield _parse(env.get("DOCKER_AUTH_CONFIG", ""))
    yield read_docker_config(env, home)
    if path := env.get("REGISTRY_AUTH_FILE"):
        yield _read_file(path)
    yield _read_file(f"{env.get('XDG_RUNTIME_DIR') or f'/run/user/{uid}'}/containers/auth.json")
    yield _read_file(f"{env.get('XDG_CONFIG_HOME') or f'{home}/.config'}/containers/auth.json")


def _read_file(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            return _parse(file.read())
    except (OSError, ValueError):
        return {}


def _parse(text: str) -> dict[str, Any]:
    try:
        config = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return config if isinstance(config, dict) else {}


def _from_helper(config: dict[str, Any], ref: Reference) -> dict[str, str]:
    """Run the credential helper that the config names, through docker-py."""
    stores = {key: config[key] for key in ("credsStore", "credHelpers") if config.get(key)}
    if not stores:
        return {}
    block_paramiko()
    from docker.auth import AuthConfig  # noqa: PLC0415  75 to 125 ms

    found = AuthConfig(stores).resolve_authconfig(ref.registry) or {}
    return {key.lower(): str(value) for key, value in found.items()}


def _from_auths(config: dict[str, Any], ref: Reference) -> dict[str, str]:
    """Read ``auths``: docker's base64 ``auth``, an identity token, or plain ``username`` and ``password``."""
    auths = config.get("auths") or {}
    keys = [key for key in auths if _matches(key, ref)]
    for key in sorted(keys, key=len, reverse=True):  # podman's keys may name a repository: the longest match wins
        try:
            fields = _fields(auths[key])
        except (ValueError, KeyError, AttributeError, TypeError):
            raise ValueError(f"the login for {key} cannot be read") from None
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


def _matches(key: str, ref: Reference) -> bool:
    scheme, separator, rest = key.partition("://")
    name = (rest.partition("/")[0] if separator else scheme).rstrip("/")
    host, slash, path = name.partition("/")
    host = HUB if host in (f"index.{HUB}", f"registry-1.{HUB}") else host
    if path in ("v1", "v2"):
        slash = path = ""
    return f"{ref.repo}/".startswith(f"{host}{slash}{path}/")
