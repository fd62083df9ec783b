"""Random layers, pulled and exported by the engine, and downloaded without one: the same files."""

import gzip
import json
import os
import random
import uuid
from types import SimpleNamespace

import pytest

from launcher.core.values.resolved_image import ResolvedImage
from launcher.engine.docker_client import connect
from launcher.engine.endpoint import Endpoint
from launcher.errors import EngineError, UserError
from launcher.registry.digests import digest_of
from launcher.registry.manifests import DOCKER_MANIFEST
from launcher.registry.registry_client import Registry
from launcher.run.make_tree import make_tree_from_engine, make_tree_from_registry
from tests.fuzz.fuzz_archives import random_layer, well_made
from tests.run.test_make_tree import listed, rootfs
from tests.sandbox.trees import a_tar, entry

pytestmark = [pytest.mark.engine, pytest.mark.skipif(os.getuid() != 0, reason="owners are compared")]
ROUNDS = 400 if os.environ.get("APPLAUNCH_SOAK") == "1" else 12
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
CONFIG = "application/vnd.docker.container.image.v1+json"


def push(registry, name, layers):
    """Push an image of these layers, as bytes of plain archives."""
    facts = {"os": "linux", "architecture": "amd64", "config": {"Cmd": ["x"]}}
    config = json.dumps(
        facts | {"rootfs": {"type": "layers", "diff_ids": [digest_of(each) for each in layers]}}
    ).encode()
    blobs = [gzip.compress(each, 1, mtime=0) for each in layers]
    described = [{"mediaType": LAYER, "digest": registry.push_blob(name, each), "size": len(each)} for each in blobs]
    head = {"mediaType": CONFIG, "digest": registry.push_blob(name, config), "size": len(config)}
    body = {"schemaVersion": 2, "mediaType": DOCKER_MANIFEST, "config": head, "layers": described}
    registry.push_manifest(name, "1", json.dumps(body).encode(), DOCKER_MANIFEST)


def outcome(work, *words, **named):
    try:
        return work(*words, **named)
    except UserError as error:
        return error


def test_both_ways_unpack_the_same_files(engine, tmp_path):
    chance = random.Random(17)
    call = SimpleNamespace(uid=0, gid=0, groups=(0,), env={}, home="/nonexistent")
    same = refused = 0
    with connect(Endpoint(engine.docker_host)) as client, Registry(engine.registry, {}) as registry:
        for number in range(ROUNDS):
            name = f"fuzz/{uuid.uuid4().hex[:8]}"
            full = f"{engine.registry}/{name}:1"
            entries = [well_made(random_layer(chance, wild=False)) for _ in range(chance.randrange(1, 4))]
            layers = [a_tar(entry("etc/"), entry("dev/"), *each) for each in entries]
            push(registry, name, layers)
            places = [SimpleNamespace(trees=str(tmp_path / f"{way}{number}")) for way in "er"]
            pulled = engine.docker("pull", "-q", full)
            by_registry = outcome(make_tree_from_registry, places[1], call, "x", full, ResolvedImage())
            shown = f"round {number}: {[[(i.name, i.type, i.linkname) for i, _ in each] for each in entries]}"
            if pulled.returncode:
                refused += 1
                continue
            try:
                by_engine = make_tree_from_engine(
                    SimpleNamespace(client=client), places[0], call, full, ResolvedImage()
                )
            except EngineError as error:
                pytest.fail(f"{shown}: {error}")
            finally:
                engine.docker("rmi", "-f", full)
            assert not isinstance(by_registry, UserError), f"{shown}: {by_registry}"
            assert listed(rootfs(places[0].trees, by_engine)) == listed(rootfs(places[1].trees, by_registry[1])), shown
            same += 1

    assert same > ROUNDS / 5, f"docker refused {refused}"
