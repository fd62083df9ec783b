"""The digest that an image name has today, from the engine (its mirrors and certificates) or from the registry."""

from launcher.core.deploy.record import Deployment
from launcher.core.values.reference import Reference
from launcher.engine import credentials
from launcher.errors import EngineError, RegistryError, UserError
from launcher.manage.context import Context
from launcher.net.urls import is_loopback
from launcher.run.engine_connection import EngineConnection


class LatestDigests:
    """The digests that registries have for images today; each is asked for once."""

    def __init__(self, context: Context) -> None:
        """Use the engine of *context*, if there is one, when the first digest is asked for."""
        self._desk = context
        self._is_connected = False
        self._reached: EngineConnection | None = None
        self._known: dict[str, str | UserError] = {}

    def connect(self) -> None:
        """Connect to the engine, if this machine has one; raises `EngineError` if it does not answer."""
        if not self._is_connected:
            self._reached = self._desk.find_engine(autostart=True)
            self._is_connected = True

    def ask(self, deployment: Deployment) -> str:
        """Return the digest for the image of a *deployment*, "" if no registry knows it; raises `UserError`."""
        if deployment.recipe or (deployment.loaded and not deployment.digest):  # built here, or from no registry
            return ""
        image = deployment.image
        self.connect()
        if image not in self._known:
            try:
                self._known[image] = latest(self._desk, self._reached, Reference.parse(image))
            except (EngineError, RegistryError) as error:
                self._known[image] = error
        return self.recall(deployment)

    def recall(self, deployment: Deployment) -> str:
        """Return what `ask` returned, or raise what it raised; send no request."""
        answer = self._known.get(deployment.image, "")
        if isinstance(answer, UserError):
            raise answer
        return answer


def latest(context: Context, reached: EngineConnection | None, ref: Reference) -> str:
    """Return the digest (``sha256:...``) that *ref* has today, or its own digest if it has one; pull nothing.

    Docker sends one request to the registry. Podman cannot, so applaunch asks the registry itself, with the same
    credentials and without podman's registries.conf; so it does if no engine was *reached*. "" if the registry is on
    the machine of a remote engine. Raises `EngineError` or `RegistryError`: no such tag, login needed, unreachable.
    """
    if ref.digest:
        return ref.digest
    if reached:
        login = credentials.find_login(ref, context.call.env, context.call.home, context.call.uid)
        if told := reached.store.latest(ref, login):
            return told
        if is_loopback(ref.registry) and not reached.endpoint.socket:
            return ""
    from launcher.manage.remotes.registry_access import registry  # noqa: PLC0415  60 ms of urllib3, if no docker answers

    with registry(context, ref) as asked:
        return asked.digest(ref)
