"""What lies in the registry: asked and changed over its own HTTP API (distribution spec v2)."""

import hashlib
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
OCI = "application/vnd.oci.image.manifest.v1+json"


def path_of(repository: str) -> str:
    """Return the repository without its host: ``docker.io/library/busybox`` lies at ``library/busybox``."""
    return repository.partition("/")[2]


def answers(registry: str) -> bool:
    """Whether a registry answers at HOST:PORT."""
    try:
        _ask(registry, "GET", "").close()
    except (OSError, http.client.HTTPException):
        return False
    return True


def digest(registry: str, path: str, tag: str) -> str | None:
    """Return what the tag points at, nothing where there is no such tag."""
    try:
        with _ask(registry, "HEAD", f"{path}/manifests/{tag}") as answer:
            return str(answer.headers["Docker-Content-Digest"])
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
        return None


def manifest(registry: str, path: str, tag: str) -> Any:
    """Return the manifest that the tag points at."""
    with _ask(registry, "GET", f"{path}/manifests/{tag}") as answer:
        return json.load(answer)


def blob(registry: str, path: str, digest: str) -> Any:
    """Open the content that has this digest."""
    return _ask(registry, "GET", f"{path}/blobs/{digest}")


def retag(registry: str, path: str, tag: str, other: str) -> str:
    """Move *tag* to what *other* (a tag or a digest) points at, and return that digest."""
    return _put(registry, path, tag, *_get(registry, path, other))


def borrow(registry: str, path: str, tag: str, source: str, other: str) -> str:
    """Move *tag* to an image of another repository, *source*, and return its digest."""
    kind, body = _get(registry, source, other)
    content = json.loads(body)
    for blob in (content["config"], *content["layers"]):
        _ask(registry, "POST", f"{path}/blobs/uploads/?mount={blob['digest']}&from={source}", b"").close()
    return _put(registry, path, tag, kind, body)


def vary(
    registry: str,
    path: str,
    tag: str,
    source: str,
    other: str,
    labels: Mapping[str, str] | None = None,
    **variables: str,
) -> str:
    """Move *tag* to an image of another repository, *source*, that has *labels* and *variables* besides.

    Returns its digest.
    """
    kind, body = _get(registry, source, other)
    content = json.loads(body)
    with _ask(registry, "GET", f"{source}/blobs/{content['config']['digest']}") as answer:
        config = json.load(answer)
    told = [f"{name}={value}" for name, value in variables.items()]
    config["config"]["Env"] = [*(config["config"].get("Env") or ()), *told]
    config["config"]["Labels"] = {**(config["config"].get("Labels") or {}), **(labels or {})}
    for layer in content["layers"]:
        _ask(registry, "POST", f"{path}/blobs/uploads/?mount={layer['digest']}&from={source}", b"").close()
    data = json.dumps(config).encode()
    content["config"] |= {"digest": _upload(registry, path, data), "size": len(data)}
    return _put(registry, path, tag, kind, json.dumps(content).encode())


def forget(registry: str, path: str, digest: str) -> None:
    """Take a manifest away, and every tag that leads to it; what is not there stays quietly."""
    try:
        _ask(registry, "DELETE", f"{path}/manifests/{digest}").close()
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise


def lose_layer(registry: str, path: str, tag: str) -> None:
    """Take the last but one layer of an image away, leaving the manifest that promises it."""
    layer = manifest(registry, path, tag)["layers"][-2]["digest"]
    try:
        _ask(registry, "DELETE", f"{path}/blobs/{layer}").close()
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise


def _upload(registry: str, path: str, data: bytes) -> str:
    name = f"sha256:{hashlib.sha256(data).hexdigest()}"
    with _ask(registry, "POST", f"{path}/blobs/uploads/", b"") as answer:
        there = urlsplit(answer.headers["Location"])
    asked = f"{there.path.removeprefix('/v2/')}?{there.query}&digest={name}"
    _ask(registry, "PUT", asked, data, "application/octet-stream").close()
    return name


def _get(registry: str, path: str, tag: str) -> tuple[str, bytes]:
    with _ask(registry, "GET", f"{path}/manifests/{tag}") as answer:
        return answer.headers["Content-Type"], answer.read()


def _put(registry: str, path: str, tag: str, kind: str, body: bytes) -> str:
    with _ask(registry, "PUT", f"{path}/manifests/{tag}", body, kind) as answer:
        return str(answer.headers["Docker-Content-Digest"])


def _ask(registry: str, method: str, path: str, body: bytes | None = None, kind: str = "") -> Any:
    headers = {"Accept": f"{MANIFEST}, {OCI}"} | ({"Content-Type": kind} if kind else {})
    asked = urllib.request.Request(f"http://{registry}/v2/{path}", body, headers, method=method)
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=60)
