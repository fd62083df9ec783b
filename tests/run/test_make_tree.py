"""Trees of real images: from the engine's export, from the registry, and as tar unpacks the export."""

import os
import stat
import subprocess
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest

from launcher.core.values.resolved_image import ResolvedImage
from launcher.engine.docker_client import connect
from launcher.engine.endpoint import Endpoint
from launcher.errors import ImageError, ImageMissingError, NotPublishedError
from launcher.run.make_tree import make_tree_from_engine, make_tree_from_registry
from launcher.sandbox import manage_trees, tree_store
from launcher.sandbox.unpack_limits import UnpackLimits

pytestmark = pytest.mark.engine
IMAGES = ("docker.io/library/busybox:latest", "docker.io/library/debian:bookworm-slim", "ghcr.io/jqlang/jq:1.7.1")
SPARE = {"home", "etc/passwd", "etc/group", "etc/localtime"}
"""What a tree has beside the image's files, for what nearly every run mounts there."""
INIT = {
    ".dockerenv",
    "etc/hosts",
    "etc/hostname",
    "etc/resolv.conf",
    "etc/mtab",
    "dev/console",
    "dev/pts",
    "dev/shm",
    "proc",
    "sys",
    "dev",
    "etc",
}
INIT |= {"etc/passwd", "etc/group", "etc/localtime", "home"}
"""What docker puts over an image, at the time when the container is created."""


@pytest.fixture(scope="module")
def connection(engine):
    with connect(Endpoint(engine.docker_host)) as client:
        yield SimpleNamespace(client=client)


def pulled(engine, image):
    assert engine.docker("pull", "-q", engine.ref(image)).returncode == 0
    return engine.ref(image)


def places(folder):
    return SimpleNamespace(trees=str(folder))


def call(uid=None):
    uid = os.getuid() if uid is None else uid
    return SimpleNamespace(uid=uid, gid=uid, groups=(uid,), env={}, home="/nonexistent")


def local(engine, image):
    """Return the image by its place in the rig's registry."""
    return f"{engine.registry}/{image.partition('/')[2]}"


def listed(root):
    """Return all files below a folder, as far as a program sees them: kind, mode, owner, content, links, time."""
    found, names = {}, {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            status = os.lstat(path)
            place = os.path.relpath(path, root)
            if stat.S_ISREG(status.st_mode):
                content = sha256(Path(path).read_bytes()).hexdigest()
                first = names.setdefault(status.st_ino, place)
            else:
                content = os.readlink(path) if stat.S_ISLNK(status.st_mode) else ""
                first = place
            time = 0 if place in INIT or stat.S_ISDIR(status.st_mode) else int(status.st_mtime)
            mode = status.st_mode & ~0o6000  # setuid and setgid are never unpacked
            found[place] = (stat.filemode(mode), status.st_uid, status.st_gid, content, first, time)
    return found


def rootfs(folder, tree):
    return f"{tree_store.tree_folder(str(folder), tree.image_id)}/rootfs"


@pytest.mark.parametrize("image", IMAGES)
def test_all_ways_to_unpack_an_image_give_the_same_files(engine, connection, tmp_path, image):
    if os.getuid():
        pytest.skip("only root can keep the owners of files, which tar and trees are compared by")
    name = pulled(engine, image)
    by_engine = make_tree_from_engine(connection, places(tmp_path / "a"), call(), name, ResolvedImage())
    pin, by_registry = make_tree_from_registry(
        places(tmp_path / "b"), call(), "x", local(engine, image), ResolvedImage()
    )

    container = engine.docker("create", name, "true").stdout.strip()
    (tmp_path / "tar").mkdir()
    exported = engine.docker("export", container, text=False).stdout
    subprocess.run(["tar", "-x", "-p", "--numeric-owner", "-C", tmp_path / "tar"], input=exported, check=True)
    engine.docker("rm", container)

    by_tar, one, other = (
        listed(each)
        for each in (tmp_path / "tar", rootfs(tmp_path / "a", by_engine), rootfs(tmp_path / "b", by_registry))
    )
    assert one == other
    for name in {*one} - {*by_tar}:
        assert name in SPARE or (name in INIT and engine.name.startswith("podman"))  # it exports less than docker
        del one[name]
    assert one == by_tar
    assert by_engine == by_registry._replace(digest=by_engine.digest)
    assert pin == ResolvedImage(by_registry.digest, by_engine.image_id, pulled=True, platform="linux/amd64")
    assert manage_trees.verify_tree(str(tmp_path / "a"), by_engine.image_id) == []


def test_no_container_remains(engine, connection, tmp_path):
    name = pulled(engine, IMAGES[0])

    make_tree_from_engine(connection, places(tmp_path), call(), name, ResolvedImage())
    with pytest.raises(ImageError) as refused:
        make_tree_from_engine(
            connection, places(tmp_path / "b"), call(), name, ResolvedImage(), limits=UnpackLimits(files=10)
        )

    assert (
        refused.value.line
        == f"applaunch: {name}: cannot be unpacked: the image has more than 10 files; let an engine run it: runtime = 'engine'"
    )
    assert os.listdir(tmp_path / "b") == []
    assert connection.client.containers(all=True, filters={"label": "applaunch.probe"}) == []


def test_a_missing_image_is_reported_as_missing(engine, connection, tmp_path):
    with pytest.raises(ImageMissingError):
        make_tree_from_engine(connection, places(tmp_path), call(), "localhost/no/such:1", ResolvedImage())
    with pytest.raises(NotPublishedError):
        make_tree_from_registry(places(tmp_path), call(), "x", f"{engine.registry}/no/such:1", ResolvedImage())
    assert os.listdir(tmp_path) == []


def test_a_tree_that_exists_is_not_downloaded_again(engine, tmp_path):
    name = local(engine, IMAGES[0])
    events = []
    progress = SimpleNamespace(begin=lambda *_: events.append("begin"), show=events.append, end=events.append)

    pin, tree = make_tree_from_registry(places(tmp_path), call(), "x", name, ResolvedImage(), progress=progress)
    shown = [*events]
    again = make_tree_from_registry(places(tmp_path), call(), "x", name, pin, progress=progress)

    assert again == (pin, tree)
    assert events == shown
    assert [event.status for event in shown[1:-1]][:2] == ["Pulling from library/busybox", "Pulling fs layer"]
    assert shown[-2].status == "Pull complete"
    assert shown[-1].digest == pin.digest


def test_a_layer_that_the_registry_lacks_leaves_nothing(engine, tmp_path):
    with pytest.raises(NotPublishedError) as refused:
        make_tree_from_registry(
            places(tmp_path), call(), "x", local(engine, "docker.io/applaunch/broken:latest"), ResolvedImage()
        )

    assert "lacks a part of applaunch/broken" in refused.value.what
    assert os.listdir(tmp_path) == []
