"""Fixtures of remotes: real keys, signatures, a web server and an sshd."""

import os
import pwd
import shutil
import socket
import subprocess
from contextlib import contextmanager

import pytest

from tests.net.fixtures import certificate, elsewhere, serve
from tests.remotes.publisher import Web, made_keys
from tests.run.test_ssh import EMPTY, running

__all__ = ["certificate", "elsewhere", "serve"]


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    """Return keys by name, made by ssh-keygen: ana, ben, eve (ed25519), and one of each other kind."""
    return made_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def web(tmp_path):
    """Return a web server on the loopback, which serves a folder and does as it is told."""
    folder = tmp_path / "public"
    folder.mkdir()
    with Web(folder) as server:
        yield server


SSH_LACKS = [
    name for name in ("sshd", "ssh", "ssh-keygen") if not shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
]


@contextmanager
def behind_ssh(folder):
    """Run an sshd below *folder* until the block ends; gives how its addresses begin, and the options of its ssh.

    The git behind it reads the file `gitconfig` of *folder*.
    """
    if SSH_LACKS:
        pytest.skip(f"needs {', '.join(SSH_LACKS)} (openssh-server)")
    safe, folder = folder / "gitconfig", folder / "ssh"
    folder.mkdir()
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "config").write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\n"
        f"PidFile {folder}/pid\nPermitRootLogin prohibit-password\nPasswordAuthentication no\nStrictModes no\n"
        f'UsePAM no\nSetEnv "GIT_CONFIG_GLOBAL={safe}"\n'
    )
    options = f"-F none -o IdentitiesOnly=yes -o BatchMode=yes -o UserKnownHostsFile={folder}/known -i {folder}/user"
    assert EMPTY  # where sshd of root's locks its unprivileged half in
    with running(folder):
        yield f"ssh://{pwd.getpwuid(os.getuid()).pw_name}@127.0.0.1:{port}", options


@pytest.fixture
def over_ssh(tmp_path, monkeypatch):
    """Run an sshd of the test's own, and let git's ssh find it; returns how its addresses begin."""
    with behind_ssh(tmp_path) as (begin, options):
        monkeypatch.setenv("GIT_SSH_COMMAND", f"ssh {options} -o StrictHostKeyChecking=accept-new")
        yield begin, options
