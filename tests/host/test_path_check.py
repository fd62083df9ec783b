"""What is at a path is found in one look, and a path that leads elsewhere afterwards is noticed."""

import os
import resource
import socket

import pytest

from launcher.core.values.mount import Mount
from launcher.core.values.run_spec import RunSpec
from launcher.errors import CannotRunError
from launcher.host.path_check import MountCheck, existing_paths, inspect_paths


def kinds(paths):
    return {path: (fact.kind, fact.real) for path, fact in inspect_paths(paths).items()}


def test_paths_are_folders_files_or_missing(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to("nowhere")
    paths = [f"{tmp_path}/{name}" for name in ("", "file", "none", "dangling", "file/below", "a\0b")]

    assert kinds([*paths, *paths]) == {
        f"{tmp_path}/": ("folder", str(tmp_path)),
        f"{tmp_path}/file": ("file", f"{tmp_path}/file"),
    }


def test_links_are_resolved(tmp_path):
    (tmp_path / "real/in").mkdir(parents=True)
    (tmp_path / "up").symlink_to("real/in/..")
    (tmp_path / "old (deleted)").touch()
    here = str(tmp_path)

    assert kinds([f"{here}/up/in", f"{here}/old (deleted)"]) == {
        f"{here}/up/in": ("folder", f"{here}/real/in"),
        f"{here}/old (deleted)": ("file", f"{here}/old (deleted)"),
    }


def test_sockets_fifos_and_devices_are_told_from_files(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{tmp_path}/socket")

        found = kinds([f"{tmp_path}/fifo", f"{tmp_path}/socket", "/dev/null"])

    assert [kind for kind, _ in found.values()] == ["fifo", "socket", "device"]


def test_one_listing_of_the_home_finds_the_existing_paths(tmp_path):
    (tmp_path / ".config/gh").mkdir(parents=True)
    (tmp_path / "a.kdbx").touch()
    home = str(tmp_path)

    assert existing_paths(home, (".config/gh", ".ssh", "*.kdbx", ".env.*", "/srv/x"), (".config", ".config/fish")) == (
        (f"{home}/.config/gh", f"{home}/a.kdbx", "/srv/x"),
        (f"{home}/.config",),
    )
    assert existing_paths(f"{home}/none", (".ssh", "/srv/x")) == (("/srv/x",),)


def test_any_path_may_exist_in_a_folder_that_cannot_be_listed(tmp_path, monkeypatch):
    def refuse(folder):
        raise PermissionError(13, "Permission denied", folder)

    monkeypatch.setattr(os, "listdir", refuse)

    assert existing_paths("/home/ana", (".ssh", ".config/gh", "/srv/x")) == (
        ("/home/ana/.ssh", "/home/ana/.config/gh", "/srv/x"),
    )


def test_paths_do_not_count_as_missing_when_descriptors_run_out(tmp_path):
    (tmp_path / ".ssh").mkdir()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            inspect_paths([f"{tmp_path}/.ssh"])
        with pytest.raises(OSError, match="Too many open files"):
            existing_paths(str(tmp_path), (".ssh",))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.fixture
def watched(tmp_path):
    """A file and a folder that are mounted, watched from here on."""
    (tmp_path / "file").write_text("1")
    (tmp_path / "folder").mkdir()
    (tmp_path / "key").write_text("secret")
    paths = [f"{tmp_path}/file", f"{tmp_path}/folder"]
    return MountCheck(RunSpec("x", mounts=tuple(Mount(path, path) for path in paths)), inspect_paths(paths))


def exchange_for_a_link(path):
    path.rename(path.with_name("away"))
    path.symlink_to("key")


def exchange_and_put_back(path):
    exchange_for_a_link(path)
    path.with_name("away").rename(path)


def put_back_and_write(path):
    exchange_and_put_back(path)
    path.write_text("2")


def make_it_anew(path):
    path.unlink()
    path.write_text("1")


@pytest.mark.parametrize("change", [exchange_for_a_link, exchange_and_put_back, put_back_and_write, make_it_anew])
def test_a_replaced_file_is_detected(watched, tmp_path, change):
    watched.check()
    change(tmp_path / "file")

    with pytest.raises(CannotRunError, match="file was replaced while"):
        watched.check()


def move_a_folder_above(folder):
    folder.rename(folder.with_name("away"))
    folder.symlink_to("away")


def move_a_folder_and_back(folder):
    folder.rename(folder.with_name("away"))
    folder.with_name("away").rename(folder)


@pytest.mark.parametrize("change", [move_a_folder_above, move_a_folder_and_back])
def test_a_replaced_folder_is_detected(watched, tmp_path, change):
    change(tmp_path / "folder")

    with pytest.raises(CannotRunError, match="folder was replaced"):
        watched.check()


def test_a_relabelled_file_does_not_count_as_replaced(tmp_path):
    (tmp_path / "file").touch()
    path = f"{tmp_path}/file"
    watched = MountCheck(RunSpec("x", mounts=(Mount(path, path, relabel="z"),)), inspect_paths([path]))

    os.chmod(path, 0o600)  # as a label, it changes the time of change alone
    watched.check()

    assert os.stat(path).st_mode & 0o777 == 0o600


def test_a_written_file_does_not_count_as_replaced(watched, tmp_path):
    (tmp_path / "file").write_text("2")
    (tmp_path / "folder/new").touch()
    watched.check()
    (tmp_path / "beside").touch()

    assert (tmp_path / "beside").exists()
