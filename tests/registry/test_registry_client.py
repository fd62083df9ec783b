"""Manifests, configs and blobs: how they are verified, and how errors read."""

import json

import pytest

from launcher.errors import RegistryError
from launcher.registry.digests import digest_of, is_digest, matches
from launcher.registry.manifests import DOCKER_INDEX, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, Manifest
from tests.registry.servers import CONFIG_TYPE, refusal


def told(work, *words):
    with pytest.raises(RegistryError) as refused:
        work(*words)
    return refused.value


def test_a_digest_takes_one_head_request(serve, at, tool, shelf):
    digest = shelf.image("1")
    server = serve(shelf)

    assert at(server).digest(tool(server)) == digest
    assert [each.method for each in server.seen] == ["HEAD"]
    assert server.seen[0].headers["accept"].split(", ") == [OCI_INDEX, OCI_MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST]


@pytest.mark.parametrize("said", [None, "", "sha256:12", "md5:" + "0" * 32, "\u00e9".encode().decode("latin-1")])
def test_without_a_digest_in_the_head_response_the_manifest_is_read(serve, at, tool, shelf, said):
    digest = shelf.image("1")

    def without(seen):
        status, headers, body = shelf(seen)
        return status, headers | {"Docker-Content-Digest": said if seen.method == "HEAD" else None}, body

    server = serve(without)

    assert at(server).digest(tool(server)) == digest
    assert [each.method for each in server.seen] == ["HEAD", "GET"]


@pytest.mark.parametrize("status", [400, 404, 405, 500])
def test_if_head_is_not_allowed_the_manifest_is_read(serve, at, tool, shelf, status):
    digest = shelf.image("1")
    server = serve(lambda seen: (status, {}, b"") if seen.method == "HEAD" else shelf(seen))

    assert at(server).digest(tool(server)) == digest


@pytest.mark.parametrize("status", [403, 429])
def test_a_denied_head_is_not_retried(serve, at, tool, status):
    server = serve(lambda seen: (status, {}, b""))

    told(at(server).digest, tool(server))
    assert [each.method for each in server.seen] == ["HEAD"]


def test_a_multi_platform_image_has_the_digest_of_its_index(serve, at, tool, shelf):
    digest = shelf.index("1", ["linux/amd64", "linux/arm64"])
    server = serve(shelf)

    assert at(server).digest(tool(server)) == digest
    assert at(server).manifest(tool(server)).is_index


def test_a_requested_digest_is_returned(serve, at, tool, shelf):
    ours, other = shelf.image(), shelf.image("1", platform="linux/arm64")
    server = serve(shelf)

    assert at(server).digest(tool(server).with_digest(ours)) == ours
    assert at(server).manifest(tool(server).with_digest(other)).digest == other
    assert server.paths() == [f"/v2/team/tool/manifests/{ours}", f"/v2/team/tool/manifests/{other}"]


def test_another_manifest_than_requested_is_refused(serve, at, tool, shelf):
    ours, other = shelf.image(), shelf.image(platform="linux/arm64")
    shelf.manifests[ours] = shelf.manifests[other]
    server = serve(shelf)

    for ask in (at(server).manifest, at(server).digest):
        assert told(ask, tool(server).with_digest(ours)).what == f"the content from {server.name} does not match {ours}"


def test_a_manifest_that_differs_from_its_header_is_refused(serve, at, tool, shelf):
    shelf.image("1")
    server = serve(lambda seen: (*shelf(seen)[:2], shelf(seen)[2] + b" "))

    assert "does not match sha256:" in told(at(server).manifest, tool(server)).what


def test_a_manifest_may_have_4_mib_and_no_more(serve, at, tool, shelf):
    room = (4 << 20) - len(json.dumps({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "layers": [], "x": ""}))
    shelf.manifest({"layers": [], "x": "y" * room}, "1")
    shelf.manifest({"layers": [], "x": "y" * (room + 1)}, "2")
    server = serve(shelf)

    assert len(at(server).manifest(tool(server)).body) == 4 << 20
    assert "is larger than 4194304 bytes" in told(at(server).manifest, tool(server, "2")).what


def test_the_fields_of_a_manifest_are_readable(serve, at, tool, shelf):
    digest = shelf.image("1")
    server = serve(shelf)

    found = at(server).manifest(tool(server))

    assert (found.digest, found.media_type, found.is_index, found.parts) == (digest, OCI_MANIFEST, False, [])
    assert found.body == shelf.manifests["1"][1]
    assert found.config.media_type == found.artifact_type == CONFIG_TYPE


GOOD = {"layers": [], "config": {}}


