"""Build an image with the engine: send the build context as a tar and follow the log."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import tarfile
import tempfile
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from launcher.engine import docker_requests
from launcher.engine.docker_client import ARCHIVE_TIMEOUT, translate_errors
from launcher.errors import EngineError, HostError
from launcher.fast_stdlib import enable_site_packages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from docker import APIClient

    from launcher.core.catalog.build_recipe import Build

_DOCKERFILE = ".applaunch.Dockerfile"  # the name of the Dockerfile in the context


class BuildContext(NamedTuple):
    """The build context: the text of the Dockerfile, and the files by their names in the context."""

    dockerfile: str
    files: tuple[tuple[str, str], ...]  # name, path on this machine

    def stamps(self) -> list[tuple[str, int, str]]:
        """Return name, mode and sha256 of each file (for a link: of its target); raises `HostError`."""
        try:
            return [(name, os.lstat(path).st_mode & 0o7777, _checksum(path)) for name, path in self.files]
        except OSError as error:
            raise HostError(str(error.filename), f"cannot be read: {error.strerror}") from None


def gather_context(build: Build, home: str) -> BuildContext:
    """Read the build context of *build*; raises `HostError` if the folder or its Dockerfile cannot be read.

    The folder's .dockerignore applies, as for docker.
    """
    folder = home + build.context[1:] if build.context.startswith("~/") else build.context
    if not folder or build.is_remote:
        return BuildContext(build.dockerfile_inline, ())
    if not os.path.isdir(folder):
        raise HostError(folder, "there is no such folder to build from", f"mkdir -p {folder}")
    dockerfile = build.dockerfile or "Dockerfile"
    text = build.dockerfile_inline or _text(f"{folder}/{dockerfile}")
    enable_site_packages()
    from docker.utils.build import exclude_paths  # noqa: PLC0415  only for a build, which takes long anyway

    ignored = [line.strip() for line in _text(f"{folder}/.dockerignore", missing="").splitlines()]
    names = exclude_paths(folder, [line for line in ignored if line and not line.startswith("#")], dockerfile)
    paths = ((name, f"{folder}/{name}") for name in sorted(names))
    return BuildContext(
        text, tuple((name, path) for name, path in paths if os.path.islink(path) or os.path.isfile(path))
    )


class BuildRequest(NamedTuple):
    """What the engine is asked to build."""

    name: str
    """The name of the new image."""
    build: Build
    context: BuildContext
    logins: Mapping[str, Mapping[str, str]]
    """The logins for the base images, by registry."""


def build_image(client: APIClient, request: BuildRequest, show: Callable[[str], None]) -> str:
    """Build an image, pass each line of the log to *show*, and return the image's id; raises `EngineError`."""
    name, build, context, logins = request
    raw: Any = client
    with tempfile.TemporaryFile() as file:
        if not build.is_remote:
            _write_tar(context, file)
        with translate_errors(name):
            answer = docker_requests.post(  # docker-py's build() reads config.json, which may be broken
                client,
                "/build",
                params=_params(build, name),
                headers={"X-Registry-Config": _header(logins), "Content-Type": "application/x-tar"},
                data=None if build.is_remote else file,
                stream=True,
                timeout=ARCHIVE_TIMEOUT,
            )
            docker_requests.check(client, answer)
            docker_requests.remove_timeout(answer)
        try:
            return _follow(raw, answer, name, show)
        finally:
            answer.close()


def _follow(raw: Any, answer: Any, name: str, show: Callable[[str], None]) -> str:
    image = ""
    with translate_errors(name):
        for event in docker_requests.stream_json(raw, answer):
            if "errorDetail" in event or "error" in event:
                detail = event.get("errorDetail") or {}
                raise EngineError(name, str(detail.get("message") or event.get("error")), "see the log above")
            show(str(event.get("stream") or event.get("status") or ""))
            image = str((event.get("aux") or {}).get("ID") or image)
        return image or str(raw.inspect_image(name)["Id"])


def _params(build: Build, name: str) -> dict[str, Any]:
    given = {
        "t": name,
        "remote": build.context if build.is_remote else "",
        "dockerfile": build.dockerfile if build.is_remote else _DOCKERFILE,
        "buildargs": json.dumps(dict(build.args)) if build.args else "",
        "target": build.target,
        "platform": build.platforms[0] if build.platforms else "",
        "pull": "1" if build.pull else "",
        "nocache": "1" if build.no_cache else "",
    }
    return {key: value for key, value in given.items() if value} | {"rm": "1", "forcerm": "1"}


def _header(logins: Mapping[str, Mapping[str, str]]) -> str:
    return base64.urlsafe_b64encode(json.dumps({host: dict(login) for host, login in logins.items()}).encode()).decode()


def _write_tar(context: BuildContext, file: IO[bytes]) -> None:
    """Write the tar with root as owner and no times, so that the same files always give the same layers."""
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, path in context.files:
            archive.add(path, name, recursive=False, filter=_plain)
        data = context.dockerfile.encode()
        member = tarfile.TarInfo(_DOCKERFILE)
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    file.seek(0)


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime = 0
    return member


def _checksum(path: str) -> str:
    if os.path.islink(path):
        return hashlib.sha256(os.fsencode(os.readlink(path))).hexdigest()
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _text(path: str, missing: str | None = None) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        if missing is not None:
            return missing
        raise HostError(path, "the Dockerfile does not exist", "name it: dockerfile = 'PATH'") from None
    except (OSError, UnicodeDecodeError) as error:
        raise HostError(path, f"cannot be read: {error}") from None
