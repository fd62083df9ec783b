"""Makes the tree of an image, from which bubblewrap runs programs: from an engine's export."""

from __future__ import annotations

from launcher.core.sandbox.tree import Tree
from launcher.core.sandbox.tree_owner import TreeOwner
from launcher.core.values.invalid_value import InvalidValueError
from launcher.engine.export_image import export_image, read_config
from launcher.errors import ImageError
from launcher.sandbox.build_tree import build_tree
from launcher.sandbox.unpack_limits import USUAL_LIMITS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.values.invocation import Invocation
    from launcher.core.values.resolved_image import ResolvedImage
    from launcher.host.locations import Places
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
) -> Tree:
    """Return the tree of *image* as *pin* resolves it; make it from the engine's export if it is not there.

    Raises `EngineError` (`ImageMissingError` if the engine does not have the image), `ImageError` and `HostError`.
    """
    reference = pin.image_id or pin.reference(image)
    image_id, config = read_config(engine.client, reference)

    def unpack(unpacker: Unpacker) -> None:
        with export_image(engine.client, image_id) as stream:
            unpacker.unpack(stream, is_layer=False)

    blank = Tree(image_id, pin.digest, config)
    try:
        return build_tree(places.trees, blank, owner_of(call), unpack, limits)
    except InvalidValueError as wrong:
        raise ImageError(image, f"cannot be unpacked: it {wrong.what}", "runtime = 'engine'") from None


def owner_of(call: Invocation) -> TreeOwner:
    """Return the owner of the trees that *call* makes: the caller."""
    return TreeOwner(call.uid, call.gid, call.groups)
