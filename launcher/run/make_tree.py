"""Makes the tree of an image, from which bubblewrap runs programs: from an engine's export, or from its registry."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager, suppress

from launcher.core.images.pull_events import PullEvent, PullResult
from launcher.core.run.engine_traits import machine_platform
from launcher.core.sandbox.image_config import parse_image_config
from launcher.core.sandbox.tree import Tree
from launcher.core.sandbox.tree_owner import TreeOwner
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.reference import HUB, Reference
from launcher.core.values.resolved_image import ResolvedImage
from launcher.engine import credentials
from launcher.engine.export_image import export_image, read_config
from launcher.engine.mirror_files import configured_mirrors
from launcher.errors import ImageError, NotPublishedError, RegistryError
from launcher.host import process
from launcher.host.pull_progress import choose_progress
from launcher.registry.download_image import find_remote_image, open_layer
from launcher.registry.layer_stream import short_id
from launcher.registry.registry_client import Registry
from launcher.registry.registry_url import mirror_hosts
from launcher.run.find_image import columns_and_rows, write_stderr
from launcher.run.show_unpacking import ShownStream
from launcher.sandbox.build_tree import build_tree
from launcher.sandbox.unpack_limits import USUAL_LIMITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from launcher.core.values.invocation import Invocation
    from launcher.host.locations import Places
    from launcher.host.pull_progress import Progress
    from launcher.registry.download_image import RemoteImage
    from launcher.run.engine_connection import EngineConnection
    from launcher.sandbox.unpack_limits import UnpackLimits
    from launcher.sandbox.unpack_tar import Unpacker


def make_tree_from_engine(  # noqa: PLR0913  the parts of a launch, and the limits
    engine: EngineConnection,
    places: Places,
    call: Invocation,
    image: str,
    pin: ResolvedImage,
    *,
    limits: UnpackLimits = USUAL_LIMITS,
    shows: bool = False,
) -> Tree:
    """Return the tree of *image* as *pin* resolves it; make it from the engine's export if it is not there.

    With *shows*, a terminal at stderr shows how far it is. Raises `EngineError` (`ImageMissingError` if the engine does
    not have the image), `ImageError` and `HostError`.
    """
    image_id, config = read_config(engine.client, pin.image_id or pin.reference(image))

    def unpack(unpacker: Unpacker) -> None:
        progress = _choose_progress(call) if shows and process.is_terminal(2) else None
        with export_image(engine.client, image_id) as stream:
            if progress is None:
                unpacker.unpack(stream, is_layer=False)
                return
            facts = engine.store.inspect(image_id)
            shown = ShownStream(stream, facts.size if facts else 0, image, progress)
            unpacker.unpack(shown, is_layer=False)
            shown.end()

    blank = Tree(image_id, pin.digest, config)
    try:
        return build_tree(places.trees, blank, owner_of(call), unpack, limits)
    except InvalidValueError as wrong:
        raise _refuse(image, wrong) from None


def make_tree_from_registry(  # noqa: PLR0913  the parts of a launch, and what may be chosen
    places: Places,
    call: Invocation,
    name: str,
    image: str,
    pin: ResolvedImage,
    *,
    platform: str = "",
    mirrors: Sequence[str] | None = None,
    progress: Progress | None = None,
    limits: UnpackLimits = USUAL_LIMITS,
) -> tuple[ResolvedImage, Tree]:
    """Download *image* for the app *name* from its registry, without an engine, and return it and its tree.

    If *pin* has a digest, exactly that is downloaded. *platform* is this machine's by default. If Docker Hub does not
    answer, *mirrors* (``HOST[:PORT]``) are asked, by default those that this machine's engines are configured with. The
    progress is shown on stderr, or as *progress* does. Only the manifest and the config are requested if the tree is
    there. Raises `RegistryError`, `ImageError` and `HostError`.
    """
    ref = Reference.parse(pin.source(image))
    wanted = platform or pin.platform or machine_platform(os.uname().machine)
    shown = progress or _choose_progress(call)
    with _find_image(ref, call, mirrors, wanted) as (registry, found):

        def unpack(unpacker: Unpacker) -> None:
            shown.begin(name, image)
            _download(registry, found, unpacker, shown)
            shown.end(PullResult(found.digest, f"Downloaded newer image for {ref.full}"))

        blank = Tree(found.image_id, found.digest, parse_image_config(found.config, found.platform))
        try:
            tree = build_tree(places.trees, blank, owner_of(call), unpack, limits)
        except InvalidValueError as wrong:
            raise _refuse(image, wrong) from None
    return ResolvedImage(found.digest, found.image_id, pulled=True, platform=found.platform), tree


def _choose_progress(call: Invocation) -> Progress:
    term = call.env.get("TERM", "")
    return choose_progress(write_stderr, columns_and_rows, tty=process.is_terminal(2), term=term)


def owner_of(call: Invocation) -> TreeOwner:
    """Return the owner of the trees that *call* makes: the caller."""
    return TreeOwner(call.uid, call.gid, call.groups)


@contextmanager
def _find_image(
    ref: Reference, call: Invocation, mirrors: Sequence[str] | None, platform: str
) -> Iterator[tuple[Registry, RemoteImage]]:
    """Give *ref* for *platform*, and the registry that has it: its own, or one of the *mirrors* of Docker Hub."""
    login = credentials.find_login(ref, call.env, call.home, call.uid)
    with ExitStack() as stack:
        registry = stack.enter_context(Registry(ref.registry, call.env, login.fields, login.error))
        try:
            found = find_remote_image(registry, ref, platform)
        except NotPublishedError:
            raise
        except RegistryError as refused:
            if mirrors is None:
                mirrors = mirror_hosts(configured_mirrors(call.env, call.home))
            for host in mirrors if ref.registry == HUB else ():
                registry = stack.enter_context(Registry(host, call.env))
                with suppress(RegistryError):
                    found = find_remote_image(registry, ref, platform)
                    break
            else:
                raise refused from None
        yield registry, found


def _download(registry: Registry, image: RemoteImage, unpacker: Unpacker, shown: Progress) -> None:
    shown.show(PullEvent(image.ref.tag or image.digest, f"Pulling from {image.ref.repository}"))
    for layer in image.layers:
        shown.show(PullEvent(short_id(layer.blob.digest), "Pulling fs layer"))
    for layer in image.layers:
        with open_layer(registry, image, layer, shown.show) as stream:
            unpacker.unpack(stream, is_layer=True)


def _refuse(image: str, wrong: InvalidValueError) -> ImageError:
    return ImageError(image, f"cannot be unpacked: the image {wrong.what}", wrong.fix or "use another image")
