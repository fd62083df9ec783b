"""Where a team's catalog lies, in tests: on a web server, in git over ssh, in a registry; and what its host can do there."""

import http.client
import os
import subprocess
from contextlib import ExitStack, closing, contextmanager
from itertools import chain
from pathlib import Path

from launcher.manage.remotes.registry_access import CATALOG
from launcher.registry import oci_artifacts
from launcher.registry.registry_client import Registry
from tests.registry.servers import Raw, Server
from tests.remotes.conftest import behind_ssh
from tests.remotes.publisher import Web
from tests.rig import shelf

WAYS = ("web", "git", "oci")
WHO = {f"GIT_{who}_{what}": "lead@team" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@contextmanager
def opened(way, folder, registry):
    """Give a place of the kind *way*, in *folder* or in the *registry*, and take it away when the block ends."""
    with ExitStack() as stack:
        if way == "web":
            (folder / "public").mkdir()
            made = Static(stack.enter_context(Web(folder / "public")))
        elif way == "git":
            made = Repository(*stack.enter_context(behind_ssh(folder)), folder)
        else:
            made = stack.enter_context(closing(Artifact(registry, stack.enter_context(Between(registry)))))
        yield made


class Between:
    """Stands between everybody and a registry: passes on what is asked, and lies where it is told to."""

    def __init__(self, registry):
        self.registry = registry
        self.lies = {}  # the end of a path: what makes an answer of `tests.registry.servers`

    def __enter__(self):
        self.server = Server(self._answer)
        self.name = self.server.name
        return self

    def __exit__(self, *_):
        self.server.close()

    def swaps(self, digest, other):
        """Answer with what has the digest *other* where *digest* is asked for."""

        def lie(seen):
            status, headers, body = self._passed_on(seen._replace(path=seen.path.replace(digest, other)))
            return status, headers | {"Docker-Content-Digest": digest}, body

        self.lies[digest] = lie

    def _answer(self, seen):
        lies = [lie for end, lie in self.lies.items() if seen.path.endswith(end)]
        return (lies or [self._passed_on])[0](seen)

    def _passed_on(self, seen):
        with closing(http.client.HTTPConnection(self.registry, timeout=60)) as asked:
            asked.request(seen.method, f"{seen.path}?{seen.query}", seen.body, seen.headers)
            answer = asked.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()


class Static:
    """The folder of a web server."""

    way = "web"

    def __init__(self, web):
        self.web = web
        self.url, self.target = web.url, str(web.folder)

    def ship(self):
        """Bring what was published to where it is fetched: it lies there already."""

    def served(self):
        """Return the files that are fetched, by name."""
        return {path.name: path.read_bytes() for path in self.web.folder.iterdir()}

    def serve(self, files):
        """Put other files there, as whoever holds the place can."""
        _replace(self.web.folder, files)

    def peace(self):
        """Behave."""
        self.web.ways.clear()


class Repository:
    """A bare repository that is pushed to and fetched from over ssh; what is published lies in a folder of it."""

    way = "git"

    def __init__(self, begin, options, folder):
        (folder / "gitconfig").write_text("[safe]\n\tdirectory = *\n")  # what git reads behind sshd
        self.ssh = f"ssh {options} -o StrictHostKeyChecking=accept-new"
        self.env = {"GIT_SSH_COMMAND": self.ssh}
        bare, self.clone = folder / "team.git", folder / "clone"
        self._git(folder, "init", "-q", "--bare", "-b", "main", str(bare))
        self._git(folder, "clone", "-q", f"{begin}{bare}", str(self.clone))
        self._git(self.clone, "switch", "-q", "-c", "main")
        self.public = self.clone / "public"
        self.url, self.target = f"{begin}{bare}#main:public", str(self.public)

    def ship(self):
        """Commit and push."""
        self._git(self.clone, "add", "-A")
        self._git(self.clone, "commit", "-q", "--allow-empty", "-m", "catalog")
        self._git(self.clone, "push", "-q", "origin", "main")

    def served(self):
        """Return the files that are fetched, by name."""
        return {path.name: path.read_bytes() for path in self.public.iterdir()}

    def serve(self, files):
        """Push other files."""
        _replace(self.public, files)
        self.ship()

    def through(self, options):
        """Let everybody's ssh take more *options*, until there is peace."""
        self.env["GIT_SSH_COMMAND"] = f"{self.ssh} {options}"

    def peace(self):
        """Let ssh be as it was."""
        self.env["GIT_SSH_COMMAND"] = self.ssh

    def _git(self, folder, *words):
        env = os.environ | WHO | self.env | {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        subprocess.run(["git", *words], cwd=folder, env=env, check=True, capture_output=True)


class Artifact:
    """A tag of the registry that holds the images too."""

    way = "oci"
    path = "applaunch/team-catalog"

    def __init__(self, registry, between):
        self.registry, self.between = registry, between
        self.url = self.target = f"oci://{between.name}/{self.path}:latest"
        self.made = set()

    def ship(self):
        """Remember what lies there: it is to be taken away again."""
        self.made.add(shelf.digest(self.registry, self.path, "latest"))

    def served(self):
        """Return the files that are fetched, by name."""
        with Registry(self.registry, {}) as registry:
            return {
                name: registry.blob(self.path, each["digest"], each["size"]) for name, each in self._layers().items()
            }

    def serve(self, files):
        """Push other files."""
        with Registry(self.registry, {}) as registry:
            typed = {name: ("application/octet-stream", data) for name, data in files.items()}
            oci_artifacts.push(registry, self.path, "latest", CATALOG, typed)
        self.ship()

    def instead_of(self, name, pieces):
        """Answer with *pieces* where one of the files is asked for, until there is peace."""
        head = b"HTTP/1.1 200 OK\r\n\r\n"
        self.between.lies[self._layers()[name]["digest"]] = lambda seen: Raw(chain([head], pieces))

    def peace(self):
        """Behave."""
        self.between.lies.clear()

    def _layers(self):
        layers = shelf.manifest(self.registry, self.path, "latest")["layers"]
        return {each["annotations"][oci_artifacts.TITLE]: each for each in layers}

    def close(self):
        """Take away all that was pushed."""
        for digest in filter(None, self.made):
            shelf.forget(self.registry, self.path, digest)


def _replace(folder: Path, files):
    for path in folder.iterdir():
        path.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)
