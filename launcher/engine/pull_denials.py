"""Explain why a pull failed, from the messages of engines and registries, with a fix for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from launcher.engine.sdk_errors import one_line
from launcher.errors import EngineError, PullNotFoundError

if TYPE_CHECKING:
    from launcher.core.values.reference import Reference
    from launcher.engine.credentials import Login

# The first kind with a phrase that occurs in the message (lower case) applies, so the order matters.
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
    """Return the error for a pull of *ref* that failed with the message *why*."""
    kind = _kind(why)
    what, fix = {
        "disk": ("the engine's disk is full (no space left on device)", "applaunch gc, or docker system prune"),
        "limit": (
            f"{ref.registry} allows no more pulls at the moment (rate limit)",
            f"docker login{_host(ref)}, or wait",
        ),
        "platform": (
            f"there is no image for {platform or 'this machine'}",
            "choose an available platform, or another image",
        ),
        "forged": (
            f"the content from {ref.registry} does not match {ref.digest or 'the request'}",
            f"try again; if it persists, contact the operator of {ref.registry}",
        ),
        "plain": (
            f"{ref.registry} speaks plain HTTP",
            "if you trust it, add it to insecure-registries in the engine's configuration",
        ),
        "tls": (f"no TLS connection to {ref.registry}: {one_line(why)}", "add the registry's CA to the engine"),
        "tag": _no_such_tag(ref),
        "login": _access_denied(ref, login),
        "image": (f"{ref.registry} has no image {ref.repository}", "check the name"),
        "offline": (f"{ref.registry} does not answer: {one_line(why)}", "check the network and try again"),
        "": (one_line(why), "try again"),
    }[kind]
    return (PullNotFoundError if kind in ("tag", "image") else EngineError)(ref.familiar, what, fix)


def wrong_platform(ref: Reference, wanted: str, got: str) -> EngineError:
    """Return the error for an engine that silently pulled the image of another platform."""
    return EngineError(ref.familiar, f"there is no image for {wanted}, only for {got}", f"platform = {got!r}")


def _kind(why: str) -> str:
    message = why.lower()
    return next((kind for kind, words in _KINDS.items() if any(word in message for word in words)), "")


def _no_such_tag(ref: Reference) -> tuple[str, str]:
    if ref.digest:
        return (
            f"{ref.registry} has no {ref.repository} with that digest (any more)",
            "install the current one with: applaunch upgrade",
        )
    return f"{ref.registry} has no {ref.repository} tagged {ref.tag!r}", "check the name and the tag"


def _access_denied(ref: Reference, login: Login) -> tuple[str, str]:
    """Docker Hub also answers "denied" if the image does not exist: without a login, it does not reveal that."""
    if login.fields:
        return f"{ref.registry} refuses this login, or has no image {ref.repository}", f"docker login{_host(ref)}"
    why = f" (anonymous, because {one_line(login.error)})" if login.error else ""
    return f"{ref.registry} has no image {ref.repository}, or it needs a login{why}", f"docker login{_host(ref)}"


def _host(ref: Reference) -> str:
    return "" if ref.registry == "docker.io" else f" {ref.registry}"
