"""Secrets of a home, and what its owner's shell runs, as a program sees them: looked at from inside the container."""

import os
import socket
import subprocess
import threading
import time

import pytest

from launcher.core.values.protected_paths import SECRETS, STARTUP
from tests.soak import rounds

pytestmark = pytest.mark.engine

PROBE = "docker.io/applaunch/probe:latest"
CANARY = "CANARY-7f3a"
LOOK = f"grep -rsl {CANARY} . /data /srv /mnt 2>/dev/null; true"
FILES = (
    ".netrc",
    "_history",
    "rc",
    ".env",
    "json",
    "xml",
    "credentials",
    "token",
    "pass",
    "settings",
    "auth",
    "id_rsa",
)


@pytest.fixture
def tool(home, engine):
    """An app of the user's own that runs what its first argument says; the others are its arguments."""
    return home.app("tool", engine.ref(PROBE), entrypoint='["bash", "-c"]', network_mode='"none"')


@pytest.fixture
def theirs(home, engine):
    """The same app, of somebody else's catalog."""
    served = home.path / "served"
    served.mkdir()
    keys = 'entrypoint = ["bash", "-c"]\nnetwork_mode = "none"\n'
    keys += 'volumes = [{ type = "bind", source = "~/.cache/other", target = "/cache", required = false }]\n'
    (served / "catalog.toml").write_text(
        f'schema = 1\n[catalog]\nname = "team"\nserial = 1\n[apps.other]\nimage = "{engine.ref(PROBE)}"\n{keys}'
    )
    home.run("applaunch", "remote", "add", "team", str(served), "--no-verify", check=True)
    home.run("applaunch", "add", "team/other", "-y", check=True)
    return home.unpacked("other")


def put(path, text=CANARY):
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_text(text)
    return path


def secret_files(home):
    """Write a canary into every secret of *home*, as a file in a folder where it is no file's name."""
    files = []
    for secret in SECRETS:
        name = secret.replace("*", "mine")
        parts = name.split("/")
        inside = not any(each.startswith(f"{secret}/") for each in SECRETS) and parts[-1].endswith(FILES)
        files.append(put(home.path / name if inside or "*" in secret else home.path / name / "a file"))
    files += [
        put(home.path / ".config/applaunch/remotes.d/team.login"),
        put(home.path / ".local/share/applaunch/homes/x/token"),
    ]
    return files


@pytest.mark.parametrize("where", ["", "..", ".config", ".local"])
def test_no_secret_of_the_home_is_read_where_the_home_is_the_current_folder(home, tool, engine, where):
    (home.path / ".config/shown").write_text(f"x{CANARY}")
    (home.path / ".local/shown").write_text(f"x{CANARY}")
    secret_files(home)

    seen = home.run(tool, LOOK, cwd=home.path / where, check=True).stdout.split("\n")

    found = {os.path.basename(path) for path in seen if path}
    assert found == {"shown"} or (
        where == ".." and found == set() and (engine.caller_uid or home.user)
    )  # who cannot list it either


def test_a_home_that_is_a_volume_has_its_secrets_covered_but_one_that_is_named(home, engine):
    home.app("whole", engine.ref(PROBE), entrypoint='["bash", "-c"]', volumes='["~:/data", "~/.aws:/srv/aws"]')
    secret_files(home)

    seen = home.run("whole", LOOK, check=True).stdout.splitlines()

    assert seen
    assert all(path.startswith(("/srv/aws/", "/data/.aws/")) for path in seen)


def lay_out(home):
    """Make a repository as somebody may have sent it: links of every kind to what is not its own."""
    put(home.path / ".ssh/id_rsa")
    put(home.path / "dotfiles/ssh/id_ed25519")
    put(home.path / "dotfiles/aws")
    (home.path / ".gnupg").symlink_to("dotfiles/ssh")
    (home.path / ".netrc").symlink_to(home.path / "dotfiles/aws")
    (home.path / ".kube").mkdir()
    (home.path / ".kube/config").symlink_to("../dotfiles/kube")
    put(home.path / "dotfiles/kube")
    for name, target in {
        "up": "../..",
        "up-one": "..",
        "absolute": home.path,
        "above": home.path.parent,
        "top": "/",
        "self": "/proc/self/cwd",
        "root": f"/proc/self/root{home.path}",
        "twice": "up-one",
        "ssh": "../.ssh",
        "key": "../.ssh/id_rsa",
        "key-absolute": home.path / ".ssh/id_rsa",
        "key-by-up": "up-one/.ssh/id_rsa",
        "dotfiles": "../dotfiles",
        "gnupg": "../.gnupg",
    }.items():
        (home.work / name).symlink_to(target)


