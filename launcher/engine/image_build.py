"""An image built by the engine: its context as a tar, its log step by step, and the image's id at the end."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import tarfile
import tempfile
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from launcher.engine.docker_client import ARCHIVE_TIMEOUT, remove_timeout, translate_errors
from launcher.errors import EngineError, HostError
from launcher.fast_stdlib import enable_site_packages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from docker import APIClient

    from launcher.core.catalog.build_recipe import Build

_DOCKERFILE = ".applaunch.Dockerfile"  # where an inline one stands in the context


class BuildContext(NamedTuple):
    """What is sent to the engine: the text of the Dockerfile, and the files beside it by their names in the context."""

    dockerfile: str
    files: tuple[tuple[str, str], ...]  # name, path on this machine

    def stamps(self) -> list[tuple[str, int, str]]:
        """Return name, mode and sha256 of each file (of a link: of where it leads); raises `HostError`."""
        try:
            return [(name, os.lstat(path).st_mode & 0o7777, _checksum(path)) for name, path in self.files]
        except OSError as error:
            raise HostError(str(error.filename), f"cannot be read: {error.strerror}") from None


def gather_context(build: Build, home: str) -> BuildContext:
    """Gather what *build* is made from; raises `HostError` where the folder or its Dockerfile cannot be read.

    A folder's .dockerignore counts, as for docker.
    """
    folder = home + build.context[1:] if build.context.startswith("~/") else build.context
    if not folder or build.is_remote:
        return BuildContext(build.dockerfile_inline, ())
    if not os.path.isdir(folder):
        raise HostError(folder, "is no folder to build from", f"mkdir -p {folder}")
    own = build.dockerfile or "Dockerfile"
    text = build.dockerfile_inline or _text(f"{folder}/{own}")
    enable_site_packages()
    from docker.utils.build import exclude_paths  # noqa: PLC0415  a build waits anyway

    ignored = [line.strip() for line in _text(f"{folder}/.dockerignore", missing="").splitlines()]
    names = exclude_paths(folder, [line for line in ignored if line and not line.startswith("#")], own)
    paths = ((name, f"{folder}/{name}") for name in sorted(names))
    return BuildContext(
        text, tuple((name, path) for name, path in paths if os.path.islink(path) or os.path.isfile(path))
    )


def build_image(  # noqa: PLR0913, PLR0917  what a build depends on
    client: APIClient,
    build: Build,
    made_of: BuildContext,
    name: str,
    logins: Mapping[str, Mapping[str, str]],
    show: Callable[[str], None],
) -> str:
    """Build the image *name* and return its id; *logins* are by registry, each line of the log goes to *show*.

    Raises `EngineError` with the engine's last words.
    """
    raw: Any = client
    with tempfile.TemporaryFile() as file:
        if not build.is_remote:
            _packed(made_of, file)
        with translate_errors(name):
            answer = raw._post(  # noqa: SLF001  its build() reads config.json, which may be broken
                raw._url("/build"),  # noqa: SLF001  as above
                params=_params(build, name),
                headers={"X-Registry-Config": _header(logins), "Content-Type": "application/x-tar"},
                data=None if build.is_remote else file,
                stream=True,
                timeout=ARCHIVE_TIMEOUT,
            )
            raw._raise_for_status(answer)  # noqa: SLF001  as above
            remove_timeout(answer)
        try:
            return _followed(raw, answer, name, show)
        finally:
            answer.close()


def _followed(raw: Any, answer: Any, name: str, show: Callable[[str], None]) -> str:
    image = ""
    with translate_errors(name):
        for said in raw._stream_helper(answer, decode=True):  # noqa: SLF001  as above
            if "errorDetail" in said or "error" in said:
                detail = said.get("errorDetail") or {}
                raise EngineError(name, str(detail.get("message") or said.get("error")), "the log above tells more")
            show(str(said.get("stream") or said.get("status") or ""))
            image = str((said.get("aux") or {}).get("ID") or image)
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


def _packed(made_of: BuildContext, file: IO[bytes]) -> None:
    """Write the tar, its members owned by root and without times, so that the same files give the same layers."""
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, path in made_of.files:
            archive.add(path, name, recursive=False, filter=_plain)
        data = made_of.dockerfile.encode()
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
        raise HostError(path, "there is no such Dockerfile", "name it: dockerfile = 'PATH'") from None
    except (OSError, UnicodeDecodeError) as error:
        raise HostError(path, f"cannot be read: {error}") from None
