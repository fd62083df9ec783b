"""What of an image stays writable in a sandbox: what no mount hides, and the image's own volumes."""

import pytest

from launcher.core.sandbox.tree import ImageConfig, Tree, WritablePath
from launcher.core.sandbox.writable_places import writable_places

TREE = Tree("sha256:1", config=ImageConfig(volumes=("/data/cache", "/vol")))
PATHS = ("/tmp", "/data/spool", "/data/cache", "/vol/x", "/srv")


def left(*targets, read_only=False):
    tree = TREE._replace(writable=tuple(WritablePath(path, 0o1777, empty=True) for path in PATHS))
    return [each.path for each in writable_places(tree, targets, read_only=read_only)]


@pytest.mark.parametrize(
    ("targets", "paths"),
    [
        ((), PATHS),
        (("/home/ana", "/tmp/work", "/tmpx"), PATHS),
        (("/tmp",), ("/data/spool", "/data/cache", "/vol/x", "/srv")),
        (("/data",), ("/tmp", "/data/cache", "/vol/x", "/srv")),  # a volume lies over a mount above it
        (("/data/",), ("/tmp", "/data/cache", "/vol/x", "/srv")),
        (("/data/cache",), ("/tmp", "/data/spool", "/vol/x", "/srv")),
        (("/vol",), ("/tmp", "/data/spool", "/data/cache", "/srv")),
        (("/srv/deep",), PATHS),
    ],
)
def test_what_a_mount_hides_is_left_out(targets, paths):
    assert tuple(left(*targets)) == tuple(paths)


def test_a_read_only_image_leaves_its_volumes():
    assert left(read_only=True) == ["/data/cache", "/vol/x"]
    assert left("/vol/x", read_only=True) == ["/data/cache"]
