"""Pull an image: report the engine's progress events, and explain a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.core.images.pull_events import PullEvent, PullResult
from launcher.engine import docker_requests, pull_denials, sdk_errors
from launcher.engine.credentials import ANONYMOUS
from launcher.engine.docker_client import STREAM_TIMEOUT, translate_errors
from launcher.engine.local_images import inspect
from launcher.errors import EngineError, EngineLostError, EngineStalledError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from docker import APIClient

    from launcher.core.values.reference import Reference
    from launcher.engine.credentials import Login
    from launcher.engine.local_images import ImageFacts


def pull_image(
    client: APIClient,
    ref: Reference,
    platform: str = "",
    login: Login = ANONYMOUS,
    show: Callable[[PullEvent], None] = lambda _: None,
) -> PullResult:
    """Pull *ref* and pass each step to *show*; Ctrl-C also stops the pull in the engine.

    Raises `EngineError`: no such image or tag, login needed, registry or engine unreachable, disk full.
    """
    before = inspect(client, ref.exact)
    digest = status = ""
    for raw_event in _events(client, ref, platform, login):
        if "errorDetail" in raw_event or "error" in raw_event:
            raise pull_denials.explain_denial(_error(raw_event), ref, login, platform)
        step = parse_event(raw_event)
        if step.id or not step.status.startswith(("Digest: ", "Status: ")):
            show(step)
        elif step.status.startswith("Digest: "):
            digest = step.status.removeprefix("Digest: ")
        else:
            status = step.status.removeprefix("Status: ")
    after = _inspect_pulled(client, ref, platform)
    same = before is not None and before.id == after.id
    return PullResult(ref.digest or digest or after.digest_in(ref.repo), status or _status(ref, same=same))


def parse_event(raw_event: dict[str, Any]) -> PullEvent:
    """Convert one of the engine's events; missing or invalid numbers become 0."""
    detail = raw_event.get("progressDetail") or {}
    current, total = (value if isinstance(value := detail.get(key), int) else 0 for key in ("current", "total"))
    if units := detail.get("units"):  # containerd's store reports the seconds of an extraction
        return PullEvent(str(raw_event.get("id") or ""), str(raw_event.get("status") or ""), text=f"{current} {units}")
    return PullEvent(str(raw_event.get("id") or ""), str(raw_event.get("status") or ""), current, total)


def _events(client: APIClient, ref: Reference, platform: str, login: Login) -> Iterator[dict[str, Any]]:
    """Yield the engine's events, like docker-py's ``pull(stream=True, decode=True)``, but close the response."""
    wanted = {"fromImage": ref.repo, "tag": ref.digest or ref.tag} | ({"platform": platform} if platform else {})
    with translate_errors(ref.familiar):
        answer = docker_requests.post(  # docker-py's pull() keeps the response, which a Ctrl-C has to close
            client,
            "/images/create",
            params=wanted,
            headers={"X-Registry-Auth": login.header()},
            stream=True,
            timeout=STREAM_TIMEOUT,
        )
    try:
        if not answer.ok:
            with translate_errors(ref.familiar):
                why = _message(answer)
            raise pull_denials.explain_denial(why, ref, login, platform)
        docker_requests.remove_timeout(answer)
        events = docker_requests.stream_json(client, answer)
        while True:
            try:
                with translate_errors(ref.familiar):
                    step = next(events, None)
            except EngineStalledError:
                raise
            except EngineLostError as error:
                raise sdk_errors.engine_lost(ref.familiar, "the engine was lost while pulling") from error
            if step is None:
                return
            yield step
    finally:
        answer.close()


def _message(answer: Any) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return str(answer.text) or f"HTTP {answer.status_code}"


def _error(raw_event: dict[str, Any]) -> str:
    detail = raw_event.get("errorDetail")
    return str(detail.get("message") or raw_event.get("error") if isinstance(detail, dict) else raw_event.get("error"))


def _inspect_pulled(client: APIClient, ref: Reference, platform: str) -> ImageFacts:
    """Inspect the pulled image: podman reports no digest, and engines accept another platform silently."""
    facts = inspect(client, ref.exact)
    if facts is None:
        raise EngineError(
            ref.familiar, "the image was pulled and is already gone", "is something else removing images?"
        )
    if platform and not _fits(platform, facts):
        raise pull_denials.wrong_platform(ref, platform, f"{facts.os}/{facts.arch}")
    return facts


def _status(ref: Reference, *, same: bool) -> str:
    """Return the closing status line, which podman does not send."""
    return f"Image is up to date for {ref.exact}" if same else f"Downloaded newer image for {ref.exact}"


def _fits(platform: str, facts: ImageFacts) -> bool:
    wanted = platform.split("/")
    return wanted[:2] == [facts.os, facts.arch][: len(wanted)]
