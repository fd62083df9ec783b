import tomllib

import pytest

from launcher.core.catalog.publish_text import images, is_same_catalog, published_text
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


def test_publishing_changes_only_images_serial_and_expiry():
    assert (
        published_text(TEXT, PINNED, 5, NOON)
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


def test_a_published_catalog_can_be_published_again():
    once = published_text(TEXT, PINNED, 5, NOON)

    assert tomllib.loads(published_text(once, {}, 6, 0))["catalog"] == {"name": "team", "serial": 6}
    assert is_same_catalog(once, published_text(once, {}, 6, 0))
    assert not is_same_catalog(once, TEXT)


@pytest.mark.parametrize(
    "text", ["schema = 1\n", "schema = 1\n[apps]\nx = 'y'\n", "# c\nschema = 1 # d", "schema = 1\n\n[catalog]"]
)
def test_a_catalog_without_a_catalog_table_gets_a_serial(text):
    after = published_text(text, {}, 1, NOON)

    assert tomllib.loads(after)["catalog"]["serial"] == 1
    assert is_same_catalog(after, text)


@pytest.mark.parametrize(
    "text",
    [
        'schema = 1\ncatalog.name = "x"\n[apps]\na = "b"\n',
        'schema = 1\ncatalog = { name = "x" }\n',
        'schema = 1\n[apps.x]\nimage = """docker.io/a/a:1"""\n',
        'schema = 1\n[apps.description]\nimage = "x"\n[apps]\nlicense = "docker.io/a/a:1"\n',
    ],
)
def test_a_catalog_that_cannot_be_edited_is_refused(text):
    with pytest.raises(CatalogError, match="cannot insert digests and serial"):
        published_text(text, PINNED, 1, 0)


def test_every_image_is_found_once():
    text = TEXT.partition("schema = 1")[2]

    assert images(catalog(text + '[defaults]\nimage = "docker.io/z/z:1"\n')) == (
        "docker.io/z/z:1",
        "docker.io/a/a:1",
        "docker.io/b/b",
        "docker.io/c/c:1",
    )
