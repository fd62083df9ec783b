"""Why a pull was refused: the words that engines and registries use, read, and the fix for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.sdk_errors import one_line
from launcher.errors import EngineError

if TYPE_CHECKING:
    from launcher.core.values.reference import Reference
    from launcher.engine.credentials import Login

# The first kind any of whose words occurs in the message (lower case) is the one; so the order matters.
_KINDS = {
    "disk": ("no space left on device", "disk quota exceeded"),
    "limit": ("toomanyrequests", "rate limit"),
    "platform": ("no matching manifest", "does not match the specified platform", "no image found in manifest list"),
    "forged": ("manifest verification failed",),
    "plain": ("server gave http response to https client",),
    "tls": ("x509:", "tls: "),
    "tag": ("manifest unknown", "not found: manifest", "manifest for "),
    "login": (
        "denied",
        "unauthorized",
        "no basic auth credentials",
        "authentication required",
        "incorrect username or password",
        "invalid username/password",
        "status: 401",
        "status: 403",
    ),
    "image": ("not found", "name unknown", "repository name not known", "no such image"),
    "offline": (
        "dial tcp",
        "no such host",
        "connection refused",
        "connection reset",
        "i/o timeout",
        "timeout exceeded",
        "network is unreachable",
        "no route to host",
        "server misbehaving",
        "unexpected eof",
        "bad gateway",
        "service unavailable",
        ": eof",
    ),
}


def explain_denial(why: str, ref: Reference, login: Login, platform: str = "") -> EngineError:
    """Return the failure for a pull of *ref* that ended with the message *why*."""
    kind = _kind(why)
    what, fix = {
        "disk": ("the engine's disk is full (no space left on device)", "applaunch gc, or docker system prune"),
        "limit": (f"{ref.registry} allows no more pulls for now (rate limit)", f"docker login{_host(ref)}, or wait"),
        "platform": (
            f"there is no such image for {platform or 'this machine'}",
            "name a platform it has, or another image",
        ),
        "forged": (
            f"{ref.registry} answers with something else than {ref.digest or 'was asked for'}",
            "try again; if it stays, tell whoever runs that registry",
        ),
        "plain": (
            f"{ref.registry} speaks plain HTTP",
            "name it in insecure-registries of the engine's configuration, if you trust it",
        ),
        "tls": (f"no TLS connection to {ref.registry}: {one_line(why)}", "have the engine trust the registry's CA"),
        "tag": _no_such_tag(ref),
        "login": _no_entry(ref, login),
        "image": (f"{ref.registry} has no image {ref.repository}", "check the name"),
        "offline": (f"{ref.registry} does not answer: {one_line(why)}", "check the network and try again"),
        "": (one_line(why), "try again"),
    }[kind]
    return EngineError(ref.familiar, what, fix)


def wrong_platform(ref: Reference, wanted: str, got: str) -> EngineError:
    """Return the failure for an engine that quietly took the image of another platform."""
    return EngineError(ref.familiar, f"there is no such image for {wanted}, only for {got}", f"platform = {got!r}")


def _kind(why: str) -> str:
    message = why.lower()
    return next((kind for kind, words in _KINDS.items() if any(word in message for word in words)), "")


def _no_such_tag(ref: Reference) -> tuple[str, str]:
    if ref.digest:
        return f"{ref.registry} has no {ref.repository} of that digest (any more)", "applaunch upgrade takes today's"
    return f"{ref.registry} has no {ref.repository} tagged {ref.tag!r}", "check the name and the tag"


def _no_entry(ref: Reference, login: Login) -> tuple[str, str]:
    """Hub answers "denied" for what does not exist, too: who is not logged in may not even know."""
    if login.fields:
        return f"{ref.registry} refuses this login, or has no image {ref.repository}", f"docker login{_host(ref)}"
    why = f" (anonymous, for: {one_line(login.trouble)})" if login.trouble else ""
    return f"{ref.registry} has no image {ref.repository}, or it needs a login{why}", f"docker login{_host(ref)}"


def _host(ref: Reference) -> str:
    return "" if ref.registry == "docker.io" else f" {ref.registry}"
