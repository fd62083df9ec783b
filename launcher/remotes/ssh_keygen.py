"""Signatures by ssh-keygen, which also supports hardware tokens and agents."""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from launcher.core.remotes.ssh_signature import Signature
from launcher.errors import RemoteError

_SIGNER = "applaunch"  # the only name in our list of allowed signers: the key decides
_LONGEST = 300.0  # seconds: a person may have to touch a token or type a passphrase
_BAD = ("signature verification failed", "couldn't verify signature")
_NO_ACCOUNT = "no user exists for uid"  # it refuses users that are not in /etc/passwd
_TOO_OLD = ("unknown option", "illegal option", "usage:")


class KeygenUnavailableError(Exception):
    """No usable ssh-keygen: not installed, older than OpenSSH 8.1, or failing for the reason given."""


def verify(signature: Signature, data: bytes) -> bool:
    """Return whether *signature* is valid: by its key, over *data*, for its namespace.

    Raises `KeygenUnavailableError` if ssh-keygen gives no answer.
    """
    allowed = f'{_SIGNER} namespaces="{signature.namespace}" {signature.key._replace(comment="").line}\n'
    with _file(allowed) as signers, _file(signature.armored) as file:
        options = ["-f", _path(signers), "-I", _SIGNER, "-n", signature.namespace, "-s", _path(file)]
        code, _, why = _run(["-Y", "verify", *options], data, (signers, file))
    if code and not any(word in why.lower() for word in _BAD):
        raise KeygenUnavailableError(f"ssh-keygen: {_last(why)}")
    return code == 0


@contextmanager
def _file(text: str) -> Iterator[int]:
    """Provide *text* in a file without a name, which a kill leaves no trace of."""
    with tempfile.TemporaryFile() as file:
        file.write(text.encode("ascii"))
        file.flush()
        yield file.fileno()


def _path(descriptor: int) -> str:
    path = f"/dev/fd/{descriptor}"
    if not os.path.exists(path):
        raise KeygenUnavailableError("/dev/fd is missing")
    return path


def sign(path: str, data: bytes, namespace: str) -> str:
    """Return a signature file over *data* by the key at *path*; raises `RemoteError` and `KeygenUnavailableError`.

    If *path* is a public key, the ssh-agent signs. ssh-keygen asks for a passphrase on the terminal.
    """
    code, said, why = _run(["-Y", "sign", "-f", path, "-n", namespace], data)
    if code or not said:
        raise RemoteError(path, f"ssh-keygen: {_last(why)}", "ssh-keygen -y -f FILE shows more")
    return said.decode()


def _last(why: str) -> str:
    """Return the last line of ssh-keygen's output."""
    lines = [line.strip() for line in why.splitlines() if line.strip() and not line.startswith("Signing data")]
    return lines[-1] if lines else "it failed"


def _run(words: Sequence[str], data: bytes, files: Sequence[int] = ()) -> tuple[int, bytes, str]:
    env = {**os.environ, "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["ssh-keygen", *words],
            input=data,
            capture_output=True,
            env=env,
            timeout=_LONGEST,
            check=False,
            pass_fds=files,
        )
    except FileNotFoundError:
        raise KeygenUnavailableError from None
    except OSError as error:
        raise KeygenUnavailableError(f"ssh-keygen: {(error.strerror or str(error)).lower()}") from None
    except subprocess.TimeoutExpired:
        raise RemoteError("ssh-keygen", f"did not finish within {_LONGEST:g} seconds", "try again") from None
    why = done.stderr.decode(errors="replace")
    if done.returncode and any(word in why.lower() for word in _TOO_OLD):
        raise KeygenUnavailableError
    if done.returncode and _NO_ACCOUNT in why.lower():
        raise KeygenUnavailableError(f"ssh-keygen: {_last(why)}")
    return done.returncode, done.stdout, why
