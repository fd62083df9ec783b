"""Which images the rig serves, by the public names that the catalog and the tests know them under."""

import hashlib
import platform
from pathlib import Path
from typing import NamedTuple

IMAGES = Path(__file__).with_name("images")
OWN = "docker.io/applaunch/"  # names that exist in the rig only


class Recipe(NamedTuple):
    """A Dockerfile in ``images/NAME/`` and the names that its image is served under."""

    name: str
    repository: str
    tags: tuple[str, ...] = ("latest",)
    base: str | None = "debian"  # the recipe that it is built FROM
    needs: str = ""  # what the context holds beside the folder: "root" (root.tar) or "wheels"
    served: bool = True  # else it is a step on the way
    broken: bool = False  # the registry loses one of its layers

    @property
    def refs(self) -> tuple[str, ...]:
        """Every full name, e.g. ``ghcr.io/jqlang/jq:1.7.1``."""
        return tuple(f"{self.repository}:{tag}" for tag in self.tags)

    @property
    def host(self) -> str:
        """The registry in the public name."""
        return self.repository.partition("/")[0]

    @property
    def folder(self) -> Path:
        """Where its Dockerfile is."""
        return IMAGES / self.name

    @property
    def private(self) -> bool:
        """Whether no public registry has it."""
        return self.repository.startswith(OWN)


RECIPES = (  # the longest builds first: two run at a time
    Recipe("debian", "docker.io/library/debian", ("bookworm-slim",), base=None, needs="root"),
    Recipe("youtube-dl", "docker.io/vimagick/youtube-dl", needs="wheels"),
    Recipe("openstack-client", "registry.gitlab.com/gbraad/openstack-client", ("centos", "latest"), needs="wheels"),
    Recipe("busybox", "docker.io/library/busybox"),
    Recipe("probe", "docker.io/applaunch/probe"),
    Recipe("jq", "ghcr.io/jqlang/jq", ("1.7.1", "latest")),
    Recipe("layers", "docker.io/applaunch/layers", base="busybox"),
    Recipe("broken", "docker.io/applaunch/broken", base="busybox", broken=True),
    Recipe("clip", "docker.io/applaunch/clip", base="youtube-dl", served=False),
)


def named(name: str) -> Recipe:
    """Return the recipe of that name."""
    return next(each for each in RECIPES if each.name == name)


def key(recipe: Recipe) -> str:
    """Return a tag that changes with every input: the folder's files, the base's, the processor."""
    hashed = hashlib.sha256(f"{platform.machine()} {key(named(recipe.base)) if recipe.base else ''}".encode())
    for file in sorted(recipe.folder.rglob("*")):
        if file.is_file():
            hashed.update(f"{file.relative_to(IMAGES)} {file.stat().st_mode & 0o111}\n".encode() + file.read_bytes())
    return f"rig-{hashed.hexdigest()[:16]}"


def key_of_all() -> str:
    """Return a word that changes when any image must be built again."""
    return hashlib.sha256(" ".join(key(each) for each in RECIPES).encode()).hexdigest()[:16]
