"""Artifacts: pushed files are pulled again, and no file name leaves its folder."""

import json

import pytest

from launcher.errors import RegistryError
from launcher.registry import oci_artifacts
from launcher.registry.digests import digest_of
from launcher.registry.manifests import OCI_MANIFEST
from tests.registry.servers import refusal

KIND = "application/vnd.applaunch.catalog.v1"
FILES = {
    "catalog.toml": ("application/toml", b"schema = 1\n"),
    "icons/jq.svg": ("image/svg+xml", b"<svg/>"),
    "empty": ("text/plain", b""),
}


def test_what_is_pushed_is_pulled(serve, at, tool, shelf):
    server = serve(shelf)
    registry = at(server)

    digest = oci_artifacts.push(registry, "team/tool", "1", KIND, FILES)

    assert registry.digest(tool(server)) == digest
    pulled = oci_artifacts.pull(registry, tool(server).with_digest(digest), 1000, KIND)
    assert pulled == {name: data for name, (_, data) in FILES.items()}
    assert list(pulled) == list(FILES)


def test_an_artifact_has_the_form_of_the_spec(serve, at, shelf):
    oci_artifacts.push(at(serve(shelf)), "team/tool", "1", KIND, {"a": ("x/y", b"1")})

    kind, body = shelf.manifests["1"]
    assert kind == OCI_MANIFEST
    assert json.loads(body) == {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "artifactType": KIND,
        "config": {
            "mediaType": "application/vnd.oci.empty.v1+json",
            "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
            "size": 2,
        },
        "layers": [
            {
                "mediaType": "x/y",
                "digest": digest_of(b"1"),
                "size": 1,
                "annotations": {"org.opencontainers.image.title": "a"},
            }
        ],
    }
    assert shelf.blobs == {digest_of(b"{}"): b"{}", digest_of(b"1"): b"1"}


def test_the_same_files_have_the_same_digest_and_are_sent_once(serve, at, shelf):
    server = serve(shelf)

    first = oci_artifacts.push(at(server), "team/tool", "1", KIND, FILES)
    sent = len(server.paths("PUT"))
    again = oci_artifacts.push(at(server), "team/tool", "2", KIND, FILES)

    assert again == first
    assert server.paths("PUT")[sent:] == ["/v2/team/tool/manifests/2"]


def test_a_blob_behind_a_redirect_counts_as_present(serve, at, shelf):
    server = serve(
        lambda seen: (307, {"Location": "http://cdn.example/x"}, b"") if seen.method == "HEAD" else shelf(seen)
    )

    assert at(server).push_blob("team/tool", b"1") == digest_of(b"1")
    assert [each.method for each in server.seen] == ["HEAD"]


def test_an_upload_to_another_host_gets_no_credentials(serve, at, shelf):
    store = serve(shelf)
    login = {"username": "ana", "password": "secret"}

    def guarded(seen):
        if not seen.authorization:
            return 401, {"WWW-Authenticate": "Basic"}, b""
        return (202, {"Location": f"http://{store.name}/put/here"}, b"") if seen.method == "POST" else shelf(seen)

    server = serve(guarded)

    at(server, login).push_blob("team/tool", b"1")

    (put,) = store.seen
    assert (put.method, put.path, put.query, put.authorization) == ("PUT", "/put/here", f"digest={digest_of(b'1')}", "")
    assert put.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize("location", ["http://cdn.example/x", "ftp://x/y", "http://a:b@127.0.0.1/x"])
def test_an_upload_to_a_forbidden_address_is_not_started(serve, at, shelf, location):
    server = serve(lambda seen: (202, {"Location": location}, b"") if seen.method == "POST" else shelf(seen))

    with pytest.raises(RegistryError, match="names an upload address that is not allowed"):
        at(server).push_blob("team/tool", b"1")
    assert server.paths("PUT") == []


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (refusal(403, "DENIED"), "{0} does not accept uploads to team/tool, or it needs a login"),
        (refusal(405, "UNSUPPORTED", "read only"), "{0} does not accept uploads (read only)"),
        (refusal(413, "SIZE_INVALID"), "{0} answered with HTTP 413"),
        ((200, {}, b""), "{0} answered with HTTP 200"),
    ],
)
def test_a_registry_that_refuses_uploads_is_reported(serve, at, shelf, answer, what):
    server = serve(lambda seen: answer if seen.method in ("POST", "PUT") else shelf(seen))

    for push in (
        lambda: at(server).push_blob("team/tool", b"1"),
        lambda: at(server).push_manifest("team/tool", "1", b"{}", OCI_MANIFEST),
    ):
        with pytest.raises(RegistryError) as refused:
            push()
        assert refused.value.what == what.format(server.name)


