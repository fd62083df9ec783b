"""What a name has today: the engine is asked, which has mirrors and certificates of its own, or else the registry."""

from launcher.core.values.reference import Reference
from launcher.engine import credentials
from launcher.manage.context import Context
from launcher.net.urls import is_loopback
from launcher.run.engine_connection import Reached


def latest(desk: Context, reached: Reached, ref: Reference) -> str:
    """Return the digest (``sha256:...``) that *ref* has today; its own, where it has one, and no pull ever.

    Docker asks the registry by one request. Podman has no such question: we ask the registry ourselves then, by the
    same login, without podman's registries.conf. "" where nobody can tell: an engine on another machine, and a registry
    there. Raises `EngineError` or `RegistryError`: no such tag, login needed, out of reach.
    """
    if ref.digest:
        return ref.digest
    login = credentials.find_login(ref, desk.call.env, desk.call.home, desk.call.uid)
    if told := reached.store.latest(ref, login):
        return told
    from launcher.manage.remotes.registry_access import registry  # noqa: PLC0415  60 ms of urllib3, for who has podman

    if is_loopback(ref.registry) and not reached.endpoint.socket:
        return ""
    with registry(desk, ref) as asked:
        return asked.digest(ref)
