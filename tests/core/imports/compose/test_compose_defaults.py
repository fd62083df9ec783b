"""Variables, lists with a refused item, and builds of compose services."""

import pytest

from launcher.core.imports.compose.compose_services import from_compose
from tests.core.imports.texts import ANA


def read(settings=None, **keys):
    return from_compose({"services": {"x": {"image": "y", **keys}}}, "compose.yaml", ANA, settings)


def only(settings=None, **keys):
    (one,) = read(settings, **keys).proposals
    return one


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"ports": ["${PORT:-8080}:80"]}, {"ports": ["8080:80"]}),
        ({"image": "y:${TAG:-3}"}, {"image": "docker.io/library/y:3"}),
        ({"command": "serve --port ${PORT:-8080}"}, {"command": ["serve", "--port", "8080"]}),
        ({"hostname": "${NAME:-box}"}, {"hostname": "box"}),
        ({"dns": ["${DNS:-9.9.9.9}"]}, {"dns": ["9.9.9.9"]}),
        ({"mem_limit": "${MEM:-1g}"}, {"mem_limit": "1g"}),
    ],
)
def test_a_variable_of_a_constant_key_has_its_default_with_a_note(keys, expected):
    one = only(**keys)

    assert one.table.items() >= expected.items()
    assert any("has its default" in note.why for note in one.notes if note.fate == "carried")


def test_a_variable_without_a_default_is_named_by_its_own_name():
    (note,) = [each for each in only(hostname="${NAME:?set it}").notes if each.fate == "refused"]

    assert "your variable NAME may change" in note.why


def test_a_file_of_settings_gives_defaults():
    one = only(
        {"TAG": "3", "DATA": "/srv/d", "LEVEL": "debug"},
        image="y:$TAG",
        volumes=["${DATA}:/d"],
        environment=["L=${LEVEL}"],
    )

    assert one.table["image"] == "docker.io/library/y:3"
    assert one.table["volumes"] == ["${DATA:-/srv/d}:/d"]
    assert one.table["environment"] == ["L=${LEVEL:-debug}"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("serve\n", ["serve"]),
        ("serve --a 1 --b 'c d'\n", ["serve", "--a", "1", "--b", "c d"]),
        ("serve\n  --a\n  1\n", ["serve", "--a", "1"]),
    ],
)
def test_a_command_over_several_lines_is_split(text, words):
    assert only(command=text).table["command"] == words


@pytest.mark.parametrize(
    ("keys", "key", "kept", "part"),
    [
        ({"volumes": ["./a:/a", "/scratch", "data:/b"]}, "volumes", ["/home/ana/project/a:/a", "data:/b"], "/scratch"),
        ({"volumes": ["./a:/a:rshared", "data:/b"]}, "volumes", ["data:/b"], "./a:/a:rshared"),
        ({"ports": ["80:80", "99999:1"]}, "ports", ["80:80"], "99999:1"),
        ({"environment": ["A=1", "1B=2"]}, "environment", ["A=1"], "1B=2"),
        ({"environment": {"A": 1, "B": "${C:+d}"}}, "environment", ["A=1"], "B=${C:+d}"),
        ({"cap_add": ["SYS_TIME", "x y"]}, "cap_add", ["SYS_TIME"], "x y"),
        ({"tmpfs": ["/t", "$T"]}, "tmpfs", ["/t"], "$T"),
        ({"extra_hosts": ["a:1.2.3.4", "b:$B"]}, "extra_hosts", ["a:1.2.3.4"], "b:$B"),
    ],
)
def test_a_refused_item_does_not_lose_its_list(keys, key, kept, part):
    one = only(**keys)

    assert one.table[key] == kept
    assert [part in note.part for note in one.notes if note.fate == "refused"] == [True]


@pytest.mark.parametrize("build", [{"context": ".", "ssh": ["default"]}, {"context": "https://x.example/r.git"}, 1])
def test_an_image_whose_build_is_refused_is_never_pulled(build):
    found = read(build=build)

    assert found.proposals == ()
    assert "somebody else's of that name" in found.skipped[0].why
