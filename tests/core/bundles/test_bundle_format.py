"""The documents of a bundle (lock, catalog, index) and the changes that are refused."""

import json
import tarfile
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.core.bundles import bundle_format, canonical_tar
from launcher.core.bundles.bundle_check import image_ids_for, read_bundle
from launcher.core.bundles.bundle_format import Blob, Image, archive_documents, tags_of
from launcher.core.catalog import toml_edit
from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.keys import KEYS
from launcher.core.catalog.merge import resolve
from launcher.core.catalog.to_table import to_table
from launcher.core.images.lockfile import LockedApp, LockedImage, checksum, lock_text, read_lock
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import CatalogError
from tests import bundles
from tests.bundles import DIGEST
from tests.core.examples import catalog

ID, OTHER_ID = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
AMD64, ARM64 = "linux/amd64", "linux/arm64"
JQ = LockedApp("jq", "ghcr.io/jqlang/jq:1.7.1", DIGEST, {AMD64: LockedImage(DIGEST, ID)})


def test_a_lock_is_written_as_toml():
    assert lock_text([JQ]) == (
        "version = 1\n"
        "\n"
        "[[apps.jq]]\n"
        'ref = "ghcr.io/jqlang/jq:1.7.1"\n'
        f'config = "{DIGEST}"\n'
        '[apps.jq.platforms."linux/amd64"]\n'
        f'digest = "{DIGEST}"\n'
        f'image_id = "{ID}"\n'
    )


@pytest.mark.parametrize(
    "locks",
    [
        (),
        (JQ,),
        (JQ, JQ._replace(app="node", platforms={AMD64: LockedImage("", ID), ARM64: LockedImage(DIGEST, OTHER_ID)})),
        (JQ._replace(app="g++.1-x"),),
    ],
)
def test_a_lock_survives_a_round_trip(locks):
    assert read_lock(lock_text(reversed(locks))) == tuple(sorted(locks))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("version = ", "is not TOML"),
        ("[apps]", "of version None"),
        ("version = 2\n[apps]", "of version 2"),
        ("version = true\n[apps]", "of version True"),
        ("version = 1\n[apps]\n[more]", "contains other tables than apps"),
        ("version = 1\n[apps]\nJQ = []", "cannot name an app"),
        ("version = 1\n[apps.jq]\nref = 'a'", "is not one table"),
        ("version = 1\n[[apps.jq]]\nref = 'a'", "is not one table"),
        (lock_text([JQ]) + lock_text([JQ])[12:], "is not TOML|is not one table"),
        (lock_text([JQ._replace(ref="A")]), "lower case"),
        (lock_text([JQ._replace(config="sha256:1")]), "is not a digest"),
        (lock_text([JQ._replace(platforms={})]), "is not one table"),
        (lock_text([JQ._replace(platforms={"amd64": LockedImage("", ID)})]), "is not a platform"),
        (lock_text([JQ._replace(platforms={AMD64: LockedImage("", "1")})]), "is not a digest"),
        (lock_text([JQ]).replace("image_id", "id"), "is not a table of digest and image_id"),
        (lock_text([JQ]).replace("digest = ", "digest = 1 #"), "is not a digest"),
    ],
)
def test_an_invalid_lock_is_refused(text, what):
    with pytest.raises(InvalidValueError, match=what):
        read_lock(text)


def test_the_checksum_of_a_table_ignores_order_but_no_value():
    assert checksum({"a": 1, "b": [1]}) == checksum({"b": [1], "a": 1})
    assert checksum({"a": 1}) != checksum({"a": 2})


