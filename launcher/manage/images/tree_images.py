"""The images of a machine without an engine: unpacked into trees, straight from their registries."""

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.deploy.record import Deployment
from launcher.core.sandbox.choose_runtime import ENGINE, choose_runtime, wanted_runtime
from launcher.core.sandbox.tree import Tree
from launcher.core.values.reference import Reference
from launcher.core.values.resolved_image import ResolvedImage
from launcher.core.values.timestamp import parse_timestamp
from launcher.engine.install_hint import engine_fix, inspect_machine
from launcher.errors import NoEngineError
from launcher.manage.context import Context
from launcher.manage.images.why_no_tree import find_traits, reason_with
from launcher.manage.remotes.registry_access import told
from launcher.run.make_tree import make_tree_from_registry
from launcher.run.project_command import this_platform
from launcher.sandbox.tree_store import list_trees, read_tree


class TreeImages:
    """An `ImageHost` that is the trees of this user; what holds a tree is the record, for it has no tags."""

    def __init__(self, context: Context) -> None:
        """Use the trees of the user at *context*."""
        self._context = context
        self._store = context.places.trees

    @property
    def platform(self) -> str:
        """The platform of this machine."""
        return this_platform()

    def find(self, deployment: Deployment) -> ResolvedImage | None:
        """Return the image of *deployment* if it is unpacked."""
        pin = deployment.pin
        if pin.image_id:
            return pin if read_tree(self._store, pin.image_id) else None
        wanted = deployment.wanted_platform or self.platform
        for tree in list_trees(self._store) if pin.digest else ():
            if tree.digest == pin.digest and tree.config.platform == wanted:
                return pin._replace(image_id=tree.image_id, pulled=True, platform=tree.config.platform)
        return None

    def check_entry(self, entry: CatalogEntry, image: ResolvedImage) -> None:
        """Raise `CannotRunError` or `NoEngineError` for an *entry* that needs an engine, with the ways out."""
        wanted = wanted_runtime(entry, self._context.read_catalogs(published=False).settings.runtime)
        if wanted == ENGINE:
            fix = f"{self._engine_fix()}, or: applaunch override {entry.app} --runtime auto"
            raise NoEngineError(entry.name, "runtime = 'engine', and no container engine answers", fix)
        tree = read_tree(self._store, image.image_id) if image.image_id else None
        if tree is None and entry.user == "host":
            tree = Tree("")  # what no image can change is refused before the download
        choose_runtime(wanted, reason_with(self._context, entry, tree), entry, self._engine_fix())

    def find_named(self, _: str) -> ResolvedImage | None:
        """Return None: trees have no names."""
        return None

    def pull(self, app: str, image: str, platform: str = "") -> ResolvedImage:
        """Download *image* from its registry into a tree; raises `RegistryError`, `ImageError` and `HostError`."""
        self._require_sandboxes(app)
        where, call = self._context.places, self._context.call
        return make_tree_from_registry(where, call, app, image, ResolvedImage(), platform=platform)[0]

    def created(self, deployment: Deployment, image: ResolvedImage) -> float:
        """Return when an image was made, as its config at the registry says."""
        ref = Reference.parse(image.source(deployment.image))
        config = told(self._context, ref, lambda asked: asked.config(ref, deployment.wanted_platform or self.platform))
        return parse_timestamp(config.get("created"))

    def hold(self, image_id: str, tag: str) -> None:
        """Do nothing: the record holds the tree of a deployment."""

    def hold_download(self, app: str, image_id: str) -> None:
        """Do nothing: a tree that no deployment has stays for a while (`retained_trees`)."""

    def release_download(self, app: str, image_id: str) -> None:
        """Do nothing, as `hold_download` does."""

    def unpack(self, deployment: Deployment, image: ResolvedImage) -> None:
        """Do nothing: an image is here only if it is unpacked."""

    def _require_sandboxes(self, app: str) -> None:
        """Raise `NoEngineError` if neither an engine nor bubblewrap can run a program here."""
        if why := find_traits(self._context).why_not:
            what, _, fix = why.partition("; ")
            ways = ", or: ".join(filter(None, (fix, self._engine_fix())))
            raise NoEngineError(app, f"no container engine answers, and {what}", ways)

    def _engine_fix(self) -> str:
        return engine_fix(inspect_machine(self._context.call.uid, self._context.call.env.get("PATH")))
