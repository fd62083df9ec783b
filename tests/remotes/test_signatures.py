"""Signatures made and verified by ssh-keygen and by the Python package."""

import os
import signal
import subprocess
import sys
import time

import pytest

from launcher.core.remotes.ssh_signature import parse_signatures
from launcher.core.remotes.trust_policy import FOR_CATALOG
from launcher.errors import RemoteError
from launcher.remotes import python_signatures, ssh_keygen
from launcher.remotes import signatures as signing
from tests.remotes.publisher import KINDS, sign

WAYS = (ssh_keygen, python_signatures)
DATA = b"schema = 1\n"


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__.rpartition(".")[2])
def way(request):
    """Return one of the two ways to check and to make signatures."""
    if request.param is python_signatures:
        pytest.importorskip("cryptography", reason="needs the Python package cryptography")
    return request.param


@pytest.fixture
def signed(tmp_path, keys):
    """Return a signature of ssh-keygen's over DATA, as a person makes it."""

    def made(name, namespace=FOR_CATALOG, *more):
        path = tmp_path / "catalog.toml"
        path.write_bytes(DATA)
        sign(path, keys[name], namespace, *more)
        return parse_signatures((tmp_path / "catalog.toml.sig").read_text())[0]

    return made


@pytest.mark.parametrize("name", KINDS)
def test_a_signature_of_each_type_is_valid_for_its_bytes_only(way, signed, keys, name):
    found = signed(name)

    assert found.key.blob == keys[name].public.blob
    assert way.verify(found, DATA)
    assert not way.verify(found, DATA[:-1] + b" ")
    assert not way.verify(found, b"")


@pytest.mark.parametrize("hash_name", ["sha256", "sha512"])
def test_both_hashes_of_the_format_are_supported(way, signed, hash_name):
    assert way.verify(signed("ana", FOR_CATALOG, "-O", f"hashalg={hash_name}"), DATA)


def test_a_signature_for_another_namespace_is_invalid(way, signed):
    assert not way.verify(signed("ana", "git")._replace(namespace=FOR_CATALOG), DATA)


@pytest.mark.parametrize("at", [-1, -40])
def test_a_signature_with_a_flipped_bit_is_invalid(way, signed, at):
    import base64

    found = signed("ana")
    blob = bytearray(base64.b64decode("".join(found.armored.splitlines()[1:-1])))
    blob[at] ^= 1
    text = base64.b64encode(bytes(blob)).decode()
    turned = parse_signatures(f"-----BEGIN SSH SIGNATURE-----\n{text}\n-----END SSH SIGNATURE-----\n")[0]

    assert not way.verify(turned, DATA)


@pytest.mark.parametrize("name", KINDS)
def test_each_implementation_accepts_the_others_signatures(way, keys, name):
    made = parse_signatures(way.sign(keys[name].path, DATA, FOR_CATALOG))[0]

    assert made.key.blob == keys[name].public.blob
    assert [each.verify(made, DATA) for each in WAYS] == [True, True]
    assert not any(each.verify(made, DATA + b"#") for each in WAYS)


def test_a_signature_can_be_verified_without_applaunch(tmp_path, keys):
    (tmp_path / "sig").write_text(signing.sign(keys["ana"].path, DATA, FOR_CATALOG))
    (tmp_path / "allowed").write_text(f"ana {keys['ana'].public.line}\n")

    words = [
        "ssh-keygen",
        "-Y",
        "verify",
        "-f",
        tmp_path / "allowed",
        "-I",
        "ana",
        "-n",
        FOR_CATALOG,
        "-s",
        tmp_path / "sig",
    ]
    done = subprocess.run(words, input=DATA, capture_output=True, check=False)

    assert done.returncode == 0
    assert b'Good "applaunch-catalog" signature for ana' in done.stdout


def test_without_ssh_keygen_the_package_is_used(signed, keys, monkeypatch, tmp_path):
    pytest.importorskip("cryptography", reason="needs the Python package cryptography")
    found = signed("ana")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ssh_keygen.KeygenUnavailableError):
        ssh_keygen.verify(found, DATA)
    assert signing.verify(found, DATA)
    assert not signing.verify(found, DATA + b"#")
    assert signing.verify(parse_signatures(signing.sign(keys["ana"].path, DATA, FOR_CATALOG))[0], DATA)


def test_an_old_ssh_keygen_counts_as_missing(signed, monkeypatch, tmp_path):
    old = tmp_path / "ssh-keygen"
    old.write_text("#!/bin/sh\necho 'unknown option -- Y' >&2\necho 'usage: ssh-keygen [-q]' >&2\nexit 1\n")
    old.chmod(0o755)
    found = signed("ana")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    with pytest.raises(ssh_keygen.KeygenUnavailableError):
        ssh_keygen.verify(found, DATA)