LINKS = [
    *("up", "up/", "up-one", "up-one/.", "absolute", "above", "top", "self", "root", "root/.", "twice", "twice/."),
    *("dotfiles", "dotfiles/", "up-one/dotfiles", "--file=up-one", "../", "~", "~/dotfiles", "/proc/self/cwd/.."),
]
"""What shows secrets from above."""
SECRET_LINKS = [
    *(
        "ssh",
        "ssh/id_rsa",
        "key",
        "key-absolute",
        "key-by-up",
        "up-one/.ssh",
        "up-one/.ssh/id_rsa",
        "gnupg",
        "--file=key",
    ),
    *(
        "twice/.ssh/id_rsa",
        "root/.ssh",
        "~/.ssh/id_rsa",
        "~/dotfiles/aws",
        "../dotfiles/kube",
        "~/.ssh/../.ssh",
        "~/.gnupg",
    ),
]
"""What is a secret, or lies in one."""


def typed(home, word):
    return word.replace("~", str(home.path))


def read_all(home, word):
    path = typed(home, word).partition("=")[2] or typed(home, word)
    if word == "top":
        return f"cat top{home.path}/.ssh/id_rsa; grep -rsh {CANARY} . {home.path} {home.path.parent}; true"
    return f"grep -rsh {CANARY} . {path} {path}/. {home.path} {home.path.parent} /proc/1/cwd/ 2>/dev/null; true"


@pytest.mark.parametrize("word", LINKS)
def test_a_link_to_a_home_shows_none_of_its_secrets(home, tool, word):
    lay_out(home)

    assert CANARY not in home.run(tool, read_all(home, word), typed(home, word)).stdout


@pytest.mark.parametrize("word", SECRET_LINKS)
def test_a_secret_that_an_argument_names_is_not_given_to_the_app_of_somebody_else(home, theirs, word):
    lay_out(home)

    ended = home.run(theirs, read_all(home, word), typed(home, word))

    assert (ended.returncode, CANARY in ended.stdout) == (126, False)
    assert "is a secret, which this app may not read; to allow it: applaunch override other --volume " in ended.stderr


def test_it_is_given_by_an_override_that_names_it(home, theirs):
    lay_out(home)
    refused = home.run(theirs, 'cat "$0"', typed(home, "~/.ssh/id_rsa"))
    words = refused.stderr.rpartition("to allow it: ")[2].split()

    home.run(*words, check=True)

    assert home.run(theirs, 'cat "$0"', typed(home, "~/.ssh/id_rsa")).stdout == CANARY


def test_your_own_app_is_given_it_and_says_so_once(home, tool):
    lay_out(home)

    first, second = (home.run(tool, 'cat "$0"', "key") for _ in range(2))

    assert (first.stdout, second.stdout) == (CANARY, CANARY)
    assert first.stderr == f"applaunch: tool: note: it can read {home.path}/.ssh/id_rsa, which is secret\n"
    assert second.stderr == ""


@pytest.mark.parametrize("folder", [".ssh", "dotfiles/ssh"])
def test_a_secret_folder_is_no_current_folder_of_the_app_of_somebody_else(home, theirs, tool, folder):
    lay_out(home)

    refused = home.run(theirs, "cat *", cwd=home.path / folder)
    mine = home.run(tool, "cat *", cwd=home.path / folder)

    assert (refused.returncode, refused.stdout) == (126, "")
    assert refused.stderr == (
        f"applaunch: other: the current folder {home.path / folder} contains secrets, which this app may not read;"
        " to allow it: applaunch override other --mount-cwd ro\n"
    )
    assert mine.stdout == CANARY
    home.run("applaunch", "override", "other", "--mount-cwd", "ro", check=True)
    assert home.run(theirs, "cat *", cwd=home.path / folder).stdout == CANARY


