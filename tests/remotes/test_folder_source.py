"""Catalogs in a local folder."""

import os

import pytest

from launcher.core.remotes.source_url import SourceUrl
from launcher.errors import RemoteError
from launcher.remotes import folder_source
from tests.remotes.publisher import publish, publish_keys


def fetch(path):
    return folder_source.fetch(SourceUrl.parse(str(path)))


def refusal(path):
    with pytest.raises(RemoteError) as refused:
        fetch(path)
    return str(refused.value)


def test_all_published_files_are_fetched(tmp_path, keys):
    publish(tmp_path, keys["ana"])
    publish_keys(tmp_path, 1, [keys["ben"]], keys["ana"])

    assert fetch(tmp_path).files == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_one_file_may_be_named(tmp_path):
    publish(tmp_path).rename(tmp_path / "mine.toml")
    (tmp_path / "mine.toml.sig").write_text("sig")

    assert {*fetch(tmp_path / "mine.toml").files} == {"catalog.toml", "catalog.toml.sig"}


def test_missing_files_are_reported(tmp_path):
    assert refusal(tmp_path / "x") == (
        f"{tmp_path}/x/catalog.toml: there is no such file; check the address: applaunch remote info NAME"
    )


def test_a_large_file_is_refused(tmp_path):
    (tmp_path / "catalog.toml").write_bytes(b"#" * (5 * 1024 * 1024 + 1))

    assert refusal(tmp_path).startswith(f"{tmp_path}/catalog.toml: is larger than 5 MiB")


def test_a_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "catalog.toml")

    assert "catalog.toml: is not a regular file" in refusal(tmp_path)


def test_a_folder_instead_of_a_file_is_reported(tmp_path):
    (tmp_path / "catalog.toml").mkdir()

    assert "catalog.toml: cannot be read: is a directory" in refusal(tmp_path)
