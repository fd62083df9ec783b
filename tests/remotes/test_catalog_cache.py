"""The cached catalog and the state that points at it."""

import json
import stat

import pytest

from launcher.core.remotes.remote import RemoteState
from launcher.core.remotes.trust_policy import AcceptedCatalog
from launcher.errors import RemoteError
from launcher.remotes import catalog_cache

DATA = b"schema = 1\n"
TABLES = {"schema": 1, "apps": {}}
KNOWN = RemoteState(AcceptedCatalog(1, catalog_cache.checksum(DATA), 5.0, "SHA256:x"))


@pytest.fixture
def folders(tmp_path):
    """Return the folders of states and of copies, with one remote in them, and what is known of it."""
    states, copies = str(tmp_path / "a/state/remotes"), str(tmp_path / "cache/remotes")
    known = KNOWN._replace(compiled=catalog_cache.store(copies, "team", DATA, TABLES, "1"))
    catalog_cache.write_state(states, "team", known)
    return states, copies, known


def test_a_stored_copy_is_read_back(folders):
    states, copies, known = folders

    assert catalog_cache.read_state(states, "team") == known
    assert catalog_cache.read_copy(copies, "team", known, "1") == catalog_cache.Copy(tables=TABLES)


def test_stored_files_are_private(folders, tmp_path):
    modes = {
        str(path.relative_to(tmp_path)): stat.S_IMODE(path.stat().st_mode)
        for path in tmp_path.rglob("*")
        if path.suffix != ".toml"
    }

    assert {mode for path, mode in modes.items() if path.endswith(".json")} == {0o600}
    assert {mode for path, mode in modes.items() if not path.endswith(".json")} == {0o700}


def test_another_version_reads_the_text(folders):
    _, copies, known = folders

    assert catalog_cache.read_copy(copies, "team", known, "2") == catalog_cache.Copy(text=DATA.decode())


@pytest.mark.parametrize("suffix", [".json", ".toml"])
def test_a_copy_that_was_tampered_with_is_not_read(folders, tmp_path, suffix):
    _, copies, known = folders
    (path,) = (tmp_path / "cache/remotes/team").glob(f"*{suffix}")
    path.write_text(path.read_text().replace("1", "2"))

    found = catalog_cache.read_copy(copies, "team", known, "1")

    assert found == (catalog_cache.Copy(text=DATA.decode()) if suffix == ".json" else catalog_cache.Copy(tables=TABLES))
    for other in (tmp_path / "cache/remotes/team").iterdir():
        other.write_text("{}")
    assert catalog_cache.read_copy(copies, "team", known, "1") is None


def test_a_copy_without_a_state_is_not_read(folders):
    _, copies, _ = folders

    assert catalog_cache.read_copy(copies, "team", RemoteState(), "1") is None


def test_a_state_without_a_copy_is_still_read(folders, tmp_path):
    states, copies, known = folders
    for path in (tmp_path / "cache/remotes/team").iterdir():
        path.unlink()

    assert catalog_cache.read_copy(copies, "team", known, "1") is None
    assert catalog_cache.read_state(states, "team").accepted.serial == 1


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"accepted": 5}', "\xff", "[" * 100_000])
def test_a_damaged_state_is_an_error(folders, tmp_path, text):
    states, _, _ = folders
    (tmp_path / "a/state/remotes/team.json").write_text(text, encoding="latin-1")

    with pytest.raises(RemoteError, match="is damaged: the last accepted catalog of team is unknown"):
        catalog_cache.read_state(states, "team")


def test_a_missing_state_is_empty(tmp_path):
    assert catalog_cache.read_state(str(tmp_path), "team") == RemoteState()


def test_a_state_of_a_later_version_with_more_in_it_is_read(folders, tmp_path):
    states, _, known = folders
    path = tmp_path / "a/state/remotes/team.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"more": 5}))

    assert catalog_cache.read_state(states, "team") == known


def test_older_copies_are_removed(folders, tmp_path):
    _, copies, _ = folders
    catalog_cache.store(copies, "team", b"schema = 1 \n", TABLES, "1")

    catalog_cache.remove_others(copies, "team", catalog_cache.checksum(b"schema = 1 \n"))

    names = {path.stem for path in (tmp_path / "cache/remotes/team").iterdir()}
    assert names == {catalog_cache.checksum(b"schema = 1 \n").removeprefix("sha256:")}


def test_state_and_copies_are_removed(folders, tmp_path):
    states, copies, _ = folders

    catalog_cache.remove(states, copies, "team")
    catalog_cache.remove(states, copies, "team")

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_write_error_is_reported(tmp_path):
    (tmp_path / "state").write_text("a file")

    with pytest.raises(RemoteError, match="cannot be written"):
        catalog_cache.write_state(str(tmp_path / "state"), "team", KNOWN)
