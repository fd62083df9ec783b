"""Which names of images a test left at the engine: a name that is not the rig's keeps an image from being removed."""

from launcher.core.values.deployment_tag import record_id
from tests.rig import shelf
from tests.rig.recipes import RECIPES, key


def served_names(rig):
    """Return each name under which tests may leave an image, and the digests of its manifest and configuration."""
    found = {}
    for recipe in RECIPES:
        path = shelf.path_of(recipe.repository)
        digest = shelf.digest(rig.registry, path, key(recipe)) if recipe.served else None
        if digest:
            config = shelf.manifest(rig.registry, path, digest)["config"]["digest"]
            for name in (*recipe.refs, f"{recipe.repository}@{digest}"):
                found[_short(rig.ref(name))] = (digest, config)
    return found


def strange_names(rig, served):
    """Return the names of images in the engine that are not *served*, or not those of the images served by them.

    Tags of deployments are left out: they go with the home that has them.
    """
    found = set()
    for image in rig.engine.ask("GET", "/images/json"):
        names = [_short(each) for kind in ("RepoTags", "RepoDigests") for each in image.get(kind) or ()]
        found |= {
            name for name in names if not record_id(f"docker.io/{name}") and image["Id"] not in served.get(name, ())
        }
    return found


def _short(name):
    return name.removeprefix("docker.io/").removeprefix("library/")