@pytest.mark.parametrize(
    ("body", "kind", "why"),
    [
        (b"", OCI_MANIFEST, "is not JSON"),
        (b"[" * 100_000, OCI_MANIFEST, "is not JSON"),
        (b"\xff", OCI_MANIFEST, "is not JSON"),
        ([], OCI_MANIFEST, "is not a JSON object"),
        (GOOD, "text/html", "has the unsupported type 'text/html'"),
        (GOOD, "", "has the unsupported type ''"),
        ({**GOOD, "mediaType": "x/y"}, OCI_MANIFEST, "has the unsupported type 'x/y'"),
        ({**GOOD, "mediaType": 7}, OCI_MANIFEST, "has the unsupported type '7'"),
        ({**GOOD, "manifests": []}, OCI_MANIFEST, f"does not have the form of its type ({OCI_MANIFEST})"),
        ({**GOOD, "manifests": []}, OCI_INDEX, f"does not have the form of its type ({OCI_INDEX})"),
        ({}, DOCKER_MANIFEST, f"does not have the form of its type ({DOCKER_MANIFEST})"),
        ({"layers": {}}, DOCKER_MANIFEST, f"does not have the form of its type ({DOCKER_MANIFEST})"),
        ({"layers": []}, DOCKER_INDEX, f"does not have the form of its type ({DOCKER_INDEX})"),
    ],
)  # fmt: skip
def test_an_invalid_manifest_is_reported(serve, at, tool, body, kind, why):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    server = serve(lambda seen: (200, {"Content-Type": kind} if kind else {}, body))

    assert told(at(server).manifest, tool(server)).what == f"its manifest at {server.name} {why}"


def test_the_content_type_may_have_parameters():
    assert Manifest.read(b'{"layers": []}', f"{OCI_MANIFEST}; charset=utf-8").media_type == OCI_MANIFEST


# Configs and platforms.


def test_a_config_is_read_and_verified(serve, at, tool, shelf):
    shelf.image("1", {"Cmd": ["sh"]})
    server = serve(shelf)

    assert at(server).config(tool(server)) == {"os": "linux", "architecture": "amd64", "config": {"Cmd": ["sh"]}}
    assert at(server).config(tool(server), "linux/amd64")["config"] == {"Cmd": ["sh"]}


ALL = ["linux/amd64", "linux/arm/v6", "linux/arm/v7", "linux/arm64/v8", "linux/riscv64", "windows/amd64"]


@pytest.mark.parametrize(
    ("platform", "has"),
    [
        ("linux/amd64", "linux/amd64"),
        ("linux/amd64/v1", "linux/amd64"),
        ("linux/arm64", "linux/arm64/v8"),
        ("linux/arm64/v8", "linux/arm64/v8"),
        ("linux/arm/v6", "linux/arm/v6"),
        ("linux/arm", "linux/arm/v7"),
        ("windows/amd64", "windows/amd64"),
    ],
)
def test_an_index_leads_to_the_config_of_a_platform(serve, at, tool, shelf, platform, has):
    shelf.index("1", ALL)
    server = serve(shelf)

    assert at(server).config(tool(server), platform)["config"]["Labels"] == {"for": has}


def test_without_a_requested_variant_any_variant_matches(serve, at, tool, shelf):
    shelf.index("1", ["linux/arm/v6", "linux/arm/v5"])
    server = serve(shelf)

    assert at(server).config(tool(server), "linux/arm")["variant"] == "v6"


@pytest.mark.parametrize("platform", ["linux/s390x", "linux/arm/v5", "linux", "linux/ar", "linux/amd64/v3"])
def test_a_missing_platform_is_reported_with_those_available(serve, at, tool, shelf, platform):
    shelf.index("1", [*ALL, "unknown/unknown"])
    server = serve(shelf)

    trouble = told(at(server).config, tool(server), platform)

    assert trouble.what == f"there is no image for {platform}, only for {', '.join(ALL)}"
    assert trouble.fix == "platform = 'linux/amd64'"


def test_image_ids_are_returned_for_existing_platforms(serve, at, tool, shelf):
    shelf.index("1", ["linux/amd64", "linux/arm64/v8", "linux/s390x"])
    shelf.image("2", platform="linux/arm64/v8")
    server = serve(shelf)

    found = at(server).image_ids(tool(server), ["linux/arm64", "linux/amd64", "linux/ppc64le"])
    only = at(server).image_ids(tool(server, "2"), ["linux/arm64", "linux/amd64"])

    assert [json.loads(shelf.blobs[each])["architecture"] for each in found.values()] == ["arm64", "amd64"]
    assert [*found] == ["linux/arm64", "linux/amd64"]
    assert [*only] == ["linux/arm64"]


def test_an_image_of_one_platform_is_checked_for_it(serve, at, tool, shelf):
    shelf.image("1", platform="linux/arm64/v8")
    server = serve(shelf)

    assert at(server).config(tool(server), "linux/arm64")
    assert told(at(server).config, tool(server), "linux/amd64").what == (
        "there is no image for linux/amd64, only for linux/arm64/v8"
    )


def test_of_several_platforms_one_must_be_named(serve, at, tool, shelf):
    shelf.index("1", ["linux/amd64", "linux/arm64"])
    server = serve(shelf)

    assert told(at(server).config, tool(server)).what == (
        "there is an image for each platform, only for linux/amd64, linux/arm64"
    )


def test_a_config_with_another_digest_is_refused(serve, at, tool, shelf):
    shelf.image("1")
    (digest,) = shelf.blobs
    shelf.blobs[digest] = b"{}"
    server = serve(shelf)

    assert told(at(server).config, tool(server)).what == f"the content from {server.name} does not match {digest}"