@pytest.mark.parametrize("above", [False, True])
def test_a_remotes_app_does_not_get_the_home_to_write_unless_an_override_says_so(home, theirs, tool, above):
    folder = home.path.parent if above else home.path
    os.chown(folder, home.path.stat().st_uid, -1)
    words = ("touch made && echo made",)

    refused = home.run(theirs, *words, cwd=folder)
    mine = home.run(tool, *words, cwd=folder)
    below = home.run(theirs, *words)

    assert (refused.returncode, refused.stdout) == (126, "")
    assert refused.stderr == (
        f"applaunch: other: the current folder {folder} is or contains your home, which this app may not write;"
        " cd to another folder, or: applaunch override other --mount-cwd rw\n"
    )
    assert (mine.stdout, below.stdout) == ("made\n", "made\n")
    home.run("applaunch", "override", "other", "--mount-cwd", "ro", check=True)
    assert home.run(theirs, "ls made", cwd=folder).stdout == "made\n"
    home.run("applaunch", "override", "other", "--mount-cwd", "rw", check=True)
    assert home.run(theirs, *words, cwd=folder).stdout == "made\n"


@pytest.mark.parametrize("secret", [".ssh", ".ssh/id_rsa", ".local/bin", ".bashrc"])
def test_a_volume_that_was_made_a_link_to_a_secret_is_not_given_to_the_app_of_somebody_else(home, theirs, secret):
    lay_out(home)
    put(home.path / ".bashrc")
    (home.path / ".cache").mkdir(exist_ok=True)
    (home.path / ".cache/other").symlink_to(home.path / secret)

    ended = home.run(theirs, "cat /cache /cache/*")

    assert (ended.returncode, ended.stdout) == (126, "")
    assert f"other: the volume {home.path}/.cache/other is a link to " in ended.stderr


def test_what_is_denied_is_hidden_where_its_links_lead(home, engine):
    home.app("tool", engine.ref(PROBE), entrypoint='["bash", "-c"]')
    (home.path / "mail").symlink_to("kept/mail")
    put(home.path / "kept/mail/inbox")
    home.run("applaunch", "override", "tool", "--deny", "~/mail", check=True)

    assert home.run("tool", f"grep -rs {CANARY} . mail/; true", cwd=home.path).stdout == ""


CHANGES = (
    "echo evil >> {0}; echo evil > {0}/x; echo evil > {0}/run",
    "mv {0} away; echo evil > {0}; mkdir -p {0} && echo evil > {0}/run",
    "rm -rf {0}; echo evil > {0}",
    "mv $(dirname {0}) moved; mkdir -p $(dirname {0}); echo evil > {0}",
    "ln -sf /etc/passwd {0}; truncate -s 0 {0}; chmod 777 {0}; sed -i s/./evil/ {0}",
)


def contents(place):
    """Return what is in a file, or in each file of a folder but those that every launch writes."""
    found = [place, *place.rglob("*")] if place.exists() else []
    written = ("runs", "swept", "state.db-shm", "warm")
    return {path: path.read_bytes() for path in found if path.is_file() and not {*path.parts} & {*written}}


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_shell_runs_cannot_be_changed_where_the_home_is_mounted(home, tool, change):
    for name in STARTUP:
        if name != ".local/bin":
            put(home.path / name if name.endswith(("rc", "profile", "env")) else home.path / name / "run", "mine")
    before = [contents(home.path / name) for name in STARTUP]

    home.run(tool, "; ".join(f"( {change.format(name)} )" for name in STARTUP) + "; true", cwd=home.path, check=True)

    assert [contents(home.path / name) for name in STARTUP] == before
    assert all(before)


def test_shims_denials_and_launch_files_cannot_be_changed(home, tool):
    home.run("applaunch", "override", tool, "--deny", "~/private", check=True)
    home.run(tool, "true", check=True)
    kept = [".config/applaunch", ".local/state/applaunch", ".local/bin"]
    before = [contents(home.path / each) for each in kept]
    put(home.path / "private/note")

    script = (
        "for f in $(find .config .local -type f); do echo evil >> $f; rm -f $f; mv $f moved; done; mv .config x; true"
    )
    home.run(tool, script, cwd=home.path, check=True)
    ended = home.run(tool, "cat private/note", cwd=home.path)

    assert (ended.returncode, ended.stdout) == (1, "")
    after = [contents(home.path / each) for each in kept]
    assert [each.keys() ^ other.keys() for each, other in zip(after, before, strict=True)] == [set(), set(), set()]
    assert after == before


