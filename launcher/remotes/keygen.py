"""Signatures by ssh-keygen, which knows keys on tokens and in agents as well."""

import os
import subprocess
import tempfile
from collections.abc import Sequence

from launcher.core.sshsig import Signature
from launcher.errors import RemoteError

_SIGNER = "applaunch"  # the one name that our list of keys is under: what counts is the key
_LONGEST = 300.0  # seconds: somebody may have to touch a token, or to type a passphrase
_TOO_OLD = ("unknown option", "illegal option", "usage:")


class NoKeygen(Exception):  # noqa: N818  the state of this machine, which another way of checking mends
    """This machine has no ssh-keygen, or one from before it knew signatures (OpenSSH 8.1)."""


def fits(signature: Signature, data: bytes) -> bool:
    """Tell whether *signature* is one of its key over *data*, for its namespace; raises `NoKeygen`."""
    with tempfile.TemporaryDirectory(prefix="applaunch-sig-") as folder:
        allowed = f'{_SIGNER} namespaces="{signature.namespace}" {signature.key._replace(comment="").line}\n'
        for name, text in (("allowed_signers", allowed), ("signature", signature.armored)):
            with open(f"{folder}/{name}", "w", encoding="ascii") as file:
                file.write(text)
        options = ["-f", f"{folder}/allowed_signers", "-I", _SIGNER, "-n", signature.namespace]
        code, _, _ = _run(["-Y", "verify", *options, "-s", f"{folder}/signature"], data)
    return code == 0


def sign(path: str, data: bytes, namespace: str) -> str:
    """Return the signature file of the key at *path* over *data*; raises `RemoteError` and `NoKeygen`.

    Where *path* is that of a public key, the ssh-agent signs. ssh-keygen itself asks for a passphrase, on the terminal.
    """
    code, said, why = _run(["-Y", "sign", "-f", path, "-n", namespace], data)
    if code or not said:
        lines = [line for line in why.splitlines() if not line.startswith("Signing data")]
        what = f"ssh-keygen: {lines[-1] if lines else 'it failed'}"
        raise RemoteError(path, what, "ssh-keygen -y -f FILE shows more")
    return said.decode()


def _run(words: Sequence[str], data: bytes) -> tuple[int, bytes, str]:
    env = {**os.environ, "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["ssh-keygen", *words], input=data, capture_output=True, env=env, timeout=_LONGEST, check=False
        )
    except FileNotFoundError:
        raise NoKeygen from None
    except subprocess.TimeoutExpired:
        raise RemoteError("ssh-keygen", f"did not end within {_LONGEST:g} seconds", "try again") from None
    why = done.stderr.decode(errors="replace")
    if done.returncode and any(word in why.lower() for word in _TOO_OLD):
        raise NoKeygen
    return done.returncode, done.stdout, why
