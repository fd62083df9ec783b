"""catalog lint --published, sign, verify, publish: from a file of one's own to what others fetch."""

import json
import subprocess
import time
import tomllib

import pytest

from tests.registry.servers import Server, Shelf
from tests.remotes.publisher import CATALOG, publish_keys

DAY = 24 * 3600
SOUND = CATALOG.replace("serial = {serial}\n", "")


@pytest.fixture
def mine(home, keys):
    """A home with a catalog and a key; returns what runs `applaunch catalog` in its work folder."""
    (home.work / "catalog.toml").write_text(SOUND)

    def run(*words, code=0):
        done = home.run("applaunch", "catalog", *words)
        assert done.returncode == code, done.stderr
        return done.stdout if code == 0 else done.stderr

    run.key, run.public, run.work = keys["ana"].path, f"{keys['ana'].path}.pub", home.work
    return run


def published(mine, folder="public"):
    return tomllib.loads((mine.work / folder / "catalog.toml").read_text())


# Checking


def test_lint_published_refuses_what_a_published_catalog_must_not_have(mine):
    (mine.work / "catalog.toml").write_text(SOUND.replace("docker.io/library/", ""))

    assert "no problems found" not in mine("lint", "catalog.toml")
    assert mine("lint", "--published", "catalog.toml", code=1) == (
        "applaunch: catalog.toml: [apps.tool]: image 'busybox:latest' is a short name, "
        "which is not allowed in a published catalog; write docker.io/library/busybox:latest\n"
    )


def test_lint_published_gives_advice(mine):
    assert mine("lint", "--published", "catalog.toml") == (
        "advice: catalog.toml: [catalog]: no expires: an old copy passes for new\n"
    )
    (mine.work / "catalog.toml").write_text("schema = 1\n")
    assert mine("lint", "--published", "catalog.toml").count("advice:") == 3


# Signing


def test_a_signed_file_verifies(mine, keys):
    (mine.work / "catalog.toml").write_text(CATALOG.format(serial=7))

    signed = mine("sign", "catalog.toml", "--key", mine.key)
    good = mine("verify", "catalog.toml", "--key", mine.public)

    fingerprint = keys["ana"].public.fingerprint
    assert signed == f"signed: catalog.toml.sig  serial 7, by {fingerprint}\n"
    assert good == f"good: catalog.toml  serial 7, signed by {fingerprint}\n"


def test_ssh_keygen_verifies_the_signature(mine, keys):
    (mine.work / "catalog.toml").write_text(CATALOG.format(serial=7))
    mine("sign", "catalog.toml", "--key", mine.key)
    (mine.work / "allowed").write_text(f"ana {keys['ana'].public.line}\n")

    words = [
        "ssh-keygen",
        "-Y",
        "verify",
        "-f",
        "allowed",
        "-I",
        "ana",
        "-n",
        "applaunch-catalog",
        "-s",
        "catalog.toml.sig",
    ]
    data = (mine.work / "catalog.toml").read_bytes()
    assert subprocess.run(words, cwd=mine.work, input=data, capture_output=True, check=False).returncode == 0


def test_two_keys_can_sign_one_file(mine, keys):
    (mine.work / "catalog.toml").write_text(CATALOG.format(serial=7))

    mine("sign", "catalog.toml", "--key", mine.key, "--key", keys["rsa"].path)

    for name in ("ana", "rsa"):
        assert "good:" in mine("verify", "catalog.toml", "--key", keys[name].public.line)
    assert "is not trusted" in mine("verify", "catalog.toml", "--key", keys["eve"].public.line, code=1)


def test_a_key_list_is_signed_in_its_own_namespace(mine, keys):
    (mine.work / "keys.toml").write_text(f'schema = 1\nserial = 1\nkeys = ["{keys["ben"].public.line}"]\n')

    mine("sign", "keys.toml", "--key", mine.key)

    assert "good: keys.toml  serial 1" in mine("verify", "keys.toml", "--key", mine.public)
    (mine.work / "keys.toml").rename(mine.work / "catalog.toml")
    assert "for the namespace 'applaunch-keys'" in mine(
        "verify", "catalog.toml", "--signature", "keys.toml.sig", "--key", mine.public, code=1
    )


@pytest.mark.parametrize(
    ("text", "words", "code", "said"),
    [
        (CATALOG.format(serial=1), ["--key", "nope"], 2, "there is no key {work}/nope; ssh-keygen -t ed25519 -f {work}/nope"),
        (CATALOG.format(serial=1), [], 2, "no signing key given; --key ~/.ssh/id_ed25519"),
        (SOUND, ["--key", "KEY"], 1, "catalog.toml: [catalog]: the key 'serial' is missing; write: serial = 1, and count up"),
        (SOUND + "volume = 1", ["--key", "KEY"], 1, "unknown key 'volume'; did you mean 'volumes'?"),
        (SOUND + "env_file = 'x'", ["--key", "KEY"], 1, "env_file"),
        ("\xff", ["--key", "KEY"], 1, "is not UTF-8 text"),
        (None, ["--key", "KEY"], 1, "there is no such file; check its path"),
    ],
)  # fmt: skip
def test_an_invalid_file_is_not_signed(mine, text, words, code, said):
    path = mine.work / "catalog.toml"
    path.unlink() if text is None else path.write_text(text, encoding="latin-1")

    told = mine("sign", "catalog.toml", *(mine.key if word == "KEY" else word for word in words), code=code)

    assert said.format(work=mine.work) in told
    assert not (mine.work / "catalog.toml.sig").exists()


