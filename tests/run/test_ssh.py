"""Whoever comes in by ssh calls a program: `ssh host shim`, with a real sshd of the test's own on the loopback."""

import contextlib
import fcntl
import os
import pwd
import shlex
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest
from pexpect import EOF, ExceptionPexpect, spawn

from tests.leftovers import eventually_none, leftovers

LACKS = [
    name for name in ("sshd", "ssh", "ssh-keygen") if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
]
pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(bool(LACKS), reason=f"needs {', '.join(LACKS)} (openssh-server)"),
]

SOON = 3.0  # seconds
EMPTY = Path(
    "/run/sshd"
)  # where sshd of root's locks its unprivileged half in; Debian makes it when the service starts


@pytest.fixture
def host(home, tmp_path):
    """The words that run what follows by ssh, as this user with this home; its sshd reads nothing of /etc or ~."""
    folder = tmp_path / "ssh"
    folder.mkdir()
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    told = " ".join(f'"{name}={value}"' for name, value in home.env.items() if name != "TERM")
    settings = f"""
        ListenAddress 127.0.0.1
        Port {port}
        HostKey {folder}/host
        AuthorizedKeysFile {folder}/user.pub
        PidFile {folder}/pid
        PermitRootLogin prohibit-password
        PasswordAuthentication no
        StrictModes no
        UsePAM no
        SetEnv {told}
    """
    (folder / "config").write_text(settings)
    options = ["StrictHostKeyChecking=no", f"UserKnownHostsFile={folder}/known", "IdentitiesOnly=yes", "BatchMode=yes"]
    client = ["ssh", "-F", "none", "-q", "-i", str(folder / "user"), "-p", str(port)]
    with running(folder):
        name = pwd.getpwuid(os.getuid()).pw_name
        yield [*client, *(word for option in options for word in ("-o", option)), f"{name}@127.0.0.1"]


@contextlib.contextmanager
def running(folder):
    """Run the sshd of *folder*."""
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    with unprivileged_folder():
        server = subprocess.Popen([sshd, "-D", "-f", folder / "config", "-E", folder / "log"])
        try:
            assert not eventually_none(lambda: not (folder / "pid").exists(), 10), (folder / "log").read_text()
            yield
        finally:
            server.terminate()
            server.wait(20)


@contextlib.contextmanager
def unprivileged_folder():
    """Have the folder that root's sshd needs; the last of all workers that use it removes it if a test has made it."""
    if os.geteuid() != 0:
        yield
        return
    with open(Path(tempfile.gettempdir(), "applaunch-tests-sshd.lock"), "a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        with contextlib.suppress(FileExistsError):
            EMPTY.mkdir(mode=0o755)
            lock.write("made\n")
            lock.flush()
        yield
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            lock.seek(0)
            if lock.read():
                EMPTY.rmdir()
                lock.truncate(0)


@pytest.fixture
def called(home, bash):
    """Return what a person types behind `ssh host` to run a script in a warm bash."""
    home.run(bash, "-c", "true", check=True)
    return lambda script: f"cd {home.work} && {shlex.join([*home.handed_over().prefix, bash, '-c', script])}"


def on_a_terminal(words, columns=97):
    """Start ssh on a terminal of its own."""
    how = {"env": os.environ | {"TERM": "xterm"}, "dimensions": (31, columns), "timeout": 60, "encoding": "utf-8"}
    return spawn(words[0], words[1:], **how)


def test_streams_and_exit_code_are_the_programs(host, called):
    script = "cat; printf 'a\\r\\nb'; echo err >&2; exit 7"

    ended = subprocess.run([*host, called(script)], input=b"fed\n", capture_output=True, check=False, timeout=60)

    assert (ended.stdout, ended.stderr, ended.returncode) == (b"fed\na\r\nb", b"err\n", 7)


def test_a_megabyte_goes_there_and_back(host, called):
    data = os.urandom(1 << 20)

    ended = subprocess.run([*host, called("cat")], input=data, capture_output=True, check=False, timeout=60)

    assert ended.stdout == data
    assert ended.returncode == 0


def test_with_a_terminal_the_program_has_one_with_its_size_and_ctrl_c(host, called):
    script = "test -t 0 && test -t 1 && sleep 0.5; stty size; trap 'echo caught; exit 9' INT; echo ready; sleep 60"
    child = on_a_terminal([*host[:1], "-t", *host[1:], called(script)])
    child.expect("31 97\r\nready")

    child.sendcontrol("c")

    child.expect("caught")
    child.expect(EOF)
    child.close()
    assert child.exitstatus == 9


def test_a_resize_on_this_side_reaches_the_program(host, called):
    script = "trap 'stty size' WINCH; echo ready; while :; do sleep 0.1; done"
    child = on_a_terminal([*host[:1], "-t", *host[1:], called(script)])
    child.expect("ready")

    child.setwinsize(41, 123)

    child.expect("41 123")
    child.close(force=True)


@pytest.mark.parametrize("how", ["the terminal is closed", "ssh is killed"])
def test_with_a_terminal_the_connections_end_takes_the_container_along(host, called, engine, how):
    child = on_a_terminal([*host[:1], "-t", *host[1:], called("echo ready; exec sleep 600")])
    child.expect("ready")

    with contextlib.suppress(ExceptionPexpect):
        child.kill(9) if how == "ssh is killed" else child.close(force=False)

    assert not eventually_none(lambda: leftovers(engine), SOON)
    child.close(force=True)


@pytest.mark.parametrize("program", ["while :; do echo more; sleep 0.1; done", "exec cat"])
def test_without_one_a_program_that_writes_or_reads_ends_with_the_connection(host, called, engine, program):
    ssh = subprocess.Popen([*host, called(f"echo ready; {program}")], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert ssh.stdout.readline() == b"ready\n"

    ssh.kill()
    ssh.communicate()

    assert not eventually_none(lambda: leftovers(engine), SOON)
