import tomllib

import pytest

from launcher.core.catalog.publish_text import images, is_same, released
from launcher.errors import CatalogError
from tests.core.examples import catalog

NOON = 1798804800
DIGEST = "sha256:" + "0" * 64
PINNED = {"docker.io/a/a:1": f"docker.io/a/a:1@{DIGEST}", "docker.io/b/b": f"docker.io/b/b:latest@{DIGEST}"}
TEXT = """# our tools
schema = 1

[catalog]
name = "team"        # as people call it
serial = 4

[apps]
a = "docker.io/a/a:1"          # docker.io/a/a:1 is fine
b = { image = 'docker.io/b/b' }

[apps.c]
image = "docker.io/c/c:1"
description = "docker.io/a/a:1"
[apps.c.commands.d]
image = "docker.io/a/a:1"
"""


def test_images_serial_and_end_are_written_and_all_else_stays():
    assert (
        released(TEXT, PINNED, 5, NOON)
        == f"""# our tools
schema = 1

[catalog]
expires = 2027-01-01T12:00:00Z
name = "team"        # as people call it
serial = 5

[apps]
a = "docker.io/a/a:1@{DIGEST}"          # docker.io/a/a:1 is fine
b = {{ image = 'docker.io/b/b:latest@{DIGEST}' }}

[apps.c]
image = "docker.io/c/c:1"
description = "docker.io/a/a:1"
[apps.c.commands.d]
image = "docker.io/a/a:1@{DIGEST}"
"""
    )


def test_what_was_published_can_be_published_again():
    once = released(TEXT, PINNED, 5, NOON)

    assert tomllib.loads(released(once, {}, 6, 0))["catalog"] == {"name": "team", "serial": 6}
    assert is_same(once, released(once, {}, 6, 0))
    assert not is_same(once, TEXT)


@pytest.mark.parametrize(
    "text", ["schema = 1\n", "schema = 1\n[apps]\nx = 'y'\n", "# c\nschema = 1 # d", "schema = 1\n\n[catalog]"]
)
def test_a_catalog_that_says_nothing_of_itself_gets_a_serial(text):
    after = released(text, {}, 1, NOON)

    assert tomllib.loads(after)["catalog"]["serial"] == 1
    assert is_same(after, text)


@pytest.mark.parametrize(
    "text",
    [
        'schema = 1\ncatalog.name = "x"\n[apps]\na = "b"\n',
        'schema = 1\ncatalog = { name = "x" }\n',
        'schema = 1\n[apps.x]\nimage = """docker.io/a/a:1"""\n',
        'schema = 1\n[apps.description]\nimage = "x"\n[apps]\nlicense = "docker.io/a/a:1"\n',
    ],
)
def test_a_form_that_has_no_place_for_it_is_refused(text):
    with pytest.raises(CatalogError, match="no place for digests and serial"):
        released(text, PINNED, 1, 0)


def test_every_image_is_found_once():
    text = TEXT.partition("schema = 1")[2]

    assert images(catalog(text + '[defaults]\nimage = "docker.io/z/z:1"\n')) == (
        "docker.io/z/z:1",
        "docker.io/a/a:1",
        "docker.io/b/b",
        "docker.io/c/c:1",
    )
