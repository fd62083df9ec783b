"""Catalogs in a registry in memory; `tests/cli/test_publish_command.py` uses a server."""

import pytest

from launcher.core.remotes.source_url import SourceUrl
from launcher.errors import RemoteError
from launcher.remotes.fetch import fetch
from tests.remotes.registry import FakeRegistry

REF = "registry.example/team/catalog:1"
ADDRESS = SourceUrl.parse(f"oci://{REF}")


def fetched(files):
    return fetch(ADDRESS, {}, FakeRegistry({REF: files})).files


def refusal(files):
    with pytest.raises(RemoteError) as refused:
        fetched(files)
    return str(refused.value)


def test_the_known_files_of_an_artifact_are_fetched():
    files = {"catalog.toml": b"a", "catalog.toml.sig": b"b", "keys.toml": b"c", "keys.toml.sig": b"d"}

    assert fetched(files | {"../../etc/passwd": b"evil", "README.md": b"x"}) == files


def test_an_artifact_without_a_catalog_is_refused():
    assert refusal({"README.md": b"x"}) == (
        f"oci://{REF}: does not contain catalog.toml (only README.md); push it with: applaunch catalog publish oci://..."
    )


def test_a_missing_artifact_is_reported():
    with pytest.raises(RemoteError) as refused:
        fetch(ADDRESS, {}, FakeRegistry())

    assert str(refused.value) == (
        f"oci://{REF}: there is no such artifact; check the address; the last accepted version stays in use"
    )


def test_an_unchanged_artifact_is_not_pulled_again():
    registry = FakeRegistry({REF: {"catalog.toml": b"a"}})
    tags = fetch(ADDRESS, {}, registry).tags

    came = fetch(ADDRESS, tags, registry)

    assert (came.files, came.unchanged, came.tags) == ({}, {"catalog.toml", "keys.toml"}, tags)
    assert registry.pulled == [f"{REF}@{tags['catalog.toml']}"]  # by the digest that was told: no tag moves in between


@pytest.mark.parametrize(("name", "size"), [("catalog.toml", 5 << 20), ("catalog.toml.sig", 64 << 10)])
def test_a_large_file_is_refused(name, size):
    assert f"oci://{REF}: {name}: is larger than" in refusal({"catalog.toml": b"a", name: b"#" * (size + 1)})
