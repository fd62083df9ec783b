"""Registries asked by ourselves, with the logins of the user: no engine has to be there."""

from collections.abc import Mapping

from launcher.core.reference import Reference
from launcher.engine import credentials
from launcher.errors import NotPublished, RegistryError, Trouble
from launcher.manage.desk import Desk
from launcher.registry import artifacts
from launcher.registry.client import Registry

CATALOG = "application/vnd.applaunch.catalog.v1"
"""What an artifact is that holds a catalog."""
_KINDS = {"toml": "application/toml", "sig": "application/vnd.applaunch.signature.v1"}


def registry(desk: Desk, ref: Reference) -> Registry:
    """Return the registry of *ref*; nothing is asked yet, and it is to be closed."""
    login = credentials.login(ref, desk.call.env, desk.call.home, desk.call.uid)
    return Registry(ref.registry, desk.call.env, login.fields, login.trouble)


def digest(desk: Desk, image: str) -> str:
    """Return the digest (``sha256:...``) that *image* has today.

    Where its registry does not answer us an engine is asked, which may know a mirror. Raises `RegistryError`.
    """
    ref = Reference.parse(image)
    try:
        with registry(desk, ref) as asked:
            return asked.digest(ref)
    except RegistryError as refused:
        if told := _by_engine(desk, ref):
            return told
        raise refused from None


class Catalogs:
    """Catalogs that lie in registries as artifacts (`launcher.remotes.fetch.Artifacts`)."""

    def __init__(self, desk: Desk) -> None:
        """Ask with the logins of the user at *desk*."""
        self._desk = desk

    def digest(self, ref: str) -> str:
        """Return the digest that *ref* has now, "" where there is no such artifact; raises `RegistryError`."""
        name = Reference.parse(ref)
        try:
            with registry(self._desk, name) as asked:
                return asked.digest(name)
        except NotPublished:
            return ""

    def pull(self, ref: str, largest: int) -> Mapping[str, bytes]:
        """Return the files of the artifact *ref* by name, of at most *largest* bytes together."""
        name = Reference.parse(ref)
        with registry(self._desk, name) as asked:
            return artifacts.pull(asked, name, largest, CATALOG)

    def push(self, ref: str, files: Mapping[str, bytes]) -> str:
        """Make *files* the artifact *ref* and return its digest."""
        name = Reference.parse(ref)
        typed = {file: (_KINDS[file.rpartition(".")[2]], data) for file, data in files.items()}
        with registry(self._desk, name) as asked:
            return artifacts.push(asked, name.repository, name.tag, CATALOG, typed)


def _by_engine(desk: Desk, ref: Reference) -> str:
    try:
        login = credentials.login(ref, desk.call.env, desk.call.home, desk.call.uid)
        return desk.engine().store.latest(ref, login)
    except Trouble:
        return ""
