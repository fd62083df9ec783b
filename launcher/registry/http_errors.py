"""An answer that says no: the status and the error codes of a registry, in words with the fix for each."""

import json
from typing import Any, NamedTuple

from launcher.core.values.reference import Reference
from launcher.errors import NotPublishedError, RegistryError, printable
from launcher.registry.http_messages import Answer

_MAY_NOT = (401, 403)
_TOO_MANY = 429
_NONE = 404
_NOT_ALLOWED = 405
_FAILED = 500
_LONG = 200  # characters of foreign words that are shown


class AccessDeniedError(RegistryError):
    """A registry does not let this user see the image, or has none and tells nobody."""


class Wish(NamedTuple):
    """What was asked for, as far as a refusal has to tell it."""

    ref: Reference
    writes: bool = False
    blob: str = ""
    """The digest of a blob; "" for a manifest, a tag, the tags."""


def refused(answer: Answer, wish: Wish, *, has_login: bool, why_anonymous: str = "") -> RegistryError:
    """Return the failure for an *answer* that does not give what the *wish* is."""
    ref = wish.ref
    codes, said = _errors(answer.body)
    where = ref.familiar
    if answer.status == _TOO_MANY or "TOOMANYREQUESTS" in codes:
        what = f"{ref.registry} answers no more for now (rate limit)"
        return RegistryError(where, what, "wait" if has_login else f"docker login{_host(ref)}, or wait")
    if answer.status in _MAY_NOT or codes & {"DENIED", "UNAUTHORIZED"}:
        return no_entry(wish, has_login=has_login, why_anonymous=why_anonymous)
    if answer.status == _NONE:
        return NotPublishedError(where, *_missing(wish, codes))
    if answer.status >= _FAILED:
        what = f"{ref.registry} does not answer: HTTP {answer.status}{said}"
        return RegistryError(where, what, "try again later")
    if answer.status == _NOT_ALLOWED and wish.writes:
        return RegistryError(where, f"{ref.registry} takes nothing{said}", "name another registry")
    what = f"{ref.registry} answers with HTTP {answer.status}{said}"
    return RegistryError(where, what, "is that an image registry? check its name")


def no_entry(wish: Wish, *, has_login: bool, why_anonymous: str = "") -> AccessDeniedError:
    """Return the failure for who may not: many registries tell a stranger nothing else of what does not exist."""
    ref = wish.ref
    login = f"docker login{_host(ref)}"
    absent = f"lets nothing be put into {ref.repository}" if wish.writes else f"has no image {ref.repository}"
    if has_login:
        return AccessDeniedError(ref.familiar, f"{ref.registry} refuses this login, or {absent}", login)
    why = f" (anonymous, for: {one_line(why_anonymous)})" if why_anonymous else ""
    return AccessDeniedError(ref.familiar, f"{ref.registry} {absent}, or it needs a login{why}", login)


def one_line(text: str) -> str:
    """Return foreign words as a part of a message: one line, escaped, no full stop, at most 200 characters."""
    words = printable(" ".join(text.split()).rstrip("."))
    return words if len(words) <= _LONG else words[: _LONG - 3] + "..."


def _missing(wish: Wish, codes: set[str]) -> tuple[str, str]:
    ref = wish.ref
    if "NAME_UNKNOWN" in codes or not (ref.tag or ref.digest or wish.blob):
        return f"{ref.registry} has no image {ref.repository}", "check the name"
    if wish.blob:
        return f"{ref.registry} lacks a part of {ref.repository}, {wish.blob}", "have its publisher push it again"
    if ref.digest:
        return f"{ref.registry} has no {ref.repository} of that digest (any more)", "check the name and the digest"
    return f"{ref.registry} has no {ref.repository} tagged {ref.tag!r}", f"applaunch tags {ref.repo}"


def _errors(body: bytes) -> tuple[set[str], str]:
    """Read ``{"errors": [{"code", "message"}]}`` of the distribution spec: the codes, and what is said, to be added."""
    try:
        errors: Any = json.loads(body)["errors"]
        found = [(str(each["code"]), str(each.get("message") or "")) for each in errors]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return set(), ""
    said = "; ".join(message for _, message in found if message)
    return {code for code, _ in found}, f" ({one_line(said)})" if said else ""


def _host(ref: Reference) -> str:
    return "" if ref.registry == "docker.io" else f" {ref.registry}"
