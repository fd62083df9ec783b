"""What a bundle is made of: lock, catalog, documents, and what is refused of them."""

import json
import tarfile
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.core.bundles import bundle_format, canonical_tar
from launcher.core.bundles.bundle_check import of_platform, opened
from launcher.core.bundles.bundle_format import Blob, Image, archive, tags_of
from launcher.core.catalog import toml_edit
from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.keys import KEYS
from launcher.core.catalog.merge import resolve
from launcher.core.catalog.to_table import to_table
from launcher.core.images.lockfile import Held, Locked, checksum, lock_text, read_lock
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import CatalogError
from tests import bundles
from tests.bundles import DIGEST
from tests.core.examples import catalog

ID, OTHER_ID = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
AMD64, ARM64 = "linux/amd64", "linux/arm64"
JQ = Locked("jq", "ghcr.io/jqlang/jq:1.7.1", DIGEST, {AMD64: Held(DIGEST, ID)})


def test_a_lock_is_toml_of_the_format():
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
        (JQ, JQ._replace(app="node", platforms={AMD64: Held("", ID), ARM64: Held(DIGEST, OTHER_ID)})),
        (JQ._replace(app="g++.1-x"),),
    ],
)
def test_a_lock_is_read_as_it_was_written(locks):
    assert read_lock(lock_text(reversed(locks))) == tuple(sorted(locks))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("version = ", "is not TOML"),
        ("[apps]", "of version None"),
        ("version = 2\n[apps]", "of version 2"),
        ("version = true\n[apps]", "of version True"),
        ("version = 1\n[apps]\n[more]", "something else than apps"),
        ("version = 1\n[apps]\nJQ = []", "cannot name an app"),
        ("version = 1\n[apps.jq]\nref = 'a'", "is not one table"),
        ("version = 1\n[[apps.jq]]\nref = 'a'", "is not one table"),
        (lock_text([JQ]) + lock_text([JQ])[12:], "is not TOML|is not one table"),
        (lock_text([JQ._replace(ref="A")]), "lower case"),
        (lock_text([JQ._replace(config="sha256:1")]), "is no digest"),
        (lock_text([JQ._replace(platforms={})]), "is not one table"),
        (lock_text([JQ._replace(platforms={"amd64": Held("", ID)})]), "is no platform"),
        (lock_text([JQ._replace(platforms={AMD64: Held("", "1")})]), "is no digest"),
        (lock_text([JQ]).replace("image_id", "id"), "is not a table of digest and image_id"),
        (lock_text([JQ]).replace("digest = ", "digest = 1 #"), "is no digest"),
    ],
)
def test_a_lock_that_is_none_is_refused(text, what):
    with pytest.raises(InvalidValueError, match=what):
        read_lock(text)


def test_the_checksum_of_a_table_minds_no_order_but_every_value():
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
path_args = ["--input", "-o"]
working_dir = "/data"
user = "1000:1000"
group_add = ["video"]
environment = ["A=1", "B=", "AWS_*", "TZ", "C=a=b"]
network_mode = "bridge"
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


def test_an_app_is_spelled_so_that_it_is_read_the_same():
    app = resolve([catalog(EVERY_KEY)], "x")

    table = to_table(app, app.keys["image"])
    text = toml_edit.new_document({"schema": 1, "apps": {"x": table}}, "a comment")
    again = resolve([Catalog.parse(text, "bundle", "bundle")], "x")

    assert again.keys == {
        key: value for key, value in app.keys.items() if key not in ("extends", "unexposed", "allow_shadow")
    }
    assert again.commands == app.commands
    assert tomllib.loads(text)["apps"]["x"] == table


def test_every_key_of_the_catalog_has_been_thought_of():
    assert {*catalog(EVERY_KEY).app("x").keys} == {*KEYS} - {"image", "build"}


