"""A team that shares a catalog, in tests: who leads it, who belongs to it, each with a HOME, and the images they share."""

import json
import re
from contextlib import ExitStack, contextmanager

from tests.conftest import forget_own_tags
from tests.home import Home
from tests.rig import shelf

PATH = "applaunch/team"
"""The repository of the team's images: a tag for each app."""
APPS = ("greet", "deploy", "extra")
HEAD = """schema = 1

[catalog]
name = "team"
title = "Team tools"
"""
APP = """
[apps.{name}]
description = "A program of the team"
homepage = "https://tools.example"
license = "MIT"
image = "{image}"
entrypoint = ["sh", "-c", "echo {name} $RELEASE; ls /keys 2>&-; true"]
network_mode = "none"
mount_cwd = "none"
"""
LOST = "2026-01-01"
"""The day on which a key of the lead's was lost, where one was."""
TOLD = re.compile(r"[a-z]+: |everything is up to date")


class Upstream:
    """Whoever builds the team's images: releases are busybox, with a number in their environment."""

    def __init__(self, rig, host=""):
        self.rig, self.host = rig, host or rig.registry
        self.made = set()
        self.newest = {}
        for app in APPS:
            self.release(app, 1)

    def release(self, app, number):
        """Move the tag of *app* to its release *number*, and return the digest."""
        told = {"APP": app, "RELEASE": str(number)}
        digest = shelf.vary(self.rig.registry, PATH, app, "library/busybox", "latest", **told)
        self.made.add(digest)
        self.newest[app] = digest
        return digest

    def digests(self):
        """Return the digest that the tag of each app has now."""
        return dict(self.newest)

    def catalog(self, **more):
        """Return the lead's catalog of all apps by their tags, *more* lines for some of them."""
        text = (APP.format(name=app, image=f"{self.host}/{PATH}:{app}") + more.get(app, "") for app in APPS)
        return HEAD + "".join(text)

    def close(self):
        """Take every release away, out of the registry and out of the engine."""
        for digest in self.made:
            shelf.forget(self.rig.registry, PATH, digest)
        for image in self.rig.engine.ask("GET", "/images/json"):
            for name in (*(image.get("RepoTags") or ()), *(image.get("RepoDigests") or ())):
                if name.startswith(f"{self.host}/{PATH}"):
                    self.rig.forget(name)


class Person:
    """Somebody with a HOME of their own."""

    program = ("applaunch",)

    def __init__(self, home, place):
        self.home, self.place = home, place
        self.env = getattr(place, "env", {})

    def does(self, *words, code=0):
        """Run applaunch and return what came of it, which must end with *code* and without a traceback."""
        done = self.home.run(*self.program, *words, env=self.env)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stdout + done.stderr
        return done

    def asked(self, *words):
        """Return what applaunch says as JSON."""
        return json.loads(self.does(*words, "--json").stdout)

    def leaves(self, rig):
        """Take away what holds images of this home's at the engine."""
        forget_own_tags(self.home.path, rig)


@contextmanager
def hiring(rig, folder, place):
    """Give what makes a person, by kind and name, with an empty HOME below *folder*; they leave when the block ends."""
    with ExitStack() as stack:

        def hire(kind, name):
            person = kind(Home(folder / name / "home", rig.docker_host, rig.caller_uid), place)
            stack.callback(person.leaves, rig)
            return person

        yield hire


class Lead(Person):
    """Who publishes: with a key of ssh-keygen's, and a successor's."""

    def __init__(self, home, place):
        super().__init__(home, place)
        self.key = self.made_key("team-catalog")

    def made_key(self, name):
        """Make a key and return the path of its private half."""
        path = self.home.path / ".ssh" / name
        path.parent.mkdir(exist_ok=True)
        self.home.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path), check=True)
        return str(path)

    def fingerprint(self, key):
        """Return the fingerprint of a key, as ssh-keygen tells it."""
        return self.home.run("ssh-keygen", "-lf", f"{key}.pub", check=True).stdout.split()[1]

    def publishes(self, text, *words):
        """Publish the catalog *text*, signed with the key that may sign now; returns what was said."""
        (self.home.work / "catalog.toml").write_text(text)
        said = self.does("catalog", "publish", self.place.target, "--key", self.key, *words).stdout
        self.place.ship()
        return said

    def hands_over(self, to, *, revokes=False):
        """Write a list of keys, in which *to* stands alone, and sign it with the key that may sign now and with *to*."""
        line = self.home.run("cat", f"{to}.pub", check=True).stdout.strip()
        gone = f'{{ key = "{self.fingerprint(self.key)}", since = {LOST}T00:00:00Z, why = "laptop lost" }}'
        path = self.home.work / "keys.toml"
        path.write_text(f'schema = 1\nserial = 1\nkeys = ["{line}"]\nrevoked = [{gone if revokes else ""}]\n')
        self.does("catalog", "sign", "keys.toml", "--key", self.key, "--key", to)
        self.key = to


class Member(Person):
    """Who uses it."""

    def joins(self, key, *, code=0):
        """Add the remote, whose public key came from a person; returns what came of it."""
        return self.does("remote", "add", "team", self.place.url, "--key", f"{key}.pub", code=code)

    def adds(self, *apps):
        """Install apps of the remote."""
        return self.does("add", *(f"team/{app}" for app in apps)).stdout

    def updates(self, *, code=0):
        """Fetch the newest catalog; returns what was said, the line of a refusal first."""
        done = self.does("remote", "update", code=code)
        assert len(done.stderr.splitlines()) == code
        return done.stderr + done.stdout

    def upgrades(self):
        """Take what is newer; returns the lines that tell what became of it."""
        return [line for line in self.does("upgrade", "--yes").stdout.splitlines() if TOLD.match(line)]

    def runs(self, app):
        """Run the program by its shim and return what it prints."""
        return self.home.run(app, check=True).stdout

    def has_ssh_keys(self):
        """Have a ~/.ssh with a key in it."""
        (self.home.path / ".ssh").mkdir()
        (self.home.path / ".ssh/id_ed25519").write_text("not for everybody\n")

    def digests(self):
        """Return the digest that each installed app is held on."""
        return {each["name"]: each["digest"] for each in self.asked("list")}

    def seen(self):
        """Return the remote as lists show it."""
        (found,) = self.asked("remote", "ls")
        return found
