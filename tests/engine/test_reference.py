import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.core.values.reference import Reference, parse

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("jq", "docker.io/library/jq:latest"),
        ("jq:1.7", "docker.io/library/jq:1.7"),
        ("vimagick/youtube-dl", "docker.io/vimagick/youtube-dl:latest"),
        ("docker.io/jq", "docker.io/library/jq:latest"),
        ("index.docker.io/library/jq", "docker.io/library/jq:latest"),
        ("ghcr.io/a/b/c:v1", "ghcr.io/a/b/c:v1"),
        ("localhost/x", "localhost/x:latest"),
        ("localhost:5000/x:1", "localhost:5000/x:1"),
        ("127.0.0.1:5000/x", "127.0.0.1:5000/x:latest"),
        ("[::1]:5000/x", "[::1]:5000/x:latest"),
        ("Host/x", "Host/x:latest"),
        ("notahost/x", "docker.io/notahost/x:latest"),
        (f"jq@{DIGEST}", f"docker.io/library/jq@{DIGEST}"),
        (f"jq:1.7@{DIGEST}", f"docker.io/library/jq:1.7@{DIGEST}"),
        ("a__b/c.d-e--f", "docker.io/a__b/c.d-e--f:latest"),
    ],
)
def test_a_name_means_what_docker_takes_it_to_mean(text, full):
    assert parse(text).full == full


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the name of the image is missing"),
        ("jq:", "'' is not a tag"),
        ("jq:a b", "'a b' is not a tag"),
        ("jq:" + "t" * 129, "is not a tag"),
        ("JQ", "a repository is lower case"),
        ("ghcr.io/Owner/x", "a repository is lower case"),
        ("a//b", "'a//b' is not a repository"),
        ("-a", "'-a' is not a repository"),
        ("a_-b", "is not a repository"),
        ("https://ghcr.io/x", "'https:' is not a registry's host name"),
        ("jq@sha256:12", "is not a digest"),
        ("jq@" + DIGEST[:-1], "a sha256 digest has 64 hexadecimal digits"),
        ("jq@", "'' is not a digest"),
        (DIGEST.removeprefix("sha256:"), "that is an image's id"),
        ("a/" * 130 + "b", "more than 255 characters"),
        ("jq:1\n", "is not a tag"),
        ("jq\n", "is not a repository"),
    ],
)
def test_a_name_that_docker_refuses_is_refused_with_the_reason(text, why):
    with pytest.raises(ValueError) as refused:
        parse(text)

    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("text", "familiar"),
    [
        ("docker.io/library/jq:latest", "jq:latest"),
        ("docker.io/vimagick/youtube-dl:1", "vimagick/youtube-dl:1"),
        ("ghcr.io/a/b", "ghcr.io/a/b:latest"),
        (f"jq@{DIGEST}", f"jq@{DIGEST}"),
    ],
)
def test_the_familiar_form_is_what_people_type(text, familiar):
    assert parse(text).familiar == familiar


def test_a_pinned_reference_keeps_its_tag_for_people_and_is_asked_for_by_digest():
    pinned = parse("jq:1.7").with_digest(DIGEST)

    assert pinned == Reference("docker.io", "library/jq", "1.7", DIGEST)
    assert pinned.full == f"docker.io/library/jq:1.7@{DIGEST}"
    assert pinned.exact == f"docker.io/library/jq@{DIGEST}"


component = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8})?", fullmatch=True)


@given(
    registry=st.sampled_from(["docker.io", "ghcr.io", "localhost", "127.0.0.1:5000", "[::1]:80"]),
    path=st.lists(component, min_size=2, max_size=4),
    tag=st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True),
    digest=st.sampled_from(["", DIGEST]),
)
def test_both_written_forms_read_back_as_the_same_reference(registry, path, tag, digest):
    reference = Reference(registry, "/".join(path), tag, digest)

    assert parse(reference.full) == reference
    assert parse(reference.familiar) == reference


@given(st.text(max_size=40))
def test_any_text_is_a_reference_or_a_value_error(text):
    try:
        reference = parse(text)
    except ValueError:
        return
    assert parse(reference.full) == reference