def test_an_app_is_spelled_on_the_image_that_runs():
    app = resolve([catalog("[apps.x]\nimage = 'docker.io/library/a:1'")], "x")

    assert to_table(app, "docker.io/library/a:2") == {"image": "docker.io/library/a:2"}


SIZES = st.integers(0, 1 << 40)


@given(
    st.from_regex(r"[a-z0-9/._-]{1,100}", fullmatch=True).filter(lambda name: name[0] != "/" and name[-1] != "/"), SIZES
)
def test_a_header_is_read_as_it_was_written(name, size):
    if ".." in name.split("/"):
        return
    block = canonical_tar.header(name, size)

    assert len(block) == canonical_tar.BLOCK
    assert canonical_tar.entry(block) == (name, size)


def block(name="a", **fields):
    """Return a header with some fields of another kind."""
    info = tarfile.TarInfo(name)
    for key, value in fields.items():
        setattr(info, key, value)
    return info.tobuf(tarfile.GNU_FORMAT)[:512]


@pytest.mark.parametrize(
    ("header", "what"),
    [
        (block("/etc/passwd"), "absolute path"),
        (block("../x"), "leads out of the bundle"),
        (block("a/../../x"), "leads out of the bundle"),
        (block(type=tarfile.SYMTYPE, linkname="/etc"), "is a link"),
        (block(type=tarfile.LNKTYPE, linkname="b"), "is a link"),
        (block(type=tarfile.CHRTYPE), "is a device"),
        (block(type=tarfile.BLKTYPE), "is a device"),
        (block(type=tarfile.FIFOTYPE), "is a pipe"),
        (block(type=tarfile.DIRTYPE), "is a folder"),
        (block(mtime=1), "written by something else"),
        (block(mode=0o4755), "written by something else"),
        (block(uid=1), "written by something else"),
        (block(type=tarfile.GNUTYPE_LONGNAME), "written by something else"),
        (block(type=tarfile.GNUTYPE_SPARSE), "written by something else"),
        (b"x" * 512, "no header of a tar"),
        (b"x", "no header of a tar"),
        (b"", "no header of a tar"),
    ],
)
def test_an_entry_of_another_kind_is_refused(header, what):
    with pytest.raises(InvalidValueError, match=what):
        canonical_tar.entry(header)


def test_nothing_follows_the_end():
    assert canonical_tar.entry(bytes(512)) is None


def image(text, *names):
    """Return an image that is no more than its checksums."""
    blob = Blob.of(text.encode())
    return Image(blob, AMD64, (Blob.of(b"base"), blob), names)


def test_every_engine_finds_its_own_documents_with_the_same_blobs():
    one, two = image("one", "docker.io/library/one:1"), image("two")

    found = archive([two, one])
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
    found = json.loads(archive([image("one", "a:1", "b:1")])["index.json"])["manifests"]

    assert [each["annotations"]["io.containerd.image.name"] for each in found] == ["a:1", "b:1"]
    assert len({each["digest"] for each in found}) == 1


def test_the_same_images_give_the_same_documents_in_whatever_order():
    images = [image(text) for text in "abc"]

    assert archive(images) == archive(reversed(images))


def test_a_tag_that_two_images_are_asked_for_by_is_nobodys():
    locks = [
        JQ,
        JQ._replace(app="jq2", platforms={AMD64: Held("", OTHER_ID)}),
        JQ._replace(app="busybox", ref="busybox"),
        JQ._replace(app="exact", ref=f"docker.io/library/x@{DIGEST}"),
    ]

    assert tags_of(locks, ID) == ("docker.io/library/busybox:latest",)
    assert tags_of(locks, OTHER_ID) == ()


def looked_at(files):
    return opened({name: len(data) for name, data in files.items()}, files.__getitem__, "bundle")


