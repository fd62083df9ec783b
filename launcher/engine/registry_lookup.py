"""Ask a registry for the current digest of a name through the engine, with its mirrors, certificates and network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine import docker_requests, pull_denials
from launcher.engine.credentials import ANONYMOUS
from launcher.engine.docker_client import translate_errors

if TYPE_CHECKING:
    from docker import APIClient

    from launcher.core.values.reference import Reference
    from launcher.engine.credentials import Login


def latest_digest(client: APIClient, ref: Reference, login: Login = ANONYMOUS) -> str:
    """Return the registry's current digest of *ref*, by one request for the manifest.

    Returns "" if the engine has no such request (podman: ``/distribution`` is docker's). Raises `EngineError` as for a
    pull: no such tag, login needed, unreachable.
    """
    with translate_errors(ref.familiar):
        answer = docker_requests.get(  # docker-py's inspect_distribution() reads config.json, which may be broken
            client,
            "/distribution/{0}/json",
            f"{ref.repo}:{ref.tag}",
            headers={"X-Registry-Auth": login.header()},
        )
    if answer.ok:
        with translate_errors(ref.familiar):
            return str(answer.json()["Descriptor"]["digest"])
    why = _message(answer)
    if (answer.status_code == _NOT_FOUND and "page not found" in why.lower()) or why == "Not Found":
        return ""
    raise pull_denials.explain_denial(why, ref, login, "")


def registry_mirrors(client: APIClient) -> list[str]:
    """Return the mirrors that the engine uses for Docker Hub (dockerd's ``registry-mirrors``); podman reports none."""
    raw: Any = client
    with translate_errors("info"):
        settings = raw.info().get("RegistryConfig") or {}
    return [str(each) for each in settings.get("Mirrors") or ()]


_NOT_FOUND = 404


def _message(answer: Any) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return str(answer.text).strip() or f"HTTP {answer.status_code}"