def test_an_index_whose_image_has_another_digest_is_refused(serve, at, tool, shelf):
    shelf.index("1", ["linux/amd64"])
    (digest,) = [name for name, (kind, _) in shelf.manifests.items() if kind == OCI_MANIFEST]
    shelf.manifests[digest] = (OCI_MANIFEST, b'{"layers": []}')
    server = serve(shelf)

    assert told(at(server).config, tool(server), "linux/amd64").what == (
        f"the content from {server.name} does not match {digest}"
    )


def described(**wrong):
    return {"mediaType": CONFIG_TYPE, "digest": digest_of(b"{}"), "size": 2} | wrong


@pytest.mark.parametrize(
    ("config", "why"),
    [
        (None, "has a descriptor that is not an object"),
        ([], "has a descriptor that is not an object"),
        (described(platform=7), "has a descriptor that is not an object"),
        (described(mediaType=None), "has a descriptor without a type or a digest that can be verified"),
        (described(digest="sha256:../../x"), "has a descriptor without a type or a digest that can be verified"),
        (described(digest="md5:" + "0" * 32), "has a descriptor without a type or a digest that can be verified"),
        (described(size=-1), "has a descriptor without a size"),
        (described(size=True), "has a descriptor without a size"),
        (described(size="2"), "has a descriptor without a size"),
    ],
)
def test_an_invalid_config_descriptor_is_reported(serve, at, tool, shelf, config, why):
    shelf.manifest({"layers": [], "config": config}, "1")
    server = serve(shelf)

    trouble = told(at(server).config, tool(server))

    assert trouble.what == f"its manifest at {server.name} {why}"
    assert trouble.fix == "ask the publisher to push it again"


@pytest.mark.parametrize("data", [b"[]", b"7", b"no json", b"\xff"])
def test_a_config_that_is_not_an_object_is_reported(serve, at, tool, shelf, data):
    shelf.manifest({"layers": [], "config": described(digest=shelf.blob(data))}, "1")
    server = serve(shelf)

    assert (
        told(at(server).config, tool(server)).what
        == f"its manifest at {server.name} has a config that is not a JSON object"
    )


# Refusals.


@pytest.mark.parametrize(
    ("answer", "what", "fix"),
    [
        (refusal(404, "MANIFEST_UNKNOWN"), "{0} has no team/tool tagged '1'", "applaunch tags {0}/team/tool"),
        (refusal(404, "NAME_UNKNOWN"), "{0} has no image team/tool", "check the name"),
        ((404, {}, b"404 page not found"), "{0} has no team/tool tagged '1'", "applaunch tags {0}/team/tool"),
        (refusal(403, "DENIED"), "{0} has no image team/tool, or it needs a login", "docker login {0}"),
        (refusal(400, "UNAUTHORIZED"), "{0} has no image team/tool, or it needs a login", "docker login {0}"),
        ((429, {}, b""), "{0} reports that its rate limit is reached", "docker login {0}, or wait"),
        (refusal(400, "TOOMANYREQUESTS"), "{0} reports that its rate limit is reached", "docker login {0}, or wait"),
        (refusal(503, "X", "down."), "{0} answered with HTTP 503 (down)", "try again later"),
        ((418, {}, b""), "{0} answered with HTTP 418", "check that it is an image registry"),
    ],
)
def test_an_error_response_is_one_line_with_its_fix(serve, at, tool, answer, what, fix):
    server = serve(lambda seen: answer)

    trouble = told(at(server).manifest, tool(server))

    assert trouble.where == f"{server.name}/team/tool:1"
    assert (trouble.what, trouble.fix) == (what.format(server.name), fix.format(server.name))


def test_with_a_login_a_rate_limit_leaves_only_waiting(serve, at, tool):
    server = serve(lambda seen: (429, {}, b""))

    assert told(at(server, {"username": "a", "password": "b"}).manifest, tool(server)).fix == "wait"


def test_a_missing_digest_is_not_reported_as_a_tag(serve, at, tool):
    server = serve(lambda seen: refusal(404, "MANIFEST_UNKNOWN"))

    trouble = told(at(server).manifest, tool(server).with_digest("sha256:" + "0" * 64))

    assert trouble.what == f"{server.name} has no team/tool with that digest (any more)"


def test_a_missing_blob_is_reported_as_a_part(serve, at):
    server = serve(lambda seen: refusal(404, "BLOB_UNKNOWN"))

    trouble = told(at(server).blob, "team/tool", digest_of(b""), 10)

    assert trouble.what == f"{server.name} lacks a part of team/tool, {digest_of(b'')}"


# Digests.


@pytest.mark.parametrize(
    ("data", "digest", "does"),
    [
        (b"", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", True),
        (b"x", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", False),
        (b"", "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", False),
        (b"", "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e", True),
        (b"", "md5:d41d8cd98f00b204e9800998ecf8427e", False),
        (b"", "sha256:", False),
        (b"", "", False),
    ],
)  # fmt: skip
def test_a_digest_matches_its_content_only(data, digest, does):
    assert matches(data, digest) is does
    assert is_digest(digest) or not does
