import pytest

from launcher.core.values.reference import parse
from launcher.engine.credentials import ANONYMOUS, Login
from launcher.engine.pull_denials import explain_denial, wrong_platform

JQ = parse("jq:9")
PRIVATE = parse("ghcr.io/team/tool")

# Messages as engines gave them (docker 20.10 to 28, podman 4.3 and 5.8).
SAID = [
    (
        (
            "pull access denied for nosuch, repository does not exist or may require 'docker login': denied: "
            "requested access to the resource is denied"
        ),
        "jq:9: docker.io has no image library/jq, or it needs a login; docker login",
    ),
    (
        "manifest for jq:9 not found: manifest unknown: manifest unknown",
        "jq:9: docker.io has no library/jq tagged '9'; check the name and the tag",
    ),
    (
        "reading manifest 9 in docker.io/library/jq: manifest unknown: manifest unknown",
        "jq:9: docker.io has no library/jq tagged '9'; check the name and the tag",
    ),
    (
        "toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating",
        "jq:9: docker.io allows no more pulls at the moment (rate limit); docker login, or wait",
    ),
    (
        "failed to register layer: Error processing tar file(exit status 1): write /x: no space left on device",
        "jq:9: the engine's disk is full (no space left on device); applaunch gc, or docker system prune",
    ),
    (
        'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
        (
            'jq:9: docker.io does not answer: Get "https://registry-1.docker.io/v2/": dial tcp: '
            "lookup registry-1.docker.io: no such host; check the network and try again"
        ),
    ),
    (
        'Get "https://h:5000/v2/": http: server gave HTTP response to HTTPS client',
        (
            "jq:9: docker.io speaks plain HTTP; if you trust it, "
            "add it to insecure-registries in the engine's configuration"
        ),
    ),
    (
        "no matching manifest for linux/s390x in the manifest list entries",
        "jq:9: there is no image for this machine; choose an available platform, or another image",
    ),
    ("name unknown: repository name not known to registry", "jq:9: docker.io has no image library/jq; check the name"),
    (
        "filesystem layer verification failed for digest sha256:12",
        "jq:9: filesystem layer verification failed for digest sha256:12; try again",
    ),
    ("two\nlines.", "jq:9: two lines; try again"),
]


@pytest.mark.parametrize(("said", "line"), SAID)
def test_a_registrys_message_becomes_one_line_with_a_fix(said, line):
    assert explain_denial(said, JQ, ANONYMOUS).line == f"applaunch: {line}"


def test_a_wrong_digest_is_reported():
    digest = "sha256:" + "1" * 64

    assert explain_denial(
        f"manifest verification failed for digest {digest}", JQ.with_digest(digest), ANONYMOUS
    ).line == (
        f"applaunch: {JQ.with_digest(digest).familiar}: the content from docker.io does not match {digest}; "
        "try again; if it persists, contact the operator of docker.io"
    )


def test_an_anonymous_refusal_says_why_there_was_no_login():
    broken = Login({}, "docker-credential-safe not installed")

    assert explain_denial("unauthorized: authentication required", PRIVATE, broken).line == (
        "applaunch: ghcr.io/team/tool:latest: ghcr.io has no image team/tool, or it needs a login "
        "(anonymous, because docker-credential-safe not installed); docker login ghcr.io"
    )


def test_a_refused_login_is_not_reported_as_missing():
    ours = Login({"username": "ana", "password": "old"})

    assert explain_denial("no basic auth credentials", PRIVATE, ours).line == (
        "applaunch: ghcr.io/team/tool:latest: ghcr.io refuses this login, or has no image team/tool; "
        "docker login ghcr.io"
    )


def test_an_image_of_another_platform_is_refused_and_its_platform_named():
    assert wrong_platform(JQ, "linux/arm64", "linux/amd64").line == (
        "applaunch: jq:9: there is no image for linux/arm64, only for linux/amd64; platform = 'linux/amd64'"
    )


def test_a_missing_digest_is_not_reported_as_a_tag():
    pinned = parse("jq").with_digest("sha256:" + "0" * 64)

    assert "has no library/jq with that digest (any more)" in explain_denial("manifest unknown", pinned, ANONYMOUS).line
