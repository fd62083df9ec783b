import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.core.values.deployment_tag import build_name, deployment_tag, is_built, next_tag, number_of, record_id
from launcher.core.values.reference import parse

APPS = st.from_regex(r"[a-z0-9][a-z0-9._+-]{0,63}", fullmatch=True)
RECORDS = st.from_regex(r"[0-9a-f]{6}", fullmatch=True)


@pytest.mark.parametrize(
    ("app", "tag"),
    [
        ("jq", "docker.io/applaunch/jq:7-1a2b3c"),
        ("youtube-dl", "docker.io/applaunch/youtube-dl:7-1a2b3c"),
        ("a.b_c__d--e", "docker.io/applaunch/a.b_c__d--e:7-1a2b3c"),
        ("g++", "docker.io/applaunch/g-x:7-1a2b3c"),
        ("a+b", "docker.io/applaunch/a-b-x:7-1a2b3c"),
        ("lib.", "docker.io/applaunch/lib-x:7-1a2b3c"),
        ("a..b", "docker.io/applaunch/a--b-x:7-1a2b3c"),
        ("a___b", "docker.io/applaunch/a---b-x:7-1a2b3c"),
    ],
)
def test_each_deployment_has_its_own_tag(app, tag):
    assert deployment_tag(app, 7, "1a2b3c") == tag


@given(APPS, st.integers(1, 999_999_999), RECORDS)
def test_every_app_name_gives_a_valid_tag_with_number_and_record(app, number, record):
    tag = deployment_tag(app, number, record)

    assert parse(tag).full == tag
    assert (number_of(tag), record_id(tag)) == (number, record)


@given(APPS, RECORDS)
def test_a_pending_image_has_a_tag_without_a_number(app, record):
    waiting = next_tag(app, record)

    assert parse(waiting).full == waiting
    assert (number_of(waiting), record_id(waiting)) == (0, record)
    assert waiting.rpartition(":")[0] == deployment_tag(app, 7, record).rpartition(":")[0]


@pytest.mark.parametrize(
    "tag",
    [
        "",
        "jq:7-1a2b3c",
        "applaunch/jq:7-1a2b3c",
        "ghcr.io/applaunch/jq:7-1a2b3c",
        "docker.io/library/jq:7-1a2b3c",
        "dockerxio/applaunch/jq:7-1a2b3c",
        "docker.io/applaunch/deep/jq:7-1a2b3c",
        "docker.io/applaunch/jq",
        "docker.io/applaunch/youtube-dl",
        "docker.io/applaunch/youtube-dl:latest",
        "docker.io/applaunch/jq:",
        "docker.io/applaunch/jq:7",
        "docker.io/applaunch/jq:7-",
        "docker.io/applaunch/jq:-1a2b3c",
        "docker.io/applaunch/jq:latest-1a2b3c",
        "docker.io/applaunch/jq:next",
        "docker.io/applaunch/jq:7a-1a2b3c",
        "docker.io/applaunch/jq:007-1a2b3c",
        "docker.io/applaunch/jq:0-1a2b3c",
        "docker.io/applaunch/jq:7-1a2b3c-2",
        "docker.io/applaunch/jq:7-1a2b3c\n",
        "docker.io/applaunch/jq:\u0667-1a2b3c",
        "docker.io/applaunch/jq:20261123160000-1a2b3c",
        f"docker.io/applaunch/jq:{'9' * 100}-1a2b3c",
    ],
)
def test_another_tag_has_no_deployment_number_and_no_record(tag):
    assert (number_of(tag), record_id(tag)) == (0, "")


@given(APPS)
def test_a_built_image_has_one_name_for_each_recipe(app):
    one, other, latest = build_name(app, "a" * 64), build_name(app, "b" * 64), build_name(app)

    for name in (one, other, latest):
        assert parse(name).full == name
        assert parse(name).registry == "localhost"
        assert is_built(name)
        assert (number_of(name), record_id(name)) == (0, "")
    assert len({one, other, latest}) == 3
    assert not is_built(deployment_tag(app, 7, "1a2b3c"))
