"""Who may read and write what is on disk, whatever the umask was, and what is refused where others may."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from tests.cli.test_lost_record import apps, lived, on_disk
from tests.home import Home

IMAGE = "docker.io/library/busybox:latest"


@pytest.fixture
def home(home, request):
    """A scratch HOME in a folder that any user may enter, whatever another pytest does with its own at that time."""
    if "engine" in request.fixturenames:
        yield home
        return
    with tempfile.TemporaryDirectory(prefix="applaunch-home-") as folder:
        os.chmod(folder, 0o755)
        yield Home(Path(folder) / "home")


@pytest.fixture
def state(home):
    return home.path / ".local/state/applaunch"


@pytest.fixture
def private(home):
    """The home of a user whom the machine's file modes bind, unlike root."""
    home.owned_by(4242)
    home.prefix = [word for word in home.prefix if "dac_read_search" not in word and not word.endswith("-caps")]
    if home.run("applaunch", "--version").returncode:
        pytest.skip("this Python is in a folder that other users cannot enter")
    return home


@pytest.mark.parametrize("mode", [0o000, 0o200, 0o400], ids=oct)
def test_an_unreadable_database_is_not_a_lost_one(home, state, found, request, mode):
    lived(home, state)
    (home.bin / "anothers").unlink()
    request.getfixturevalue("private")
    (state / "state.db").chmod(mode)
    before = on_disk(state)

    if mode != 0o400:
        assert home.run("applaunch", "list").stderr.count("\n") == 1
    else:
        assert apps(home) == ["mybox", "upper"]
    assert [(check, ended) for check, ended, _ in found("--fix")] == [("modes", "fixed")]

    assert on_disk(state) == before
    assert apps(home) == ["mybox", "upper"]
    home.run("applaunch", "add", "jq", check=True)
    assert found() == []


def modes(home):
    """Return the mode of every folder and file of applaunch's, by its path below the home."""
    found = {}
    for top in (".config", ".local/state", ".local/share", ".cache"):
        folder = home.path / top / "applaunch"
        for each in [folder, *folder.rglob("*")] if folder.exists() else ():
            found[str(each.relative_to(home.path))] = oct(stat.S_IMODE(each.lstat().st_mode))
    return found


