"""What a registry has for a name today, asked through the engine: its mirrors, its certificates, its network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.engine import pull_denials
from launcher.engine.credentials import ANONYMOUS
from launcher.engine.docker_client import translate_errors

if TYPE_CHECKING:
    from docker import APIClient

    from launcher.core.values.reference import Reference
    from launcher.engine.credentials import Login


def latest_digest(client: APIClient, ref: Reference, login: Login = ANONYMOUS) -> str:
    """Return the digest that the registry of *ref* has for it now, by one request for the manifest.

    "" where the engine has no such question (podman: ``/distribution`` is docker's). Raises `EngineError` in the words
    of a pull: no such tag, login needed, out of reach.
    """
    raw: Any = client
    with translate_errors(ref.familiar):
        answer = raw._get(  # noqa: SLF001  docker-py's inspect_distribution() reads config.json, which may be broken
            raw._url("/distribution/{0}/json", f"{ref.repo}:{ref.tag}"),  # noqa: SLF001  as above
            headers={"X-Registry-Auth": login.header()},
        )
    if answer.ok:
        with translate_errors(ref.familiar):
            return str(answer.json()["Descriptor"]["digest"])
    why = _message(answer)
    if (answer.status_code == _NO_SUCH and "page not found" in why.lower()) or why == "Not Found":
        return ""
    raise pull_denials.explain_denial(why, ref, login, "")


def registry_mirrors(client: APIClient) -> list[str]:
    """Return the URLs that the engine asks before Docker Hub (dockerd's ``registry-mirrors``); podman tells of none."""
    raw: Any = client
    with translate_errors("info"):
        settings = raw.info().get("RegistryConfig") or {}
    return [str(each) for each in settings.get("Mirrors") or ()]


_NO_SUCH = 404


def _message(answer: Any) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return str(answer.text).strip() or f"HTTP {answer.status_code}"
