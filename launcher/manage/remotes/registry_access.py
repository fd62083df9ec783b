"""Requests to registries with the user's logins, without an engine."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TypeVar

from launcher.core.values.reference import HUB, Reference
from launcher.engine import credentials
from launcher.engine.mirror_files import configured_mirrors
from launcher.errors import NotPublishedError, RegistryError, UserError
from launcher.manage.context import Context
from launcher.registry import oci_artifacts
from launcher.registry.registry_client import Registry
from launcher.registry.registry_url import mirror_hosts

Answer = TypeVar("Answer")
CATALOG = "application/vnd.applaunch.catalog.v1"
"""What an artifact is that holds a catalog."""
_KINDS = {"toml": "application/toml", "sig": "application/vnd.applaunch.signature.v1"}


def registry(context: Context, ref: Reference) -> Registry:
    """Return the client for the registry of *ref*, to be closed by the caller; no request is sent yet."""
    login = credentials.find_login(ref, context.call.env, context.call.home, context.call.uid)
    return Registry(ref.registry, context.call.env, login.fields, login.error)


def told(context: Context, ref: Reference, question: Callable[[Registry], Answer]) -> Answer:
    """Return the answer of the registry of *ref* to a *question*; raises `RegistryError`.

    If Docker Hub does not answer, the mirrors are asked that an engine of this machine is configured with.
    """
    try:
        with registry(context, ref) as asked:
            return question(asked)
    except NotPublishedError:
        raise
    except RegistryError as refused:
        for host in _mirrors(context) if ref.registry == HUB else ():
            with suppress(RegistryError), Registry(host, context.call.env) as asked:
                return question(asked)
        raise refused from None


def digest(context: Context, image: str) -> str:
    """Return the digest (``sha256:...``) that *image* has today.

    If the registry does not answer, an engine is asked, which may reach it. Raises `RegistryError`.
    """
    ref = Reference.parse(image)
    try:
        return told(context, ref, lambda asked: asked.digest(ref))
    except RegistryError as refused:
        if by_engine := _by_engine(context, ref):
            return by_engine
        raise refused from None


class Catalogs:
    """Catalogs that are stored in registries as artifacts (`launcher.remotes.catalog_files.Artifacts`)."""

    def __init__(self, context: Context) -> None:
        """Ask with the logins of the user at *context*."""
        self._desk = context

    def digest(self, ref: str) -> str:
        """Return the current digest of *ref*, "" if there is no such artifact; raises `RegistryError`."""
        name = Reference.parse(ref)
        try:
            with registry(self._desk, name) as asked:
                return asked.digest(name)
        except NotPublishedError:
            return ""

    def pull(self, ref: str, largest: int) -> Mapping[str, bytes]:
        """Return the files of the artifact *ref* by name, of at most *largest* bytes together."""
        name = Reference.parse(ref)
        with registry(self._desk, name) as asked:
            return oci_artifacts.pull(asked, name, largest, CATALOG)

    def push(self, ref: str, files: Mapping[str, bytes]) -> str:
        """Upload *files* as the artifact *ref* and return its digest."""
        name = Reference.parse(ref)
        typed = {file: (_KINDS[file.rpartition(".")[2]], data) for file, data in files.items()}
        with registry(self._desk, name) as asked:
            return oci_artifacts.push(asked, name.repository, name.tag, CATALOG, typed)


def _by_engine(context: Context, ref: Reference) -> str:
    try:
        login = credentials.find_login(ref, context.call.env, context.call.home, context.call.uid)
        return context.engine().store.latest(ref, login)
    except UserError:
        return ""


def _mirrors(context: Context) -> list[str]:
    """Return the hosts of an engine's mirrors that are reached like any registry.

    The configuration file is read if the engine does not run, or reports none.
    """
    try:
        urls = context.engine().store.mirrors()
    except UserError:
        urls = []
    return mirror_hosts(urls or configured_mirrors(context.call.env, context.call.home))