def test_a_start_up_file_that_a_program_makes_is_told(home, tool):
    put(home.path / ".bashrc", "mine")

    ended = home.run(tool, "echo evil > .zshenv; mkdir -p .config/autostart; exit 3", cwd=home.path)

    assert ended.returncode == 3
    assert sorted(ended.stderr.splitlines()) == [
        f"applaunch: tool: note: it made {home.path}/{name}, which your shell or desktop runs"
        for name in (".config/autostart", ".zshenv")
    ]
    assert home.run(tool, "echo fine", cwd=home.path).stderr == ""


def test_what_a_shell_runs_is_read_only_to_the_app_of_somebody_else_in_its_own_folder_too(home, theirs, tool):
    folder = home.path / ".config/fish"
    put(folder / "config.fish", "mine")

    home.run(theirs, "echo evil > config.fish", cwd=folder)
    assert (folder / "config.fish").read_text() == "mine"
    home.run(tool, "echo edited > config.fish", cwd=folder, check=True)
    assert (folder / "config.fish").read_text() == "edited\n"


@pytest.fixture
def special(home):
    """A socket, a fifo and a device outside of the current folder."""
    folder = home.path / "special"
    folder.mkdir()
    os.mkfifo(folder / "fifo")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(folder / "socket"))
    if os.getuid() == 0:
        os.mknod(folder / "device", 0o20666, os.makedev(1, 5))
    yield folder
    listening.close()


@pytest.mark.parametrize("name", ["fifo", "socket", "device", "link"])
@pytest.mark.parametrize("policy", ["ro", "rw"])
def test_sockets_fifos_and_devices_that_arguments_name_are_not_mounted(home, engine, special, name, policy):
    home.app("tool", engine.ref(PROBE), entrypoint='["bash", "-c"]', path_args=f'"{policy}"', network_mode='"none"')
    (special / "link").symlink_to("socket")

    ended = home.run("tool", 'ls "$0" 2>/dev/null; true', str(special / name))

    assert ended.stdout == ""


@pytest.mark.parametrize("word", ["SOCKET", "FOLDER", "link", "folder", "/run", "/var/run", "/run/..", "/var/run/."])
def test_the_engines_socket_is_reached_by_no_argument(home, tool, engine, word):
    path = engine.docker_host.removeprefix("unix://")
    folder = os.path.dirname(path)
    (home.work / "link").symlink_to(path)
    (home.work / "folder").symlink_to(folder)
    word = word.replace("SOCKET", path).replace("FOLDER", folder)
    script = f"find / -path /proc -prune -o -type s -print 2>/dev/null; test -S {path} && echo reached; test -S {word} && echo named; true"

    assert home.run(tool, script, word).stdout == ""


def test_the_engines_socket_is_covered_in_a_folder_that_holds_it(home, tool, engine, tmp_path):
    socket_path = engine.docker_host.removeprefix("unix://")
    holder = tmp_path / "holds it"
    holder.mkdir()
    (holder / "docker.sock").symlink_to(socket_path)
    env = {"DOCKER_HOST": f"unix://{holder}/docker.sock"}

    assert home.run(tool, "test -S docker.sock || test -S ../docker.sock; echo $?", cwd=holder, env=env).stdout == "1\n"
    home.run("applaunch", "warm", "clear", env=env)


def test_what_was_not_given_is_told_when_the_program_fails(home, tool, special):
    put(home.path / ".netrc")

    covered = home.run(tool, "exit 1", ".netrc", cwd=home.path).stderr
    left_out = home.run(tool, "exit 1", str(special / "socket")).stderr

    assert covered == f"applaunch: tool: note: {home.path}/.netrc is a secret, and was covered; name it in volumes\n"
    assert left_out == (
        f"applaunch: tool: note: {special}/socket is a socket, which arguments do not bring in; name it in volumes\n"
    )


def test_a_volume_brings_a_socket_all_the_same(home, engine, special):
    home.app("tool", engine.ref(PROBE), entrypoint='["bash", "-c"]', volumes=f'["{special}/socket:/there"]')

    assert home.run("tool", "test -S /there && echo yes").stdout == "yes\n"


def test_a_fifo_in_the_current_folder_still_works(home, tool):
    os.mkfifo(home.work / "fifo")
    writer = threading.Thread(target=lambda: (home.work / "fifo").write_text("through"))
    writer.start()

    assert home.run(tool, "cat fifo").stdout == "through"
    writer.join()