def test_a_bundle_is_opened_as_it_was_packed():
    files = bundles.bundle()

    found = looked_at(files)

    assert [lock.app for lock in found.locks] == ["one", "two"]
    assert len(found.images) == 2
    assert len({layer for each in found.images for layer in each.layers}) == 3
    assert found.documents == {name: data for name, data in files.items() if name in found.documents}


def without(files, name):
    return {key: data for key, data in files.items() if key != name}


@pytest.mark.parametrize("name", bundles.bundle())
def test_nothing_of_a_bundle_can_be_missing_or_another(name):
    files = bundles.bundle()

    with pytest.raises(InvalidValueError):
        looked_at(without(files, name))
    with pytest.raises((InvalidValueError, CatalogError)):
        looked_at(files | {name: files[name] + b" "})


def test_nothing_more_can_be_in_a_bundle():
    for name in ("more", "applaunch/more", f"blobs/sha256/{'0' * 64}"):
        with pytest.raises(InvalidValueError, match="belongs to nothing"):
            looked_at(bundles.bundle() | {name: b"x"})


@pytest.mark.parametrize("name", ["index.json", "manifest.json", "oci-layout"])
@pytest.mark.parametrize(
    "data", [b"", b"[" * 100_000, b"1", b"null", b"[]", b"{}", b'{"manifests":[1,{"digest":[]}]}', b"\xff"]
)
def test_a_document_that_says_something_else_is_refused(name, data):
    with pytest.raises(InvalidValueError):
        looked_at(bundles.bundle() | {name: data})


def forged(**changes):
    """Return a bundle whose lock, catalog and index agree on a lie."""
    files = bundles.bundle()
    for name, change in changes.items():
        path = {"lock": bundle_format.LOCK, "catalog": bundle_format.CATALOG}[name]
        files[path] = files[path].replace(*change)
    index = json.loads(files["index.json"]) | {
        "annotations": bundle_format.notes({key: files[key] for key in bundle_format.ALWAYS[:2]})
    }
    return files | {"index.json": bundle_format.written(index)}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"lock": (b"apps.two", b"apps.three")}, "name different apps"),
        ({"catalog": (b"library/two:1", b"library/two:2")}, "say different things of two"),
        ({"lock": (b"library/two:1", b"library/two:2")}, "say different things of two"),
        ({"lock": (b"linux/amd64", b"linux/arm64")}, "names other images than it holds"),
        ({"catalog": (b"image", b"nimage")}, "unknown key 'nimage'"),
        ({"catalog": (b"schema = 1", b"schema = 2")}, "schema 2 is not known"),
        ({"catalog": (b"schema", b"\xff")}, "is not UTF-8"),
        ({"lock": (b"version = 1", b"version = 1\n#")}, "applaunch.lock"),
    ],
)
def test_lock_catalog_and_images_speak_of_the_same(changes, what):
    with pytest.raises((InvalidValueError, CatalogError), match=what):
        looked_at(forged(**changes))


def test_a_forged_manifest_is_refused():
    files = bundles.bundle()
    index = json.loads(files["index.json"])
    path = bundle_format.BLOBS + index["manifests"][0]["digest"][7:]
    for change in ({"layers": []}, {"layers": [{"digest": "x", "size": {}}] * 2}, {"config": None}, {"more": 1}):
        data = bundle_format.written(json.loads(files[path]) | change)
        with pytest.raises(InvalidValueError):
            looked_at(files | {path: data})


def test_the_image_of_an_engines_platform_is_chosen():
    locks = [JQ._replace(platforms={AMD64: Held("", ID), ARM64: Held("", OTHER_ID)})]

    assert of_platform(locks, {"jq": ARM64}) == {"jq": OTHER_ID}
    with pytest.raises(InvalidValueError, match="jq is for linux/amd64, linux/arm64, and this engine is linux/riscv64"):
        of_platform(locks, {"jq": "linux/riscv64"})


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
def test_an_engines_platform_is_told_in_the_words_of_images(arch, platform):
    assert EngineTraits(arch=arch).platform == platform