def test_without_either_the_error_names_the_packages(signed, monkeypatch, tmp_path):
    found = signed("ana")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "cryptography", None)

    with pytest.raises(RemoteError) as refused:
        signing.verify(found, DATA)

    assert str(refused.value) == (
        "signatures: this machine has neither ssh-keygen nor the Python package cryptography; "
        "apt install openssh-client, or: pip install 'applaunch[signatures]'"
    )


NOBODY = """
import os, sys
from launcher.core.remotes.ssh_signature import parse_signatures
from launcher.remotes import signatures
if "without" in sys.argv:
    sys.modules["cryptography"] = None
else:
    import cryptography.hazmat.primitives.asymmetric.rsa, cryptography.hazmat.primitives.serialization.ssh
sig, data = open(sys.argv[1]).read(), open(sys.argv[2], "rb").read()
import subprocess, tempfile, launcher.remotes.python_signatures
os.setuid(54321)
print(signatures.verify(parse_signatures(sig)[0], data), signatures.verify(parse_signatures(sig)[0], data + b"#"))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be a user without a passwd entry")
@pytest.mark.parametrize("words", [[], ["without"]], ids=["with the package", "without the package"])
def test_a_missing_passwd_entry_is_not_an_invalid_signature(signed, tmp_path, words):
    signed("ana")
    path = tmp_path / "catalog.toml"

    done = subprocess.run(
        [sys.executable, "-c", NOBODY, f"{path}.sig", path, *words], capture_output=True, text=True, check=False
    )

    if words:
        assert done.stdout == ""
        assert (
            "signatures: cannot be verified or made: ssh-keygen: No user exists for uid 54321, and the Python "
            "package cryptography is not installed; pip install 'applaunch[signatures]'"
        ) in done.stderr
    else:
        assert (done.stdout, done.stderr) == ("True False\n", "")


@pytest.mark.parametrize("script", ["echo 'out of cheese' >&2; exit 255", "kill -SEGV $$", "exit 1"])
def test_a_failing_ssh_keygen_is_not_an_invalid_signature(signed, monkeypatch, tmp_path, script):
    broken = tmp_path / "bin/ssh-keygen"
    broken.parent.mkdir()
    found = signed("ana")
    broken.write_text(f"#!/bin/sh\ncat >/dev/null\n{script}\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken.parent}:{os.environ['PATH']}")

    with pytest.raises(ssh_keygen.KeygenUnavailableError, match="ssh-keygen: "):
        ssh_keygen.verify(found, DATA)


def test_a_killed_verification_leaves_no_file(signed, monkeypatch, tmp_path):
    for name in ("bin", "tmp"):
        (tmp_path / name).mkdir()
    slow = tmp_path / "bin/ssh-keygen"
    slow.write_text(f"#!/bin/sh\ntouch {tmp_path}/begun\nexec sleep 30\n")
    slow.chmod(0o755)
    signed("ana")
    program = (
        "import sys; from launcher.core.remotes.ssh_signature import parse_signatures; from launcher.remotes import ssh_keygen\n"
        "ssh_keygen.verify(parse_signatures(open(sys.argv[1]).read())[0], b'')"
    )
    env = os.environ | {"PATH": f"{slow.parent}:{os.environ['PATH']}", "TMPDIR": str(tmp_path / "tmp")}
    with subprocess.Popen(
        [sys.executable, "-c", program, tmp_path / "catalog.toml.sig"], env=env, start_new_session=True
    ) as child:
        while not (tmp_path / "begun").exists():
            assert child.poll() is None, "it ended before it was killed"
            time.sleep(0.02)
        os.killpg(child.pid, signal.SIGKILL)

    assert os.listdir(tmp_path / "tmp") == []


def test_a_key_that_cannot_sign_is_reported(way, keys, tmp_path):
    with pytest.raises(RemoteError):
        way.sign(str(tmp_path / "none"), DATA, FOR_CATALOG)


def test_a_key_with_a_passphrase_needs_ssh_keygen(tmp_path):
    pytest.importorskip("cryptography", reason="needs the Python package cryptography")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", tmp_path / "key"], check=True)

    with pytest.raises(RemoteError, match="is not a private key that works without ssh-keygen"):
        python_signatures.sign(str(tmp_path / "key"), DATA, FOR_CATALOG)


def test_an_agent_signs_by_the_public_key(keys, monkeypatch):
    import shutil

    if not shutil.which("ssh-agent"):
        pytest.skip("ssh-agent is not installed: apt install openssh-client")
    said = subprocess.run(["ssh-agent", "-s"], capture_output=True, text=True, check=True).stdout
    settings = dict(line.partition(";")[0].split("=") for line in said.splitlines() if "=" in line)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    try:
        subprocess.run(["ssh-add", "-q", keys["ana"].path], check=True)
        made = parse_signatures(ssh_keygen.sign(f"{keys['ana'].path}.pub", DATA, FOR_CATALOG))[0]
    finally:
        subprocess.run(["kill", settings["SSH_AGENT_PID"]], check=False)

    assert ssh_keygen.verify(made, DATA)
