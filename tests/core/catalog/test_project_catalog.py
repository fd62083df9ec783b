"""What a project's catalog may contain without being trusted: nothing that changes what runs."""

import pytest

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.project_catalog import adds_nothing, has_deep_keys

DIGEST = "sha256:" + "1" * 64
OTHER = "sha256:" + "2" * 64
BB = "docker.io/library/busybox"


@pytest.mark.parametrize(
    ("text", "images", "held", "expected"),
    [
        (f'apps.bb = "{BB}:latest"', {f"{BB}:latest"}, "", True),
        (f'[apps.bb]\nimage = "{BB}:latest"', {f"{BB}:latest"}, "", True),
        (f'apps.bb = "{BB}@{DIGEST}"', {f"{BB}:1@{DIGEST}"}, "", True),
        (f'apps.bb = "{BB}:1@{DIGEST}"', {f"{BB}@{DIGEST}"}, "", True),
        (f'apps.bb = "{BB}@{DIGEST}"', {f"{BB}:latest"}, DIGEST, True),
        (f'apps.bb = "{BB}@{OTHER}"', {f"{BB}:latest"}, DIGEST, False),
        (f'apps.bb = "{BB}@{OTHER}"', {f"{BB}:latest"}, "", False),
        (f'apps.bb = "{BB}:1.0"', {f"{BB}:latest"}, DIGEST, False),
        (f'apps.bb = "{BB}"', {f"{BB}:1@{DIGEST}"}, DIGEST, False),
        (f'apps.bb = "docker.io/evil/busybox@{DIGEST}"', {f"{BB}@{DIGEST}"}, DIGEST, False),
        (f'apps.bb = "{BB}:latest"', set(), "", False),
        (f'apps.bb = "{BB}@{DIGEST}"', set(), DIGEST, False),
        ('apps.bb = "not an image"', {f"{BB}:latest"}, "", False),
        ("apps.bb = 5", {f"{BB}:latest"}, "", False),
        ('apps.bb.network_mode = "host"', {f"{BB}:latest"}, "", False),
        (f'[apps.bb]\nimage = "{BB}:latest"\nnetwork_mode = "host"', {f"{BB}:latest"}, "", False),
        (f'apps.bb = "{BB}:latest"\n[defaults]\nnetwork_mode = "host"', {f"{BB}:latest"}, "", False),
    ],
)
def test_a_project_may_only_name_the_image_that_runs_anyway(text, images, held, expected):
    project = Catalog.parse(f"schema = 1\n{text}\n", "project", "applaunch.toml")

    assert adds_nothing(project, "bb", images, held) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".".join("a" * 101) + " = 1", True),
        ("[" + " . ".join(["a-b"] * 101) + "]", True),
        ("x = { " + ".".join(['"a"'] * 101) + " = 1 }", True),
        (".".join("a" * 100) + " = 1", False),
        ('description = "One. Two. Three. And so on, for a hundred words. ' + "Word and word. " * 200 + '"', False),
        ("a" * 1_000_000, False),
        (". . . " * 1000, False),
        ("", False),
    ],
)
def test_a_key_of_a_hundred_parts_is_detected(text, expected):
    assert has_deep_keys(text) == expected