EVERY_KEY = """
[apps.base]
image = "docker.io/library/busybox:latest"
labels = { base = "1" }
[apps.x]
extends = "base"
entrypoint = ["a", "b c"]
command = ["\\u007f\\"'\\\\"]
volumes = ["~/a:/a", "/b:/b:ro", "data:/data", "/c:/c:ro,Z", { source = "/d", target = "/d", required = false }]
persist = [".cache/x"]
mount_cwd = "ro"
project_markers = ["go.mod"]
path_args = ["--input", "-o"]
working_dir = "/data"
user = "1000:1000"
group_add = ["video"]
environment = ["A=1", "B=", "AWS_*", "TZ", "C=a=b"]
network_mode = "bridge"
network_share = false
localhost = [5432, "host"]
ports = ["8080", "80:80", "0.0.0.0:53:53/udp", "[::1]:7-8:7-8"]
tty = true
stdin = "never"
init = false
read_only = true
tmpfs = ["/tmp", "/run:size=1m,exec"]
cap_add = ["NET_ADMIN"]
cap_drop = ["ALL"]
security_opt = ["label=disable"]
shm_size = "64m"
ulimits = { nofile = 1024, nproc = { soft = 1, hard = 2 } }
mem_limit = "1g"
cpus = 1.5
pids_limit = 7
stop_signal = "SIGINT"
stop_grace_period = "1.1s"
warm = "5m30s"
reuse = "shared"
runtime = "engine"
hostname = "h"
dns = ["1.1.1.1"]
extra_hosts = ["a:127.0.0.1"]
platform = "linux/amd64"
pull_policy = "never"
labels = { "a=b" = "c" }
deny = ["~/.ssh", "environment:AWS_*"]
aliases = ["y"]
unexposed = ["y"]
allow_shadow = ["y"]
description = "an \\u00e9xample"
homepage = "https://example"
license = "MIT"
version = "1"
maintainer = "ana"
categories = ["a"]
deprecated = "old"
replaced_by = "z"
[apps.x.commands.x]
command = ["one"]
[apps.x.commands.Other]
command = []
warm = false
volumes = []
"""


def test_an_app_survives_a_round_trip_through_its_table():
    app = resolve([catalog(EVERY_KEY)], "x")

    table = to_table(app, app.keys["image"])
    text = toml_edit.new_document({"schema": 1, "apps": {"x": table}}, "a comment")
    again = resolve([Catalog.parse(text, "bundle", "bundle")], "x")

    assert again.keys == {
        key: value for key, value in app.keys.items() if key not in ("extends", "unexposed", "allow_shadow")
    }
    assert again.commands == app.commands
    assert tomllib.loads(text)["apps"]["x"] == table


def test_every_catalog_key_is_covered():
    assert {*catalog(EVERY_KEY).app("x").keys} == {*KEYS} - {"image", "build"}


def test_a_bundle_leaves_the_choice_of_bubblewrap_to_its_readers():
    app = resolve([catalog("[apps.x]\nimage = 'docker.io/library/a:1'\nruntime = 'bubblewrap'\n[apps.x.commands.y]\nruntime = 'bubblewrap'")], "x")  # fmt: skip

    assert to_table(app, "docker.io/library/a:1") == {"image": "docker.io/library/a:1", "commands": {"y": {}}}


def test_the_table_of_an_app_names_the_image_that_runs():
    app = resolve([catalog("[apps.x]\nimage = 'docker.io/library/a:1'")], "x")

    assert to_table(app, "docker.io/library/a:2") == {"image": "docker.io/library/a:2"}


SIZES = st.integers(0, 1 << 40)


@given(
    st.from_regex(r"[a-z0-9/._-]{1,100}", fullmatch=True).filter(lambda name: name[0] != "/" and name[-1] != "/"), SIZES
)
def test_a_tar_header_survives_a_round_trip(name, size):
    if ".." in name.split("/"):
        return
    block = canonical_tar.header(name, size)

    assert len(block) == canonical_tar.BLOCK
    assert canonical_tar.parse_header(block) == (name, size)


def block(name="a", **fields):
    """Return a header with some fields changed."""
    info = tarfile.TarInfo(name)
    for key, value in fields.items():
        setattr(info, key, value)
    return info.tobuf(tarfile.GNU_FORMAT)[:512]