def test_a_wrong_signature_is_reported(mine, keys):
    (mine.work / "catalog.toml").write_text(CATALOG.format(serial=7))
    mine("sign", "catalog.toml", "--key", mine.key)
    (mine.work / "catalog.toml").write_text(CATALOG.format(serial=8))

    assert mine("verify", "catalog.toml", "--key", mine.public, code=1) == (
        f"applaunch: catalog.toml: the signature of {keys['ana'].public.fingerprint} does not match catalog.toml: "
        "it was changed after it was signed; try again later, then ask the publisher; the last accepted version stays in use\n"
    )
    assert "no trusted key given" in mine("verify", "catalog.toml", code=2)


# Publishing


def test_a_catalog_is_published_with_a_serial_and_a_signature(mine):
    said = mine("publish", "public", "--key", mine.key, "--no-resolve", "--expires", "90d")

    assert said == "published: public  serial 1, 1 app: catalog.toml.sig, catalog.toml\n"
    head = published(mine)["catalog"]
    assert head["serial"] == 1
    assert abs(head["expires"].timestamp() - time.time() - 90 * DAY) < 600
    assert "good: public/catalog.toml" in mine("verify", "public/catalog.toml", "--key", mine.public)
    assert (mine.work / "catalog.toml").read_text() == SOUND


def test_the_serial_increases_if_something_changed(mine):
    words = ("publish", "public", "--key", mine.key, "--no-resolve")
    mine(*words)

    assert mine(*words) == "public: unchanged, serial 1\n"
    (mine.work / "catalog.toml").write_text(SOUND.replace("A tool", "Another"))
    assert "serial 2" in mine(*words)
    assert "serial 3" in mine(*words, "--expires", "1d")
    assert published(mine)["catalog"]["serial"] == 3


def test_another_key_publishes_again(mine, keys):
    mine("publish", "public", "--key", mine.key, "--no-resolve")

    assert "serial 2" in mine("publish", "public", "--key", keys["ben"].path, "--no-resolve")


def test_a_serial_can_be_given_if_it_increases(mine):
    words = ("publish", "public", "--key", mine.key, "--no-resolve", "--serial")

    mine(*words, "100")

    assert "serial 101" in mine(*words, "101")
    assert mine(*words, "101", code=2) == (
        "applaunch: --serial: serial 101 is not above 101, which is published already; --serial 102, or leave it out\n"
    )


def test_the_serial_of_the_file_is_used_if_it_is_higher(mine):
    (mine.work / "catalog.toml").write_text(CATALOG.format(serial=40))

    assert "serial 40" in mine("publish", "public", "--key", mine.key, "--no-resolve")
    (mine.work / "catalog.toml").write_text(CATALOG.format(serial=40) + 'version = "2"\n')
    assert "serial 41" in mine("publish", "public", "--key", mine.key, "--no-resolve")


def test_a_key_list_beside_the_catalog_is_published_too(mine, keys):
    publish_keys(mine.work, 1, [keys["ben"]], keys["ana"])

    assert "keys.toml.sig, keys.toml, catalog.toml" in mine("publish", "public", "--key", mine.key, "--no-resolve")
    (mine.work / "keys.toml.sig").unlink()
    assert "keys.toml: is not signed" in mine("publish", "public", "--key", mine.key, "--no-resolve", code=1)


def test_the_exact_bytes_are_published(mine, keys, home):
    publish_keys(mine.work, 1, [keys["ben"]], keys["ana"])
    path = mine.work / "keys.toml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    mine("sign", "keys.toml", "--key", mine.key)
    mine("publish", "public", "--key", keys["ben"].path, "--no-resolve")

    done = home.run("applaunch", "remote", "add", "team", "public", "--key", mine.public)

    assert (done.returncode, done.stderr) == (0, "")
    assert (mine.work / "public/keys.toml").read_bytes() == path.read_bytes()


def test_a_dry_run_writes_nothing(mine):
    assert "would publish: public  serial 1" in mine(
        "publish", "public", "--key", mine.key, "--no-resolve", "--dry-run"
    )
    assert not (mine.work / "public").exists()


def test_no_sign_is_required_without_a_key_and_removes_an_old_signature(mine):
    mine("publish", "public", "--key", mine.key, "--no-resolve")

    assert "give either a key or --no-sign" in mine("publish", "public", "--no-resolve", code=2)
    mine("publish", "public", "--no-sign", "--no-resolve")

    assert not (mine.work / "public/catalog.toml.sig").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("docker.io/library/", ""), "is a short name"),
        (("mage = ", "mages = "), "unknown key 'images'; did you mean 'image'?"),
        (("image = ", "version = "), "has no image"),
    ],
)
def test_an_entry_that_others_cannot_use_is_not_published(mine, change, said):
    (mine.work / "catalog.toml").write_text(SOUND.replace(*change))

    assert said in mine("publish", "public", "--key", mine.key, "--no-resolve", code=1)
    assert not (mine.work / "public").exists()


