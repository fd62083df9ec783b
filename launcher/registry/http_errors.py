"""HTTP statuses and error codes of a registry as errors, each with its fix."""

import json
from typing import Any, NamedTuple

from launcher.core.values.reference import Reference
from launcher.errors import NotPublishedError, RegistryError
from launcher.net.http_messages import Response
from launcher.net.network_errors import one_line

_DENIED = (401, 403)
_TOO_MANY = 429
_NOT_FOUND = 404
_NOT_ALLOWED = 405
_SERVER_ERROR = 500


class AccessDeniedError(RegistryError):
    """A registry denies access to an image, or does not have it and does not say so."""


class Target(NamedTuple):
    """What was requested, as far as an error has to say."""

    ref: Reference
    writes: bool = False
    blob: str = ""
    """The digest of a blob; "" for a manifest or a list of tags."""


def http_error(response: Response, target: Target, *, has_login: bool, why_anonymous: str = "") -> RegistryError:
    """Return the error for a *response* that does not grant the *target*."""
    ref = target.ref
    codes, said = _errors(response.body)
    where = ref.familiar
    if response.status == _TOO_MANY or "TOOMANYREQUESTS" in codes:
        what = f"{ref.registry} reports that its rate limit is reached"
        return RegistryError(where, what, "wait" if has_login else f"docker login{_host(ref)}, or wait")
    if response.status in _DENIED or codes & {"DENIED", "UNAUTHORIZED"}:
        return access_denied(target, has_login=has_login, why_anonymous=why_anonymous)
    if response.status == _NOT_FOUND:
        return NotPublishedError(where, *_missing(target, codes))
    if response.status >= _SERVER_ERROR:
        what = f"{ref.registry} answered with HTTP {response.status}{said}"
        return RegistryError(where, what, "try again later")
    if response.status == _NOT_ALLOWED and target.writes:
        return RegistryError(where, f"{ref.registry} does not accept uploads{said}", "choose another registry")
    what = f"{ref.registry} answered with HTTP {response.status}{said}"
    return RegistryError(where, what, "check that it is an image registry")


def access_denied(target: Target, *, has_login: bool, why_anonymous: str = "") -> AccessDeniedError:
    """Return the error for denied access: many registries report the same for what does not exist."""
    ref = target.ref
    login = f"docker login{_host(ref)}"
    absent = f"does not accept uploads to {ref.repository}" if target.writes else f"has no image {ref.repository}"
    if has_login:
        return AccessDeniedError(ref.familiar, f"{ref.registry} refuses this login, or {absent}", login)
    why = f" (anonymous, because {one_line(why_anonymous)})" if why_anonymous else ""
    return AccessDeniedError(ref.familiar, f"{ref.registry} {absent}, or it needs a login{why}", login)


def _missing(target: Target, codes: set[str]) -> tuple[str, str]:
    ref = target.ref
    if "NAME_UNKNOWN" in codes or not (ref.tag or ref.digest or target.blob):
        return f"{ref.registry} has no image {ref.repository}", "check the name"
    if target.blob:
        return f"{ref.registry} lacks a part of {ref.repository}, {target.blob}", "ask the publisher to push it again"
    if ref.digest:
        return f"{ref.registry} has no {ref.repository} with that digest (any more)", "check the name and the digest"
    return f"{ref.registry} has no {ref.repository} tagged {ref.tag!r}", f"applaunch tags {ref.repo}"


def _errors(body: bytes) -> tuple[set[str], str]:
    """Read ``{"errors": [{"code", "message"}]}`` of the distribution spec: the codes, and the messages in brackets."""
    try:
        errors: Any = json.loads(body)["errors"]
        found = [(str(each["code"]), str(each.get("message") or "")) for each in errors]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return set(), ""
    said = "; ".join(message for _, message in found if message)
    return {code for code, _ in found}, f" ({one_line(said)})" if said else ""


def _host(ref: Reference) -> str:
    return "" if ref.registry == "docker.io" else f" {ref.registry}"
