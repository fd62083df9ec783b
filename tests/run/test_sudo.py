"""Root in another user's HOME, as `sudo -E` has it: nothing of root's is left in that user's folders."""

import os
import pwd
import shutil
import stat
import subprocess

import pytest

from launcher.host import process

ANA = 4242
ROOTS = os.path.realpath(pwd.getpwuid(0).pw_dir)


@pytest.fixture
def anas(home):
    """The home of a user who is not root, with an app in it."""
    home.app("mine", "docker.io/library/busybox:latest", network_mode='"none"', entrypoint='["sh", "-c", "echo hello"]')
    home.run("applaunch", "add", "jq", check=True)
    home.owned_by(ANA)
    home.prefix = []
    return home


def owners(home):
    """Return what is below the home, each with its owner, mode and time."""
    found = {}
    for each in sorted(home.path.rglob("*")):
        seen = each.lstat()
        found[str(each)] = (seen.st_uid, seen.st_mode, None if stat.S_ISDIR(seen.st_mode) else seen.st_mtime_ns)
    return found


def as_root(home, *words, **env):
    """Run a program as root with that home, through sudo."""
    variables = home.env | env
    program = shutil.which(words[0], path=variables["PATH"])
    return subprocess.run(
        ["sudo", "-n", "-E", "env", f"PATH={variables['PATH']}", program, *words[1:]],
        env=variables,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


needs_sudo = pytest.mark.skipif(
    os.getuid() != 0 or not shutil.which("sudo"), reason="needs root and sudo: apt install sudo"
)


@needs_sudo
@pytest.mark.parametrize(
    "words",
    [
        ["list"],
        ["add", "yq"],
        ["remove", "jq"],
        ["config", "set", "arguments", "true"],
        ["doctor", "--fix"],
        ["gc"],
        ["override", "jq", "--network", "none"],
        ["history", "list"],
    ],
    ids=" ".join,
)
def test_a_management_command_says_so_and_writes_nothing(anas, words):
    before = owners(anas)

    done = as_root(anas, "applaunch", *words)

    assert done.returncode == 1
    what = f"HOME is another user's folder, and you are root; run it without sudo, or with HOME={ROOTS}"
    assert (done.stdout, done.stderr) == ("", f"applaunch: {anas.path}: {what}\n")
    assert owners(anas) == before


OVERLAID = """
mount -t tmpfs tmpfs "$1"
mkdir "$1/up" "$1/work"
mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/up,workdir=$1/work" "$2"
scratch=$1
shift 2
"$@"
cd "$scratch/up" && find . -type f
"""
"""What root writes in its own home goes into a scratch folder, and is listed."""


@needs_sudo
@pytest.mark.engine
def test_a_launch_writes_only_in_roots_own_folders(anas, engine, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    catalog = tmp_path / "etc"
    catalog.mkdir()
    image = engine.ref("docker.io/library/busybox:latest")
    (catalog / "catalog.toml").write_text(
        f'schema = 1\n[apps.greet]\nimage = "{image}"\nentrypoint = ["sh", "-c", "echo hello"]\nuser = "image"\n'
    )
    (anas.bin / "greet").write_bytes((anas.bin / "mine").read_bytes())
    (anas.bin / "greet").chmod(0o755)
    before = owners(anas)

    shim = ("sudo", "-n", "-E", "env", f"PATH={anas.env['PATH']}", str(anas.bin / "greet"))
    done = subprocess.run(
        ["unshare", "-m", "sh", "-ec", OVERLAID, "sh", str(scratch), ROOTS, *shim],
        env=anas.env | {"APPLAUNCH_ETC": str(catalog)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.stderr == ""
    said, *written = done.stdout.splitlines()
    assert said == "hello"
    assert any("/applaunch/runs/" in path for path in written)
    assert owners(anas) == before


@needs_sudo
@pytest.mark.parametrize("variable", ["XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"])
def test_one_folder_of_another_user_is_enough(anas, variable, tmp_path):
    before = owners(anas)
    roots = tmp_path / "roots"
    roots.mkdir()

    done = as_root(anas, "applaunch", "add", "yq", HOME=str(roots), **{variable: f"{anas.path}/new/er"})

    assert done.returncode == 1
    assert f"{variable} is another user's folder, and you are root" in done.stderr
    assert owners(anas) == before
    assert list(roots.iterdir()) == []


@needs_sudo
def test_root_in_its_own_home_and_ana_in_hers_are_as_ever(anas):
    home, _ = process.home_and_user({"HOME": str(anas.path)})
    assert home == ROOTS
    kept = {"XDG_STATE_HOME": f"{anas.path}/.local/state", "LANG": "C"}
    assert process.own_environment({"HOME": str(anas.path), **kept}) == {"HOME": home, "LANG": "C"}
    assert process.own_environment({"HOME": "/root", "LANG": "C"}) == {"HOME": "/root", "LANG": "C"}

    anas.owned_by(ANA)
    assert "jq" in anas.run("applaunch", "list", check=True).stdout
    anas.run("applaunch", "add", "yq", check=True)


BY_SUDO = """
uid=$1 home=$2 scratch=$3 root=$4
shift 4
mount -t tmpfs tmpfs "$scratch"
cp /etc/passwd "$scratch/passwd"
echo "ana:*:$uid:$uid::$home:/bin/sh" >> "$scratch/passwd"
mount --bind "$scratch/passwd" /etc/passwd
mount -t tmpfs -o mode=0750 tmpfs /etc/sudoers.d
echo "ana ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/ana
chmod 0440 /etc/sudoers.d/ana
mkdir "$scratch/up" "$scratch/work"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$scratch/up,workdir=$scratch/work" "$root"
exec setpriv --reuid "$uid" --regid "$uid" --clear-groups env -i "HOME=$home" "PATH=$home/.local/bin:/usr/bin:/bin" sudo -n "$@"
"""
"""Calls sudo as an ordinary user who may do everything; what this changes on the machine is gone afterwards."""


@pytest.fixture
def by_sudo(anas, tmp_path):
    """A function that calls a program through ana's own sudo."""
    (scratch := tmp_path / "scratch").mkdir()
    words = ["unshare", "-m", "sh", "-ec", BY_SUDO, "sh", str(ANA), str(anas.path), str(scratch), ROOTS]

    def call(*args):
        return subprocess.run([*words, *args], cwd=anas.work, capture_output=True, text=True, check=False, timeout=60)

    return call


@needs_sudo
@pytest.mark.parametrize("way", ["by its path", "with her variables", "on her path"])
def test_by_sudo_root_is_told_whose_app_it_is_and_nothing_of_hers_decides(anas, by_sudo, way):
    shim, before = str(anas.bin / "mine"), owners(anas)
    words = {
        "by its path": [shim],
        "with her variables": ["-E", shim],
        "on her path": ["env", f"PATH={anas.bin}:/usr/bin:/bin", "mine"],
    }

    done = by_sudo(*words[way])

    what = "this is an app of ana, and root has none of that name"
    fix = "run it without sudo, or define it in /etc/applaunch/catalog.toml"
    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr == f"applaunch: mine: {what}; {fix}\n"
    assert owners(anas) == before


@needs_sudo
@pytest.mark.engine
def test_by_sudo_an_app_of_the_machines_catalog_runs_as_root(anas, by_sudo, engine, tmp_path):
    (tmp_path / "etc").mkdir()
    image, before = engine.ref("docker.io/library/busybox:latest"), owners(anas)
    # with a network: else root's own hosts file is mounted, which the engine does not see in the scratch folder
    text = f'schema = 1\n[apps.mine]\nimage = "{image}"\nentrypoint = ["sh", "-c"]\n'
    (tmp_path / "etc/catalog.toml").write_text(text)
    told = (f"APPLAUNCH_ETC={tmp_path}/etc", f"DOCKER_HOST={engine.docker_host}")

    done = by_sudo(*told, str(anas.bin / "mine"), "id -u; exit 7")

    assert (done.stdout, done.stderr, done.returncode) == ("0\n", "", 7)
    assert owners(anas) == before
