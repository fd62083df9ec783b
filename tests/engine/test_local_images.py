"""What the engine holds, asked of the rig's engine."""

import pytest

from launcher.engine.accounts import read_accounts
from launcher.engine.export_image import export_image
from launcher.engine.image_pull import pull_image
from launcher.engine.local_images import has_image, inspect, remove
from launcher.errors import ImageMissingError

pytestmark = pytest.mark.engine


@pytest.fixture
def pulled(client, published):
    ref = published(200_000)
    return ref.with_digest(pull_image(client, ref).digest)


@pytest.fixture
def container(client):
    made = []

    def make(image):
        made.append(client.create_container(image, ["true"], name="engine-room-user")["Id"])
        return made[0]

    yield make
    for each in made:
        client.remove_container(each, force=True)


def test_the_facts_of_an_image_are_plain_values(client, pulled):
    facts = inspect(client, pulled.exact)

    assert facts.os == "linux"
    assert facts.tags == (f"{pulled.repo}:1",)
    assert facts.digests == (pulled.exact,)
    assert facts.digest_in(pulled.repo) == pulled.digest
    assert facts.digest_in("docker.io/library/jq") == ""
    assert facts.size >= 200_000
    assert (facts.user, facts.entrypoint, facts.cmd, facts.workdir, facts.labels) == ("", (), (), "", {})


def test_inspecting_a_missing_image_returns_none(client):
    assert inspect(client, "127.0.0.1:1/never:1") is None
    assert not has_image(client, "127.0.0.1:1/never:1")
    assert remove(client, "127.0.0.1:1/never:1").kept == "no such image"


def test_removing_the_last_name_deletes_the_image(client, pulled):
    gone = remove(client, f"{pulled.repo}:1")

    assert gone.deleted
    assert gone.freed >= 200_000
    assert gone.kept == ""
    assert not has_image(client, pulled.exact)


def test_removing_one_of_two_names_keeps_the_image(client, pulled):
    client.tag(pulled.exact, "engine-room-mine", "kept")
    try:
        gone = remove(client, f"{pulled.repo}:1")

        assert gone.untagged
        assert not gone.deleted
        assert gone.freed == 0
        assert has_image(client, "engine-room-mine:kept")
    finally:
        client.remove_image("engine-room-mine:kept")


def test_an_image_in_use_is_kept_and_its_container_is_named(client, pulled, container):
    container(pulled.exact)

    assert remove(client, f"{pulled.repo}:1").kept == "the container engine-room-user uses it"
    assert has_image(client, pulled.exact)


def test_accounts_are_read_without_running_the_image(client, imported):
    image = imported("engine-room/accounts:1", {"etc/passwd": b"ana:x:7:7::/home/ana:/bin/sh\n"})

    assert read_accounts(client, image) == ("ana:x:7:7::/home/ana:/bin/sh\n", "")
    assert client.containers(all=True, filters={"label": "applaunch.probe"}) == []


def test_linked_accounts_are_found_and_a_link_loop_gives_none(client, imported):
    files = {"nix/passwd": b"root:x:0:0::/:/bin/sh\n"}
    image = imported("engine-room/linked:1", files, etc__passwd="../nix/passwd", etc__group="/etc/group")

    assert read_accounts(client, image) == ("root:x:0:0::/:/bin/sh\n", "")


def test_an_image_without_accounts_has_none(client, imported):
    assert read_accounts(client, imported("engine-room/empty:1", {"x": b""})) == ("", "")


def test_reading_accounts_of_a_missing_image_raises_image_missing(client):
    with pytest.raises(ImageMissingError):
        read_accounts(client, "127.0.0.1:1/never:1")


def test_an_image_that_is_being_unpacked_can_be_removed(client, pulled):
    with export_image(client, pulled.exact) as stream:
        assert stream.read(512)

        assert remove(client, f"{pulled.repo}:1").deleted
