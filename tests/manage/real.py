"""The same world on the rig's engine and registry: a tag is moved between three images that are really there."""

from launcher.core.values.invocation import Invocation
from launcher.manage.apps import gc
from launcher.manage.context import Context
from launcher.state.transactions import Record
from tests.manage.conftest import World

IMAGES = ("docker.io/library/busybox:latest", "ghcr.io/jqlang/jq:1.7.1", "docker.io/applaunch/layers:latest")


class Publisher:
    """Stands for a registry whose tags somebody moves."""

    def __init__(self, rig):
        self._rig = rig
        self._names = set()

    def publish(self, name, content):
        """Let *name* be one of the images, whichever *content* makes it."""
        self._names.add(name)
        repository, _, tag = name.rpartition(":")
        self._rig.retag(repository, tag, IMAGES[sum(content.encode()) % len(IMAGES)])

    def forget(self):
        """Remove what the engine still has by these names."""
        for name in self._names:
            self._rig.forget(name)


class Pruner:
    """What the test asks of the engine itself."""

    def __init__(self, rig):
        self._rig = rig

    def prune(self):
        """Take what has no tag."""
        self._rig.docker("image", "prune", "-f", check=True)


class RealWorld(World):
    """One user's home, the rig's engine and its registry."""

    def __init__(self, folder, rig):
        super().__init__(folder)
        self.registry, self.store = Publisher(rig), Pruner(rig)
        self.env |= {"DOCKER_HOST": rig.docker_host}

    def collect(self):
        """Leave nothing with the engine."""
        gc.collect_garbage(self.context("gc"), dry_run=False)
        self.registry.forget()

    def context(self, *words):
        """Return the context of a new command."""
        self.now += 60
        call = Invocation("applaunch", words, self.home, self.home, "ana", 1000, 1000, (1000,), self.env)
        return Context(call, self.places, Record(self.places.database), ("applaunch", *words), self.now)