def lives(home, mask):
    """Do what makes files of every kind, with the umask *mask*."""
    for words in (
        ["applaunch", "add", "mine", "--image", IMAGE, "--network", "none"],
        ["applaunch", "add", "jq"],
        ["applaunch", "config", "set", "arguments", "true"],
        ["applaunch", "override", "jq", "--network", "none"],
        ["applaunch", "list"],
    ):
        done = home.run(*words, umask=int(mask, 8))
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("mask", ["000", "002", "022", "077", "0777"])
@pytest.mark.usefixtures("private")
def test_all_files_are_private_with_any_umask(home, found, mask):
    lives(home, mask)

    known = modes(home)
    assert len(known) > 10
    for path, mode in known.items():
        assert mode == ("0o700" if (home.path / path).is_dir() else "0o600"), path
    for folder in (home.path / ".config", home.path / ".local/state"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((home.bin / "jq").stat().st_mode) == 0o755
    assert stat.S_IMODE(home.bin.stat().st_mode) & 0o022 == 0
    assert found() == []


@pytest.mark.engine
@pytest.mark.parametrize("mask", ["000", "077"])
def test_files_for_containers_are_readable(home, engine, mask):
    home.app("who", engine.ref("docker.io/library/busybox:latest"), entrypoint='["whoami"]', network_mode='"none"')
    (home.path / ".config/applaunch/catalog.d/who.toml").chmod(0o600)
    home.owned_by(4242)
    done = home.run("who", umask=int(mask, 8))

    noted = f"applaunch: who: note: the engine's umask is 022, yours is {mask}: "
    assert [line for line in done.stderr.splitlines() if not line.startswith(noted)] == []
    assert done.stdout.strip() not in ("", "root")
    known = modes(home)
    mounted = {path: mode for path, mode in known.items() if path.endswith(("/passwd", "/group", "/hosts"))}
    assert set(mounted.values()) == {"0o644"}
    for path, mode in known.items() - mounted.items():
        assert mode == ("0o700" if (home.path / path).is_dir() else "0o600"), path


STRICT = (
    ".config/applaunch",
    ".config/applaunch/catalog.toml",
    ".config/applaunch/config.toml",
    ".config/applaunch/overrides/jq.app.toml",
    ".config/applaunch/overrides",
    ".config",
)


@pytest.mark.parametrize("path", STRICT)
@pytest.mark.parametrize(("bits", "gid"), [(0o002, 4242), (0o020, 4343)], ids=["anybody", "a-group"])
@pytest.mark.usefixtures("private")
def test_a_file_that_others_can_write_is_ignored_until_fixed(home, found, path, bits, gid):
    lives(home, "022")
    at = home.path / path
    os.chown(at, 4242, gid)
    at.chmod(at.stat().st_mode | bits)

    done = home.run("applaunch", "info", "mine")
    fix = done.stderr.rstrip().partition("; ")[2]

    assert (done.returncode, done.stdout) == (1, "")
    who = "anybody" if bits == 0o002 else "the group 4343"
    assert done.stderr.startswith(f"applaunch: {at}: is not trusted: {who} may write it; ")
    assert fix == f"chmod go-w {at}"
    if path == ".config":
        home.run(*fix.split(), check=True)
    else:
        assert {check for check, ended, _ in found("--fix") if ended == "fixed"} == {"modes"}
    assert found() == []
    home.run("applaunch", "info", "mine", check=True)


@pytest.mark.parametrize(
    "path", [*STRICT[:4], ".local/state/applaunch/current/mine", ".local/state/applaunch/state.db"]
)
@pytest.mark.usefixtures("private")
def test_a_file_of_another_user_is_ignored(home, path):
    lives(home, "022")
    at = home.path / path
    os.chown(at, 4343, 4242)
    at.chmod(0o775 if at.is_dir() else 0o664)

    done = home.run("applaunch", "upgrade", "--check")

    assert done.returncode == 1
    assert done.stderr.startswith(f"applaunch: {at}: is not trusted: it belongs to ")
    assert "sudo chown" in done.stderr


@pytest.mark.parametrize("path", [".local/state/applaunch/current", ".local/state/applaunch/current/mine"])
@pytest.mark.usefixtures("private")
def test_a_launch_ignores_a_launch_file_that_others_can_write(home, found, path):
    lives(home, "022")
    (home.path / path).chmod((home.path / path).stat().st_mode | 0o002)

    done = home.run("mine")

    assert done.returncode == 125
    assert (
        done.stderr == f"applaunch: {home.path / path}: is not trusted: others may write it; applaunch doctor --fix\n"
    )
    assert {check for check, ended, _ in found("--fix") if ended == "fixed"} == {"modes"}
    assert "nowhere.sock" in home.run("mine").stderr


def test_loose_modes_of_older_versions_are_tightened(home, found):
    lives(home, "022")
    for path in modes(home):
        at = home.path / path
        at.chmod(0o755 if at.is_dir() else 0o644)

    before = found()
    assert {(check, ended) for check, ended, _ in before} == {("modes", "problem"), ("modes", "note")}
    notes = [what for _, ended, what in before if ended == "note"]
    assert notes == ["~/.config/applaunch is 0755, and should be 0700"]  # people make it, too
    assert {(check, ended) for check, ended, _ in found("--fix")} == {("modes", "fixed")}
    assert found() == []
    loose = {path for path, mode in modes(home).items() if mode not in ("0o700", "0o600")}
    assert loose == {f".config/applaunch/{name}" for name in ("catalog.toml", "config.toml", "overrides/jq.app.toml")}


def test_a_catalog_may_be_a_link_into_a_repository_or_root_s(home, found):
    lives(home, "022")
    catalog = home.path / ".config/applaunch/catalog.toml"
    dotfiles = home.path / "dotfiles/applaunch.toml"
    dotfiles.parent.mkdir()
    catalog.rename(dotfiles)
    catalog.symlink_to(dotfiles)
    home.owned_by(4242)
    os.lchown(dotfiles, 0, 0)  # as in /nix/store

    home.run("applaunch", "info", "mine", check=True)
    assert found() == []
    dotfiles.chmod(0o666)
    assert str(dotfiles) in home.run("applaunch", "info", "mine").stderr


@pytest.mark.usefixtures("private")
def test_a_home_that_cannot_be_written_can_be_read(home):
    lives(home, "022")
    for path in modes(home):
        at = home.path / path
        at.chmod(0o500 if at.is_dir() else 0o400)
    home.path.chmod(0o555)

    assert apps(home) == ["jq", "mine"]
    assert "nowhere.sock" in home.run("mine").stderr


def test_the_users_own_group_is_trusted(home, tmp_path):
    from launcher.host.strict_read import check_ownership

    lives(home, "002")
    catalog = home.path / ".config/applaunch/catalog.toml"
    os.chown(catalog, os.getuid(), os.getgid())
    catalog.chmod(0o664)

    check_ownership(str(catalog), str(home.path))  # root's group is root's own
    home.run("applaunch", "info", "mine", check=True)


@pytest.mark.parametrize("path", ["remotes.d/team.toml", "remotes.d"])
@pytest.mark.usefixtures("private")
def test_a_remote_that_others_can_configure_is_ignored(home, path):
    lives(home, "022")
    remote = home.config("remotes.d") / "team.toml"
    remote.write_text(f'url = "{home.path}/team"\n')
    remote.chmod(0o600)
    home.owned_by(4242)
    at = home.path / ".config/applaunch" / path
    at.chmod(at.stat().st_mode | 0o002)

    done = home.run("applaunch", "search", "jq")

    assert done.returncode == 1
    assert done.stderr == f"applaunch: {at}: is not trusted: anybody may write it; chmod go-w {at}\n"