def test_tags_cannot_be_resolved_without_registry_and_engine(mine):
    (mine.work / "catalog.toml").write_text(SOUND.replace("docker.io/library", "127.0.0.1:1"))
    said = mine("publish", "public", "--key", mine.key, code=1)

    assert said.startswith("applaunch: 127.0.0.1:1/busybox:latest: cannot reach 127.0.0.1:1")
    assert not (mine.work / "public").exists()


def test_a_file_that_is_not_a_catalog_is_not_overwritten(mine):
    (mine.work / "public").mkdir()
    (mine.work / "public/catalog.toml").write_text("something else")

    said = mine("publish", "public", "--key", mine.key, "--no-resolve", code=1)

    assert "is there already, and is no catalog" in said
    assert (mine.work / "public/catalog.toml").read_text() == "something else"


def test_json_has_all_fields(mine, home, answer):
    told = answer("catalog", "publish", "public", "--key", mine.key, "--no-resolve")

    assert (told["serial"], told["before"], told["files"]) == (1, 0, ["catalog.toml.sig", "catalog.toml"])
    assert answer("catalog", "verify", "public/catalog.toml", "--key", mine.public)["serial"] == 1


# In a registry


@pytest.fixture
def registry():
    """A registry of our own, which holds what it is given."""
    shelf = Shelf()
    server = Server(shelf)
    shelf.name = server.name
    yield shelf
    server.close()


def test_a_catalog_is_published_to_a_registry_and_fetched_from_it(mine, home, registry, answer):
    target = f"oci://{registry.name}/team/catalog:1"

    assert "serial 1" in mine("publish", target, "--key", mine.key, "--no-resolve")
    home.run("applaunch", "remote", "add", "team", target, "--key", mine.public, check=True)

    assert [each["name"] for each in answer("search") if each["layer"] == "team"] == ["tool"]
    assert "unchanged, serial" in mine("publish", target, "--key", mine.key, "--no-resolve")


def test_a_changed_artifact_is_fetched_and_an_unchanged_one_is_not(mine, home, registry):
    target = f"oci://{registry.name}/team/catalog:1"
    mine("publish", target, "--key", mine.key, "--no-resolve")
    home.run("applaunch", "remote", "add", "team", target, "--key", mine.public, check=True)

    assert "serial 1 is current" in home.run("applaunch", "remote", "update", check=True).stdout
    (mine.work / "catalog.toml").write_text(SOUND.replace("A tool", "A better tool"))
    mine("publish", target, "--key", mine.key, "--no-resolve")

    assert "serial 1 -> 2" in home.run("applaunch", "remote", "update", check=True).stdout.replace("→", "->")


def test_an_artifact_that_is_not_a_catalog_is_refused(mine, home, registry):
    registry.image("1")

    done = home.run("applaunch", "remote", "add", "team", f"oci://{registry.name}/team/tool:1", "--key", mine.public)

    assert done.returncode == 1
    assert "not a valid artifact" in done.stderr
    assert (
        mine("publish", f"oci://{registry.name}/team/tool:1", "--key", mine.key, "--no-resolve", code=1).count("\n")
        == 1
    )


def test_an_invalid_registry_address_is_refused(mine):
    said = mine("publish", "oci://team/catalog", "--key", mine.key, "--no-resolve", code=2)

    assert "does not begin with a registry's host" in said


def test_tags_become_digests_without_an_engine(mine, registry):
    digest = registry.index("1", ["linux/amd64", "linux/arm64"])
    (mine.work / "catalog.toml").write_text(SOUND.replace("docker.io/library/busybox:latest", f"{registry.name}/a/b:1"))

    mine("publish", "public", "--key", mine.key)

    assert published(mine)["apps"]["tool"]["image"] == f"{registry.name}/a/b:1@{digest}"


# With an engine, tags become digests


@pytest.mark.engine
def test_tags_become_digests_and_one_signature_covers_them(mine, engine, home, answer):
    said = mine("publish", "public", "--key", mine.key)

    image = published(mine)["apps"]["tool"]["image"]
    assert image.startswith("docker.io/library/busybox:latest@sha256:")
    assert f"digest: docker.io/library/busybox:latest -> {image.rpartition(':')[2][:12]}" in said
    assert "unchanged, serial" in mine("publish", "public", "--key", mine.key)
    home.run("applaunch", "remote", "add", "team", str(mine.work / "public"), "--key", mine.public, check=True)
    home.run("applaunch", "add", "team/tool", check=True)
    assert home.run("tool", "echo", "hi").stdout == "hi\n"
    assert json.loads(home.run("applaunch", "list", "--json").stdout)[0]["digest"] == image.partition("@")[2]
