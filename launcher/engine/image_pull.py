"""A pull: the engine's event stream told step by step, and its end or its failure in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from launcher.core.images.pull_events import Pulled, PullEvent
from launcher.engine import pull_denials, sdk_errors
from launcher.engine.credentials import ANONYMOUS
from launcher.engine.docker_client import STREAM_TIMEOUT, remove_timeout, translate_errors
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
) -> Pulled:
    """Pull *ref*, telling each step to *show*; Ctrl-C there or here ends the pull in the engine too.

    Raises EngineError: no such image or tag, login needed, registry or engine out of reach, disk full.
    """
    before = inspect(client, ref.exact)
    digest = status = ""
    for said in _events(client, ref, platform, login):
        if "errorDetail" in said or "error" in said:
            raise pull_denials.explain_denial(_error(said), ref, login, platform)
        step = parse_event(said)
        if step.id or not step.status.startswith(("Digest: ", "Status: ")):
            show(step)
        elif step.status.startswith("Digest: "):
            digest = step.status.removeprefix("Digest: ")
        else:
            status = step.status.removeprefix("Status: ")
    after = _arrived(client, ref, platform)
    same = before is not None and before.id == after.id
    return Pulled(ref.digest or digest or after.digest_in(ref.repo), status or _status(ref, same=same))


def parse_event(said: dict[str, Any]) -> PullEvent:
    """Bring one of the engine's events into our shape; numbers that are absent or odd become 0."""
    detail = said.get("progressDetail") or {}
    current, total = (value if isinstance(value := detail.get(key), int) else 0 for key in ("current", "total"))
    if units := detail.get("units"):  # containerd's store counts the seconds of an extraction
        return PullEvent(str(said.get("id") or ""), str(said.get("status") or ""), text=f"{current} {units}")
    return PullEvent(str(said.get("id") or ""), str(said.get("status") or ""), current, total)


def _events(client: APIClient, ref: Reference, platform: str, login: Login) -> Iterator[dict[str, Any]]:
    """Yield what the engine says. As docker-py's ``pull(stream=True, decode=True)``, but closing what it opened."""
    raw: Any = client
    wanted = {"fromImage": ref.repo, "tag": ref.digest or ref.tag} | ({"platform": platform} if platform else {})
    with translate_errors(ref.familiar):
        answer = raw._post(  # noqa: SLF001  its pull() keeps the response, which is what a Ctrl-C has to close
            raw._url("/images/create"),  # noqa: SLF001  as above
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
        remove_timeout(answer)
        said = raw._stream_helper(answer, decode=True)  # noqa: SLF001  as above
        while True:
            try:
                with translate_errors(ref.familiar):
                    step = next(said, None)
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


def _error(said: dict[str, Any]) -> str:
    detail = said.get("errorDetail")
    return str(detail.get("message") or said.get("error") if isinstance(detail, dict) else said.get("error"))


def _arrived(client: APIClient, ref: Reference, platform: str) -> ImageFacts:
    """Look at what arrived: podman tells no digest, and no engine minds that the platform is another one."""
    facts = inspect(client, ref.exact)
    if facts is None:
        raise EngineError(ref.familiar, "it was pulled, and is gone already", "is something else removing images?")
    if platform and not _fits(platform, facts):
        raise pull_denials.wrong_platform(ref, platform, f"{facts.os}/{facts.arch}")
    return facts


def _status(ref: Reference, *, same: bool) -> str:
    """Return the closing words that podman leaves out."""
    return f"Image is up to date for {ref.exact}" if same else f"Downloaded newer image for {ref.exact}"


def _fits(platform: str, facts: ImageFacts) -> bool:
    wanted = platform.split("/")
    return wanted[:2] == [facts.os, facts.arch][: len(wanted)]