@pytest.mark.parametrize(
    ("header", "what"),
    [
        (block("/etc/passwd"), "absolute path"),
        (block("../x"), "is outside the bundle"),
        (block("a/../../x"), "is outside the bundle"),
        (block(type=tarfile.SYMTYPE, linkname="/etc"), "is a link"),
        (block(type=tarfile.LNKTYPE, linkname="b"), "is a link"),
        (block(type=tarfile.CHRTYPE), "is a device"),
        (block(type=tarfile.BLKTYPE), "is a device"),
        (block(type=tarfile.FIFOTYPE), "is a pipe"),
        (block(type=tarfile.DIRTYPE), "is a folder"),
        (block(mtime=1), "written by another program"),
        (block(mode=0o4755), "written by another program"),
        (block(uid=1), "written by another program"),
        (block(type=tarfile.GNUTYPE_LONGNAME), "written by another program"),
        (block(type=tarfile.GNUTYPE_SPARSE), "written by another program"),
        (b"x" * 512, "no tar header"),
        (b"x", "no tar header"),
        (b"", "no tar header"),
    ],
)
def test_an_entry_of_another_kind_is_refused(header, what):
    with pytest.raises(InvalidValueError, match=what):
        canonical_tar.parse_header(header)


def test_nothing_follows_the_end():
    assert canonical_tar.parse_header(bytes(512)) is None


def image(text, *names):
    """Return an image that consists only of its digests."""
    blob = Blob.of(text.encode())
    return Image(blob, AMD64, (Blob.of(b"base"), blob), names)


