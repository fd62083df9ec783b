"""The WWW-Authenticate headers of registries."""

import pytest

from launcher.registry.auth_challenge import parse_challenges

HUB = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull"'
HUB_SAYS = (
    "bearer",
    {"realm": "https://auth.docker.io/token", "service": "registry.docker.io", "scope": "repository:a/b:pull"},
)


@pytest.mark.parametrize(
    ("header", "ways"),
    [
        ("", []),
        (HUB, [HUB_SAYS]),
        (f'{HUB}, Basic realm="x"', [HUB_SAYS, ("basic", {"realm": "x"})]),
        ("Basic", [("basic", {})]),
        ("Negotiate, Basic realm=here", [("negotiate", {}), ("basic", {"realm": "here"})]),
        ('BEARER Realm = "a, b" , Scope="c"', [("bearer", {"realm": "a, b", "scope": "c"})]),
        (r'Basic realm="a \"b\" \\"', [("basic", {"realm": 'a "b" \\'})]),
        ('realm="of nobody"', []),
        ('Basic realm="open', [("basic", {})]),
        ("Basic ]]", [("basic", {})]),
    ],
)
def test_a_header_is_parsed_into_challenges(header, ways):
    assert [tuple(way) for way in parse_challenges(header)] == ways


def test_a_long_hostile_header_is_parsed_quickly():
    assert parse_challenges('Basic realm="' + "\\" * 65000) == [("basic", {})]
    assert parse_challenges("Bearer " + "a=b," * 16000)[0].parameters == {"a": "b"}
