"""Apps held and let go, and taken to another image."""

import json

import pytest

from launcher.core.values.deployment_tag import build_name
from launcher.errors import UsageError
from launcher.manage.apps.rollback import target_image
from tests.registry.servers import Server, Shelf, refusal


def test_unpin_reports_that_the_next_call_uses_another_image(home):
    home.catalog('apps.bb = "busybox"\napps.cc = "docker.io/library/busybox:1"')
    home.run("applaunch", "add", "bb", "cc", check=True)
    home.run("applaunch", "pin", "bb", "cc", check=True)
    home.catalog('apps.bb = "busybox"\napps.cc = "docker.io/library/busybox:2"')

    done = home.run("applaunch", "unpin", "bb", "cc", check=True)

    notes = [line for line in done.stdout.splitlines() if line.startswith("note:")]
    assert notes == ["note: your catalog names docker.io/library/busybox:2; the next call of cc uses it"]


# rebase


@pytest.fixture
def greet(home):
    """An installed app at a registry that has the tags 1.0 and 1.1 of its image, and the image other:2."""
    shelf = Shelf()
    for tag in ("1.0", "1.1", "2"):
        shelf.image(tag)
    server = Server(shelf)
    home.run("applaunch", "add", "greet", "--image", f"{server.name}/team/greet:1.0", check=True)
    yield server
    server.close()


def rebased(home, word):
    done = home.run("applaunch", "rebase", "greet", word, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["after"]["image"]


@pytest.mark.parametrize("word", ["1.1", ":1.1"])
def test_a_bare_tag_is_a_tag_of_the_apps_image(home, greet, word):
    assert rebased(home, word) == f"{greet.name}/team/greet:1.1"


def test_another_image_is_written_with_its_name(home, greet):
    assert rebased(home, f"{greet.name}/team/other:2") == f"{greet.name}/team/other:2"


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("9.9", "has no tag '9.9'; applaunch tags greet lists its tags, and another image is written with its name: docker.io/library/9.9"),
        (":9.9", "has no tag '9.9'; applaunch tags greet lists its tags"),
    ],
)  # fmt: skip
def test_a_tag_that_the_registry_does_not_have_is_refused(home, greet, word, line):
    done = home.run("applaunch", "rebase", "greet", word)

    assert (done.returncode, done.stderr) == (1, f"applaunch: {greet.name}/team/greet: {line}\n")
    assert json.loads(home.run("applaunch", "list", "--json").stdout)[0]["image"].endswith(":1.0")


def test_another_image_that_its_registry_does_not_have_is_refused(home, greet):
    done = home.run("applaunch", "rebase", "greet", f"{greet.name}/team/nope:3")

    assert done.returncode == 1
    assert done.stderr.startswith(f"applaunch: {greet.name}/team/nope:3: ")


def test_an_image_that_needs_a_login_is_refused(home, greet):
    greet.answer = lambda seen: refusal(401, "UNAUTHORIZED")

    done = home.run("applaunch", "rebase", "greet", "1.1")

    assert (done.returncode, "needs a login" in done.stderr) == (1, True)


def test_a_tag_is_accepted_if_the_registry_does_not_answer(home, greet):
    greet.close()

    assert rebased(home, "1.1") == f"{greet.name}/team/greet:1.1"


@pytest.mark.parametrize("word", ["Docker.io/X", "a b", "sha256:12"])
def test_an_invalid_tag_or_image_is_refused(home, greet, word):
    done = home.run("applaunch", "rebase", "greet", word)

    assert (done.returncode, done.stderr.startswith("applaunch: rebase: ")) == (2, True)
    assert done.stderr.endswith("; write a tag of its image (1.8), or another image with its name (docker.io/library/jq:1.8)\n")  # fmt: skip


def test_an_app_that_is_built_cannot_switch_to_a_tag():
    with pytest.raises(UsageError, match="the image of this app is built here and has no tags"):
        target_image(build_name("x"), "1.1")