def test_docker_and_oci_documents_name_the_same_blobs():
    one, two = image("one", "docker.io/library/one:1"), image("two")

    found = archive_documents([two, one])
    index, manifest = json.loads(found["index.json"]), json.loads(found["manifest.json"])

    assert json.loads(found["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    assert [each["digest"] for each in index["manifests"]] == [each.manifest_id for each in sorted([one, two])]
    assert {each["Config"] for each in manifest} == {one.config.path, two.config.path}
    for each in (one, two):
        oci = json.loads(found[Blob.of(each.manifest).path])
        (docker,) = [entry for entry in manifest if entry["Config"] == each.config.path]
        assert oci["config"]["digest"] == each.id
        assert [bundle_format.BLOBS + layer["digest"][7:] for layer in oci["layers"]] == docker["Layers"]
    assert [entry["RepoTags"] for entry in manifest if entry["Config"] == one.config.path] == [
        ["docker.io/library/one:1"]
    ]


def test_an_image_with_two_names_is_indexed_by_each():
    found = json.loads(archive_documents([image("one", "a:1", "b:1")])["index.json"])["manifests"]

    assert [each["annotations"]["io.containerd.image.name"] for each in found] == ["a:1", "b:1"]
    assert len({each["digest"] for each in found}) == 1


def test_the_order_of_images_does_not_change_the_documents():
    images = [image(text) for text in "abc"]

    assert archive_documents(images) == archive_documents(reversed(images))


def test_a_tag_of_two_images_is_given_to_neither():
    locks = [
        JQ,
        JQ._replace(app="jq2", platforms={AMD64: LockedImage("", OTHER_ID)}),
        JQ._replace(app="busybox", ref="busybox"),
        JQ._replace(app="exact", ref=f"docker.io/library/x@{DIGEST}"),
    ]

    assert tags_of(locks, ID) == ("docker.io/library/busybox:latest",)
    assert tags_of(locks, OTHER_ID) == ()


def looked_at(files):
    return read_bundle({name: len(data) for name, data in files.items()}, files.__getitem__, "bundle")


def test_a_bundle_survives_a_round_trip():
    files = bundles.bundle()

    found = looked_at(files)

    assert [lock.app for lock in found.locks] == ["one", "two"]
    assert len(found.images) == 2
    assert len({layer for each in found.images for layer in each.layers}) == 3
    assert found.documents == {name: data for name, data in files.items() if name in found.documents}


def without(files, name):
    return {key: data for key, data in files.items() if key != name}


@pytest.mark.parametrize("name", bundles.bundle())
def test_a_missing_or_changed_file_of_a_bundle_is_refused(name):
    files = bundles.bundle()

    with pytest.raises(InvalidValueError):
        looked_at(without(files, name))
    with pytest.raises((InvalidValueError, CatalogError)):
        looked_at(files | {name: files[name] + b" "})


def test_an_unexpected_file_in_a_bundle_is_refused():
    for name in ("more", "applaunch/more", f"blobs/sha256/{'0' * 64}"):
        with pytest.raises(InvalidValueError, match="contains the unexpected file"):
            looked_at(bundles.bundle() | {name: b"x"})


@pytest.mark.parametrize("name", ["index.json", "manifest.json", "oci-layout"])
@pytest.mark.parametrize(
    "data", [b"", b"[" * 100_000, b"1", b"null", b"[]", b"{}", b'{"manifests":[1,{"digest":[]}]}', b"\xff"]
)
def test_a_changed_document_is_refused(name, data):
    with pytest.raises(InvalidValueError):
        looked_at(bundles.bundle() | {name: data})


def forged(**changes):
    """Return a bundle with consistent checksums but changed content."""
    files = bundles.bundle()
    for name, change in changes.items():
        path = {"lock": bundle_format.LOCK, "catalog": bundle_format.CATALOG}[name]
        files[path] = files[path].replace(*change)
    index = json.loads(files["index.json"]) | {
        "annotations": bundle_format.own_checksums({key: files[key] for key in bundle_format.REQUIRED[:2]})
    }
    return files | {"index.json": bundle_format.to_json(index)}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"lock": (b"apps.two", b"apps.three")}, "contain different apps"),
        ({"catalog": (b"library/two:1", b"library/two:2")}, "differ for two"),
        ({"lock": (b"library/two:1", b"library/two:2")}, "differ for two"),
        ({"lock": (b"linux/amd64", b"linux/arm64")}, "names other images than it contains"),
        ({"catalog": (b"image", b"nimage")}, "unknown key 'nimage'"),
        ({"catalog": (b"schema = 1", b"schema = 2")}, "schema 2 is not known"),
        ({"catalog": (b"schema", b"\xff")}, "is not UTF-8"),
        ({"lock": (b"version = 1", b"version = 1\n#")}, "applaunch.lock"),
    ],
)
def test_lock_catalog_and_images_must_match(changes, what):
    with pytest.raises((InvalidValueError, CatalogError), match=what):
        looked_at(forged(**changes))


def test_a_forged_manifest_is_refused():
    files = bundles.bundle()
    index = json.loads(files["index.json"])
    path = bundle_format.BLOBS + index["manifests"][0]["digest"][7:]
    for change in ({"layers": []}, {"layers": [{"digest": "x", "size": {}}] * 2}, {"config": None}, {"more": 1}):
        data = bundle_format.to_json(json.loads(files[path]) | change)
        with pytest.raises(InvalidValueError):
            looked_at(files | {path: data})


def test_the_image_for_the_engines_platform_is_selected():
    locks = [JQ._replace(platforms={AMD64: LockedImage("", ID), ARM64: LockedImage("", OTHER_ID)})]

    assert image_ids_for(locks, {"jq": ARM64}) == {"jq": OTHER_ID}
    with pytest.raises(InvalidValueError, match="jq is for linux/amd64, linux/arm64, but this engine is linux/riscv64"):
        image_ids_for(locks, {"jq": "linux/riscv64"})


@pytest.mark.parametrize(
    ("arch", "platform"),
    [
        ("x86_64", AMD64),
        ("amd64", AMD64),
        ("aarch64", ARM64),
        ("arm64", ARM64),
        ("armv7l", "linux/arm"),
        ("s390x", "linux/s390x"),
    ],
)
def test_an_engines_platform_is_mapped_to_an_image_platform(arch, platform):
    assert EngineTraits(arch=arch).platform == platform
