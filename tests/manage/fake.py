"""An engine and its registry that live in a dictionary: for what depends on no engine behaviour but names and ids."""

import hashlib

from launcher.core.images.pull_events import PullResult
from launcher.core.run.engine_traits import EngineTraits
from launcher.engine.endpoint import Endpoint
from launcher.engine.local_images import ImageFacts, RemovalResult
from launcher.errors import EngineError, ImageMissingError
from launcher.manage.context import Context
from launcher.run.engine_connection import EngineConnection


def sha(text):
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


class Registry:
    """What tags point at today; content is any text."""

    def __init__(self):
        self.tags = {}  # "docker.io/library/a:1" -> content
        self.known = {}  # digest -> content
        self.down = False

    def publish(self, name, content):
        self.tags[name] = content
        self.known[sha("manifest " + content)] = content

    def digest(self, name):
        if self.down:
            raise EngineError(name, "the registry does not answer", "try again")
        if name not in self.tags:
            raise EngineError(name, "there is no such tag", "check the name")
        return sha("manifest " + self.tags[name])


class Store:
    """The images of the fake engine by id, each with its names."""

    def __init__(self, registry):
        self.registry = registry
        self.images = {}  # id -> (content, names)
        self.users = {}  # id -> container

    def inspect(self, name):
        for image, (_, names) in self.images.items():
            if name == image or name in names:
                digests = tuple(each for each in names if "@" in each)
                tags = tuple(each for each in names if "@" not in each)
                return ImageFacts(image, tags, digests, 10, 1.0, "linux", "amd64", "", (), (), (), "", {})
        return None

    def pull(self, ref, platform="", login=None, show=None):
        digest = ref.digest or self.registry.digest(ref.full)
        if self.registry.down or digest not in self.registry.known:
            raise EngineError(ref.familiar, "the registry has no such digest (any more)", "try again")
        content = self.registry.known[digest]
        _, names = self.images.setdefault(sha("config " + content), (content, set()))
        names.add(f"{ref.repo}@{digest}")
        if ref.tag and not ref.digest:
            self._take(ref.full)
            names.add(ref.full)
        return PullResult(digest, "Downloaded newer image")

    def latest(self, ref, login=None):
        return self.registry.digest(ref.full)

    def tag(self, image, name):
        facts = self.inspect(image)
        if facts is None:
            raise ImageMissingError(image, "no such image")
        self._take(name)
        self.images[facts.id][1].add(name)

    def remove(self, name):
        facts = self.inspect(name)
        if facts is None:
            return RemovalResult(kept="no such image")
        names = self.images[facts.id][1]
        names.discard(name)
        if not [each for each in names if "@" not in each]:
            names.clear()
        if names:
            return RemovalResult((name,))
        del self.images[facts.id]
        return RemovalResult((name,), deleted=True, freed=10)

    def prune(self):
        """As `docker image prune`: what has no tag goes."""
        for image, (_, names) in list(self.images.items()):
            if not [each for each in names if "@" not in each]:
                del self.images[image]

    def size(self, image):
        return 10

    def container_using(self, image):
        return self.users.get(image, "")

    def names(self, prefix):
        return sorted(
            name for _, names in self.images.values() for name in names if name.startswith(prefix) and "@" not in name
        )

    def _take(self, name):
        for _, names in self.images.values():
            names.discard(name)


class FakeReached(EngineConnection):
    """An engine that answers, its images being those of an `ImageStore`."""

    def __init__(self, store, places):
        super().__init__(Endpoint("unix:///fake.sock"), EngineTraits(arch="x86_64"), places)
        self._store = store

    @property
    def store(self):
        return self._store


class FakeDesk(Context):
    """A context whose engine is fake."""

    STORE = None

    def engine(self, *, autostart=False):
        return FakeReached(self.STORE, self.places)
