"""applaunch tags: which tags there are, in order, and the one that is asked for."""

import json

import pytest

from tests.docs.commands_page import shape
from tests.registry.servers import Server, Shelf, reply


@pytest.fixture
def server():
    shelf = Shelf()
    shelf.tags = ["1.10", "latest", "1.9", "edge", "1.10-rc1"]
    server = Server(shelf)
    yield server
    server.close()


@pytest.fixture
def app(server, home):
    """Return a function that defines an app at the server, on a tag of its, and does not install it."""

    def define(tag="1.9", more=""):
        image = f"{server.name}/team/tool"
        home.catalog(f'[apps.tool]\nimage = "{image}:{tag}"\n{more.replace("IMAGE", image)}')
        return image

    return define


def test_tags_are_listed_and_the_one_in_use_is_marked(home, app):
    image = app()

    done = home.run("applaunch", "tags", "tool")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        image,
        "   Tag",
        "   latest",
        "   1.10",
        "   1.10-rc1",
        "●  1.9",
        "   edge",
    ]


def test_the_json_of_tags(app, answer):
    image = app()

    assert answer("tags", "tool") == {
        "app": "tool",
        "image": image,
        "tag": "1.9",
        "tags": ["latest", "1.10", "1.10-rc1", "1.9", "edge"],
        "more": 0,
        "complete": True,
    }
    assert list(answer("tags", "tool")) == shape("applaunch tags NAME")[0]


def test_a_limit_keeps_the_tag_in_use(home, app, answer):
    image = app()

    told = answer("tags", "tool", "--limit", "2")
    seen = home.run("applaunch", "tags", "tool", "--limit", "2", check=True).stdout

    assert (told["tags"], told["more"]) == (["latest", "1.10", "1.9"], 2)
    assert seen.splitlines() == [
        image,
        "   Tag",
        "   latest",
        "   1.10",
        "●  1.9",
        "(2 more: applaunch tags tool --limit 0)",
    ]
    assert answer("tags", "tool", "--limit", "0")["more"] == 0


def test_twenty_tags_are_shown_by_default(server, app, answer):
    app("3")
    server.answer.tags = [str(number) for number in range(50)]

    told = answer("tags", "tool")

    assert told["tags"] == [*(str(number) for number in range(49, 29, -1)), "3"]
    assert told["more"] == 29
    assert len(answer("tags", "tool", "--limit", "0")["tags"]) == 50


def test_a_command_can_stand_for_its_app(app, answer):
    app(more='commands.one = {}\ncommands.two = { command = ["two"] }\naliases = ["uno"]\n')

    told = [answer("tags", name) for name in ("tool", "one", "two", "uno")]

    assert [each["app"] for each in told] == ["tool"] * 4
    assert [each["tag"] for each in told] == ["1.9"] * 4


def test_an_image_is_listed_without_an_app(server, answer, home):
    told = answer("tags", f"{server.name}/team/tool:1.9")

    assert (told["app"], told["image"], told["tag"]) == (None, f"{server.name}/team/tool", "1.9")
    assert home.run("applaunch", "tags", f"{server.name}/team/tool").stdout.splitlines()[2] == "●  latest"


def test_a_missing_tag_is_reported(home, app):
    app("0.9")

    done = home.run("applaunch", "tags", "tool", check=True)

    assert "●" not in done.stdout
    assert done.stdout.splitlines()[-1] == "gone: the registry has no tag '0.9', which tool asks for"


def test_an_app_on_a_digest_has_no_mark(server, home, app, answer):
    home.catalog(f'[apps.tool]\nimage = "{server.name}/team/tool@sha256:{"0" * 64}"\n')

    assert answer("tags", "tool")["tag"] == ""
    assert "●" not in home.run("applaunch", "tags", "tool", check=True).stdout


def test_an_app_that_is_gone_from_the_catalogs_is_still_known(server, home, answer):
    home.app("mine", f"{server.name}/team/tool:1.10")
    (home.path / ".config/applaunch/catalog.d/mine.toml").unlink()

    assert answer("tags", "mine")["app"] == "mine"
    assert answer("tags", "mine")["tag"] == "1.10"


def test_an_incomplete_list_of_tags_is_reported(server, home, app, answer):
    app()
    names = [f"n{number}" for number in range(10_001)]
    server.answer = lambda seen: reply({"tags": names})

    assert answer("tags", "tool")["complete"] is False
    assert (
        home.run("applaunch", "tags", "tool", check=True)
        .stdout.splitlines()[-1]
        .startswith("(the registry has more tags")
    )


@pytest.mark.parametrize(
    ("name", "code", "line"),
    [
        ("tol", 1, "tol: no such app in any catalog; did you mean 'tool'? (for an image, add its registry: applaunch tags docker.io/library/tol)"),
        ("a:B:c", 2, "tags: 'a:B:c' is not an image: a repository is lower case; name an app, or an image: docker.io/library/busybox"),
        ("127.0.0.1:1/x", 1, "127.0.0.1:1/x: cannot reach 127.0.0.1:1: connection refused; check the network and try again"),
    ],
)  # fmt: skip
def test_an_unknown_image_is_reported_in_one_line(home, app, name, code, line):
    app()

    done = home.run("applaunch", "tags", name)

    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr == f"applaunch: {line}\n"


def test_text_of_a_registry_is_escaped(server, home, app):
    app()
    body = json.dumps({"errors": [{"code": "X", "message": "\x1b[2J\x1b]0;owned\x07"}]}).encode()
    server.answer = lambda seen: (400, {}, body)

    done = home.run("applaunch", "tags", "tool")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.rstrip("\n").isprintable()
    assert "\\x1b[2J" in done.stderr


def test_a_registry_is_asked_with_the_users_login(server, home, app):
    app()
    shelf = server.answer
    server.answer = lambda seen: shelf(seen) if seen.authorization else (401, {"WWW-Authenticate": "Basic"}, b"")
    (home.path / ".docker").mkdir()
    (home.path / ".docker/config.json").write_text(json.dumps({"auths": {server.name: {"auth": "YW5hOnNlY3JldA=="}}}))

    assert home.run("applaunch", "tags", "tool").returncode == 0
    assert server.seen[-1].authorization == "Basic YW5hOnNlY3JldA=="


@pytest.mark.engine
def test_the_tags_of_a_real_registry(engine, home, answer):
    home.catalog(f'[apps.box]\nimage = "{engine.registry}/library/busybox:latest"\n')

    told = answer("tags", "box")

    assert told["tags"][0] == told["tag"] == "latest"
    assert any(tag.startswith("rig-") for tag in told["tags"])
