"""``python -m benchmarks.unpack_image DOCKER_HOST IMAGE STORE``: make the tree of an image that the engine has."""

import os
import sys
from types import SimpleNamespace
from typing import Any

from launcher.core.values.resolved_image import ResolvedImage
from launcher.engine.docker_client import connect
from launcher.engine.endpoint import Endpoint
from launcher.run.make_tree import make_tree_from_engine


def main(host: str, image: str, store: str) -> None:
    """Unpack *image* into *store* as a launch does it in the background."""
    engine: Any = SimpleNamespace(client=connect(Endpoint(host)))
    places: Any = SimpleNamespace(trees=store)
    call: Any = SimpleNamespace(uid=os.getuid(), gid=os.getgid(), groups=tuple(os.getgroups()))
    make_tree_from_engine(engine, places, call, image, ResolvedImage())


if __name__ == "__main__":
    main(*sys.argv[1:])