class Swapping:
    """Exchanges what is at a path for a link, and back, as fast as it can."""

    def __init__(self, path, secret, folder, pause):
        self.path, self.secret, self.pause, self.stop, self.rounds = path, secret, pause, threading.Event(), 0
        make = (
            (lambda each: (each.mkdir(), (each / "id_rsa").write_text("fine")))
            if folder
            else (lambda each: each.write_text("fine"))
        )
        make(path)
        self.away, self.link = path.with_name("away"), path.with_name("link")
        self.thread = threading.Thread(target=self._swap)

    def _swap(self):
        while not self.stop.is_set():
            os.rename(self.path, self.away)
            os.symlink(self.secret, self.path)
            time.sleep(self.pause)
            os.unlink(self.path)
            os.rename(self.away, self.path)
            self.rounds += 1
            time.sleep(self.pause)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


@pytest.mark.soak
@pytest.mark.parametrize("pause", [0, 0.003, 0.03, 0.1])
@pytest.mark.parametrize("folder", [False, True], ids=["file", "folder"])
def test_a_denied_key_is_never_read_while_a_link_to_it_comes_and_goes(home, engine, tmp_path, folder, pause):
    home.app("tool", engine.ref(PROBE), entrypoint='["bash", "-c"]', network_mode='"none"')
    home.takes_over = True  # where the link comes or goes while a sandbox begins
    key = put(home.path / "keys/id_rsa")
    home.run("applaunch", "override", "tool", "--deny", "~/keys", check=True)
    named = tmp_path / "shared/named"  # not in the home, which is handed over to who runs a rootless engine
    named.parent.mkdir()

    read = 0
    with Swapping(named, key.parent if folder else key, folder, pause) as swapping:
        for _ in range(rounds(short=10, whole=400)):
            home.run("tool", 'cat "$0" "$0/id_rsa" 2>/dev/null | tee -a seen; true', str(named))
            read = (home.work / "seen").read_text().count(CANARY) if (home.work / "seen").exists() else 0

    assert (read, swapping.rounds > 2) == (0, True)


@pytest.fixture
def denying(home, engine, tool):
    """An app with a path that is denied to it: its mounts are proved before its program begins."""
    put(home.path / "keys/id_rsa")
    put(home.path / "shared/named", "fine")
    home.run("applaunch", "override", tool, "--deny", "~/keys", check=True)
    return tool


def test_what_is_not_denied_is_given_as_ever(home, denying):
    script = 'cat "$0"; cat; echo trouble >&2; pwd; echo $HOME; exit 7'

    ended = home.run(denying, script, "../shared/named", input="typed ")

    mine = f"{home.work}\n{home.path}\n"
    assert (ended.stdout, ended.returncode) == (f"finetyped {mine}", 7)
    assert ended.stderr.splitlines()[0] == "trouble"


def test_a_program_whose_mounts_were_proved_gets_its_signals_and_leaves_nothing(home, denying):
    script = "trap 'echo got it; exit 9' TERM; echo ready; while :; do sleep 0.05; done"
    running = home.popen(denying, script, "../shared/named", stdout=subprocess.PIPE, text=True)

    assert running.stdout.readline() == "ready\n"
    running.terminate()

    assert running.communicate(timeout=20)[0] == "got it\n"


def test_a_launcher_that_is_killed_leaves_no_container_whose_mounts_were_proved(home, denying):
    running = home.popen(denying, "echo ready; sleep 1000", "../shared/named", stdout=subprocess.PIPE, text=True)

    assert running.stdout.readline() == "ready\n"
    running.kill()
    running.communicate(timeout=20)


def test_it_is_the_same_for_an_ordinary_user(home, engine, tool):
    secret_files(home)
    put(home.path / ".bashrc", "mine")
    put(home.path / ".config/fish/config.fish", "mine")
    home.owned_by(engine.caller_uid or 4321)
    script = f"echo evil >> .bashrc; mv .config moved; mv .bashrc x; rm -rf .config/fish; {LOOK}"

    seen = home.run(tool, script, cwd=home.path, check=True).stdout

    assert seen == ""
    assert (home.path / ".bashrc").read_text() == (home.path / ".config/fish/config.fish").read_text() == "mine"
