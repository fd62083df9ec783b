"""A management command at work in a scratch HOME, in this process, on a fake engine."""

import os
import tomllib

import pytest

from launcher.core.values.invocation import Invocation
from launcher.core.values.reference import Reference
from launcher.fast_stdlib import loads
from launcher.host.locations import places
from launcher.manage.remotes import registry_access
from launcher.manage.run import warm_pool
from launcher.state.transactions import Record
from tests.manage.fake import FakeDesk, Registry, Store


class World:
    """One user's home, an engine and a registry."""

    def __init__(self, folder):
        self.home = str(folder / "home")
        self.registry = Registry()
        self.store = Store(self.registry)
        self.now = 1795449600.0
        self.patience = 10.0  # seconds that its commands wait for another writer
        self.env = {"HOME": self.home, "PATH": f"{self.home}/.local/bin", "APPLAUNCH_ETC": f"{self.home}/etc"}
        self.places = places(self.env, self.home)
        os.makedirs(self.home)

    def context(self, *words):
        """Return the context of a new command."""
        self.now += 60
        call = Invocation("applaunch", words, self.home, self.home, "ana", 1000, 1000, (1000,), self.env)
        made = FakeDesk(call, self.places, Record(self.places.database, self.patience), ("applaunch", *words), self.now)
        type(made).STORE = self.store
        return made

    def transactions(self):
        """Return the history."""
        return self.context("history").record.transactions()

    def catalog(self, text):
        """Write a catalog of the user's, in catalog.d."""
        path = f"{self.places.config}/catalog.d/mine.toml"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(f"schema = 1\n{text}")

    def files(self):
        """Return all that is deployed, file by file.

        Of a launch file not the times of what it was compiled from, and not how the engine came by the image: one that
        was gone is pulled again, and one that has lost its name is run by its id.
        """
        found = {}
        for name in sorted(os.listdir(self.places.bin)) if os.path.isdir(self.places.bin) else ():
            with open(f"{self.places.bin}/{name}", "rb") as file:
                found[f"bin/{name}"] = file.read()
        for name in sorted(os.listdir(self.places.current)) if os.path.isdir(self.places.current) else ():
            with open(f"{self.places.current}/{name}", "rb") as file:
                found[f"current/{name}"] = loads(file.read()) | {
                    "checksum": None,
                    "sources": None,
                    "pulled": None,
                    "loaded": None,
                }
        if os.path.exists(self.places.user_catalog):
            with open(self.places.user_catalog, "rb") as file:
                found["catalog"] = tomllib.load(file).get("apps") or {}
        return found | {"catalog": found.get("catalog", {})}


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setattr(warm_pool, "entries_of_apps", lambda context, apps: [])
    monkeypatch.setattr("launcher.run.find_image.write_stderr", lambda text: None)
    return World(tmp_path)


@pytest.fixture(autouse=True)
def _fake_registries(monkeypatch):
    """Let a fake context ask the fake registry, whoever made it."""
    really = registry_access.digest

    def digest(context, image):
        fake = getattr(context, "STORE", None)
        return fake.latest(Reference.parse(image)) if fake else really(context, image)

    monkeypatch.setattr(registry_access, "digest", digest)
