"""What a test holds in its hand: the addresses of a rig that is up, and what can be done to it."""

import json
import shutil
import subprocess
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any, NamedTuple, Self

from launcher.core.values.deployment_tag import TAG_PREFIX, record_id
from tests.rig import registry, shelf, web
from tests.rig.bridge import Bridge
from tests.rig.builder import clip_file
from tests.rig.engine import Engine, EngineError
from tests.rig.place import Place
from tests.rig.programs import find
from tests.rig.trouble import RigError


class Rig(NamedTuple):
    """A rig that is up."""

    docker_host: str  # e.g. unix:///run/applaunch-rig-1a2b3c/docker.sock
    registry: str  # 127.0.0.1:PORT: plain HTTP, deletion allowed
    started_by_us: bool  # the engine is the rig's own: everything in it may be removed
    folder: str  # what lasts: built images, downloads, logs
    run: str  # sockets and pids
    container_host: str  # this machine as a container on the default bridge sees it
    refs: dict[str, str]  # a public name -> the name by which this engine can pull what we built for it
    images: str  # changes when a recipe does
    bridge: Bridge | None = None
    name: str = "docker"  # which column of the matrix the engine is
    caller_uid: int = 0  # whose engine it is: what uses it runs as this user

    @classmethod
    def recorded(cls, place: Place) -> Self | None:
        """Read what :meth:`keep` wrote; nothing where no rig was started since the machine was."""
        try:
            facts: dict[str, Any] = json.loads(place.record.read_text())
        except FileNotFoundError:
            return None
        return cls(**{**facts, "bridge": Bridge(*facts["bridge"]) if facts["bridge"] else None})

    def keep(self) -> Self:
        """Write the record that lets other processes find this rig."""
        fresh = self.place.record.with_suffix(".new")
        fresh.write_text(json.dumps(self._asdict(), indent=1))
        fresh.replace(self.place.record)
        return self

    @property
    def place(self) -> Place:
        """Its folders."""
        return Place(Path(self.folder), Path(self.run))

    @property
    def engine(self) -> Engine:
        """Its engine, spoken to directly."""
        return Engine(self.docker_host)

    @property
    def environment(self) -> dict[str, str]:
        """What to export for programs that should use this engine."""
        return {"DOCKER_HOST": self.docker_host, "APPLAUNCH_RIG_REGISTRY": self.registry}

    def ref(self, name: str) -> str:
        """Return the name by which this engine pulls the image *name* (on a private engine: *name* itself)."""
        return self.refs.get(name, name)

    def docker(self, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run the docker CLI on this engine; raises FileNotFoundError where there is no CLI."""
        env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "DOCKER_HOST": self.docker_host}
        how: dict[str, Any] = {
            "capture_output": True,
            "text": True,
            "check": False,
            "timeout": 300,
            "env": env,
            **options,
        }
        return subprocess.run([find("docker") or "docker", *words], **how)  # noqa: PLW1510  as the test says

    def forget(self, name: str) -> None:
        """Remove an image from the engine's store, with the containers made of it, if it is there.

        With it go the images that were pulled by digest when *name* was another one, unless a tag names them, too.
        """
        self.engine.remove_containers(ancestor=[name])
        self.engine.remove_image(name)
        repository = _short(name).rpartition(":")[0]
        for image in self.engine.ask("GET", "/images/json"):
            if not any(_short(tag).startswith(f"{repository}:") for tag in image.get("RepoTags") or ()):
                for digest in image.get("RepoDigests") or ():
                    if _short(digest).startswith(f"{repository}@"):
                        self.engine.remove_image(digest)

    def own_tags(self, of: str = "") -> list[str]:
        """Return the tags of deployments that the engine holds; *of* is a record's id, or how an app's name begins."""
        tags = [tag for image in self.engine.ask("GET", "/images/json") for tag in image.get("RepoTags") or ()]
        full = {tag: f"docker.io/{tag.removeprefix('docker.io/')}" for tag in tags}
        return [tag for tag in tags if _is_own(full[tag], of)]

    def forget_own(self, of: str) -> None:
        """Take these tags away, and the images that nothing else names by a tag: they hold layers that others forget."""
        for tag in self.own_tags(of):
            image = self.engine.ask("GET", f"/images/{tag}/json")
            self.engine.remove_image(tag)
            for digest in image["RepoDigests"] if image["RepoTags"] == [tag] else ():
                self.engine.remove_image(digest)

    def reset_images(self) -> None:
        """Leave an engine in which nothing is pulled (where the engine is not ours: nothing of what the rig serves)."""
        if not self.started_by_us:
            self.engine.remove_containers(label=["applaunch.app"])
            for name in self.refs.values():
                self.forget(name)
            return
        self.engine.remove_containers()
        for image in self.engine.ask("GET", "/images/json"):
            for name in (*(image.get("RepoTags") or []), *(image.get("RepoDigests") or []), image["Id"]):
                self.engine.remove_image(name)

    def stop_registry(self) -> None:
        """Take the registry away: a pull that has begun breaks, a new one is refused a connection.

        Raises RigError where the registry is not this rig's own.
        """
        registry.stop(self.place)
        self._tell_registry_container("stop")
        if shelf.answers(self.registry):
            raise RigError(self.registry, "the registry is another rig's", "skip this where the engine is borrowed")

    def start_registry(self) -> None:
        """Bring it back at the same address; does nothing when it is up."""
        self._tell_registry_container("start")
        if not shelf.answers(self.registry):
            opened = registry.doors(self.place, self.registry)
            registry.start(self.place, opened if self.started_by_us else opened[:1])

    def _tell_registry_container(self, word: str) -> None:
        if not self.started_by_us:
            with suppress(EngineError):  # there is none where the docker-registry program serves
                self.engine.ask("POST", f"/containers/{self.place.name}/{word}", t="1")

    def retag(self, repository: str, tag: str, other: str) -> str:
        """Move *tag* of a public repository name in the registry, as a publisher would, and return the new digest.

        *other* is a tag or a digest of the same repository, or another image's full name (``docker.io/a/b:latest``).
        The next ``up`` that finds the rig down moves it back.
        """
        path = shelf.path_of(repository)
        if "/" not in other:
            return shelf.retag(self.registry, path, tag, other)
        source, _, its_tag = other.rpartition(":")
        return shelf.borrow(self.registry, path, tag, shelf.path_of(source), its_tag)

    def digest(self, repository: str, tag: str) -> str | None:
        """Return what *tag* of a public repository name points at in the registry."""
        return shelf.digest(self.registry, shelf.path_of(repository), tag)

    def clip(self, folder: Path) -> Path:
        """Put ``clip.mp4``, a video of ten seconds and about 2 MB, into *folder*."""
        return Path(shutil.copy(clip_file(self.place), folder / "clip.mp4"))

    def serve(self, folder: Path, port: int = 0) -> AbstractContextManager[web.Web]:
        """Serve *folder* over HTTP to this machine and to containers until the block ends."""
        return web.serve(folder, self.container_host, port)


def _short(name: str) -> str:
    """Return a name as docker shows it: without the registry, if it is Docker Hub."""
    return name.removeprefix("docker.io/").removeprefix("library/")


def _is_own(tag: str, of: str) -> bool:
    return bool(record_id(tag)) and (tag.endswith(f"-{of}") or tag.startswith(f"{TAG_PREFIX}{of}"))