def test_a_manifest_stored_with_another_digest_is_reported(serve, at, shelf):
    server = serve(lambda seen: (201, {"Docker-Content-Digest": digest_of(b"x")}, b""))

    with pytest.raises(RegistryError, match=f"does not match {digest_of(b'{}')}"):
        at(server).push_manifest("team/tool", "1", b"{}", OCI_MANIFEST)


def refused(registry, ref, largest=1000, kind=""):
    with pytest.raises(RegistryError) as trouble:
        oci_artifacts.pull(registry, ref, largest, kind)
    return trouble.value


def test_files_of_too_many_bytes_together_are_not_read(serve, at, tool, shelf):
    server = serve(shelf)
    oci_artifacts.push(at(server), "team/tool", "1", KIND, FILES)
    size = sum(len(data) for _, data in FILES.values())
    server.seen.clear()

    assert refused(at(server), tool(server), size - 1).what == f"is larger than {size - 1} bytes ({size})"
    assert server.paths() == ["/v2/team/tool/manifests/1"]
    assert oci_artifacts.pull(at(server), tool(server), size)


def test_an_artifact_of_another_type_is_refused(serve, at, tool, shelf):
    server = serve(shelf)
    oci_artifacts.push(at(server), "team/tool", "1", "x/y", FILES)

    assert refused(at(server), tool(server), kind=KIND).what == (
        f"is not a valid artifact: it has the type 'x/y', not '{KIND}'"
    )


def test_an_artifact_from_before_the_spec_has_its_type_in_its_config(serve, at, tool, shelf):
    config = {"mediaType": KIND, "digest": shelf.blob(b"{}"), "size": 2}
    part = {"mediaType": "x/y", "digest": shelf.blob(b"1"), "size": 1, "annotations": {oci_artifacts.TITLE: "a"}}
    shelf.manifest({"config": config, "layers": [part]}, "1")
    server = serve(shelf)

    assert oci_artifacts.pull(at(server), tool(server), 10, KIND) == {"a": b"1"}


def part(shelf, data=b"1", **wrong):
    named = {"annotations": {oci_artifacts.TITLE: wrong.pop("name")}} if "name" in wrong else {}
    return {"mediaType": "x/y", "digest": shelf.blob(data), "size": len(data)} | named | wrong


BAD_NAMES = [
    "",
    ".",
    "..",
    "/etc/passwd",
    "../x",
    "a/../../x",
    "a//b",
    "a/",
    "a\\b",
    "a\nb",
    "\x1b[2J",
    "x" * 256,
    "a\u202eb",
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_could_lead_out_of_a_folder_is_refused_both_ways(serve, at, tool, shelf, name):
    shelf.manifest({"layers": [part(shelf, name=name)]}, "1")
    server = serve(shelf)

    trouble = refused(at(server), tool(server))
    assert trouble.what == f"is not a valid artifact: it has a file named {name[:255]!r}"
    with pytest.raises(ValueError, match="is not a valid file name"):
        oci_artifacts.push(at(server), "team/tool", "1", KIND, {name: ("x/y", b"")})


@pytest.mark.parametrize("name", ["catalog.toml", "a/b/c", "...", ".hidden", "with space", "\u00fc", "x" * 255])
def test_valid_names_are_accepted(name):
    assert oci_artifacts.is_name(name)


def test_unnamed_duplicate_and_too_many_files_are_refused(serve, at, tool, shelf):
    server = serve(shelf)
    for layers, why in (
        ([part(shelf)], "it has a file named ''"),
        ([part(shelf, name="a"), part(shelf, b"2", name="a")], "it has two files of the same name"),
        ([part(shelf, name=str(number)) for number in range(257)], "it has more than 256 files"),
        ([7], "it has a descriptor that is not an object"),
    ):
        shelf.manifest({"layers": layers}, "1")

        assert refused(at(server), tool(server)).what == f"is not a valid artifact: {why}"


def test_no_files_and_too_many_cannot_be_pushed(at):
    for files in ({}, {str(number): ("x/y", b"") for number in range(257)}):
        with pytest.raises(ValueError, match="an artifact has 1 to 256 files"):
            oci_artifacts.push(at("127.0.0.1:1"), "team/tool", "1", KIND, files)


def test_an_image_index_is_not_an_artifact(serve, at, tool, shelf):
    shelf.index("1", ["linux/amd64"])
    server = serve(shelf)

    assert refused(at(server), tool(server)).what == "is not a valid artifact: it is an index"


def test_a_file_of_another_size_than_stated_is_refused(serve, at, tool, shelf):
    server = serve(shelf)
    shelf.manifest({"layers": [part(shelf, b"123", name="a", size=2)]}, "1")
    assert "is larger than 2 bytes" in refused(at(server), tool(server)).what

    shelf.manifest({"layers": [part(shelf, b"123", name="a", size=4)]}, "1")
    assert refused(at(server), tool(server)).what == (
        f"the manifest states 4 bytes for {digest_of(b'123')}, and it has 3"
    )
