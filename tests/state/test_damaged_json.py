"""Every reader of JSON on the launch path, given each truncation of its file and 10,000 mutations of it.

What is damaged is read as nothing, or raises what becomes one line; nothing else may come out of a reader.
"""

import hashlib
import json
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.remotes.keyring import Keyring, RevokedKey
from launcher.core.remotes.public_key import PublicKey
from launcher.core.remotes.remote import Remote, RemoteState, remote_status
from launcher.core.remotes.trust_policy import AcceptedCatalog
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.warm_policy import Idle
from launcher.core.values.mount import Mount
from launcher.core.values.reference import Reference
from launcher.core.values.resolved_image import ResolvedImage
from launcher.engine import credentials, detect_traits, endpoint
from launcher.errors import UserError
from launcher.fast_stdlib import loads
from launcher.remotes import catalog_cache as kept
from launcher.state import journal, launch_files, shared_runs, warm_store, write_launch_file
from launcher.state.launch_files import DeployedImage, LaunchFile, LaunchSettings, Source
from tests.mutations import mutations, truncations

MANY = 10_000
NOW = 1_000_000.0


@contextmanager
def as_in_a_launch():
    """Unload what a launch does not load: Python's own scanner needs it to say what is wrong."""
    kept = sys.modules.pop("json.decoder")
    try:
        yield
    finally:
        sys.modules["json.decoder"] = kept


@pytest.fixture
def damaged(record_property):
    """Return what makes of a text every truncation and its mutations, but what says the same, and counts them."""

    def every(text):
        value = json.loads(text)
        found = [each for each in (*truncations(text), *mutations(text, MANY)) if _value(each) != value]
        record_property("tried", len(found))
        return found

    return every


def _value(text):
    try:
        return json.loads(text.decode())
    except (ValueError, RecursionError):
        return None


SAMPLE = json.dumps(
    {"a": [1, -2.5e3, True, None, "\u00e4\n\u2028"], "b": {"c": {}, "d": '\\"x'}, "e": [[], {}]}
).encode()


@pytest.mark.parametrize("text", [
    SAMPLE,
    b'["\\ud800", "\\udc00\\ud800", NaN, Infinity, -Infinity, 1e999]',
    b'{"":"","a":{"a":{"a":[[[[]]]]}}}',
], ids=["plain", "odd", "nested"])  # fmt: skip
def test_loads_returns_what_json_returns_or_raises_a_value_error(text, record_property):
    wrong, every = [], (text, *truncations(text), *mutations(text, MANY))
    record_property("tried", len(every))
    for each in every:
        try:
            expected = repr(json.loads(each.decode()))
        except (ValueError, RecursionError):
            expected = "ValueError"
        try:
            with as_in_a_launch():
                found = repr(loads(each))
        except ValueError:
            found = "ValueError"
        if found != expected:
            wrong.append((each, found, expected))

    assert not wrong


@pytest.mark.parametrize("text", [
    b"", b" ", b"{", b'{"a"', b'{"a":', b'{"a":1,}', b'{"a" 1}', b"[1,", b"[1 2]", b'"a', b'"\\x"', b'"\\u12"', b'"\n"', b"nul", b"1 2",
    b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5000, b"\xff", b'"\xed\xa0\x80"', b"\xef\xbb\xbf{}", b"{\0}",
], ids=lambda text: repr(text[:12]))  # fmt: skip
def test_what_is_not_json_is_a_value_error_even_where_json_is_not_loaded(text):
    with as_in_a_launch(), pytest.raises(ValueError):
        loads(text)


def write(file, data):
    """Write a file anew: one that is overwritten is flushed to disk by some file systems, which takes milliseconds."""
    file.unlink(missing_ok=True)
    file.write_bytes(data)


JQ = LaunchFile(
    "jq",
    "jq",
    CatalogEntry("jq", "jq", "docker.io/x/jq:1", volumes=(Mount("/a", "/b"),)),
    "docker.io/x/jq:1",
    ResolvedImage("sha256:d", "sha256:i"),
    LaunchSettings(cover=("taxes",), warm_idle=3),
    tag="docker.io/applaunch/jq:7-1a2b3c",
    aside=DeployedImage("docker.io/x/jq:0", ResolvedImage("sha256:d"), "docker.io/applaunch/jq:6-1a2b3c"),
    commands=("jq",),
    published=(["built-in", "c.toml", {"apps": {}}],),
    sources=(Source("/c.toml", 1, 2),),
)


def test_a_damaged_launch_file_is_read_as_none(tmp_path, damaged):
    write_launch_file.write(str(tmp_path), JQ)
    file = tmp_path / "jq"
    every = damaged(file.read_bytes())
    found = []
    for each in every:
        write(file, each)
        with as_in_a_launch():
            if launch_files.read(str(tmp_path), "jq") is not None or not launch_files.is_damaged(str(tmp_path), "jq"):
                found.append(each)

    assert len(every) > MANY * 0.9  # some say what the file said
    assert not found


def test_damaged_facts_about_an_engine_are_detected_anew(tmp_path, damaged):
    here = endpoint.Endpoint(f"unix://{tmp_path}/s")
    (tmp_path / "s").touch()
    folder, right = str(tmp_path / "engines"), EngineTraits(api="1.43", arch="x86_64")
    detect_traits.cached_traits(here, folder, lambda: right)
    (file,) = (tmp_path / "engines").iterdir()
    asked = []

    def detect():
        asked.append(1)
        return right

    every = damaged(file.read_bytes())
    for each in every:
        write(file, each)
        with as_in_a_launch():
            assert detect_traits.cached_traits(here, folder, detect) == right

    assert len(asked) == len(every)


def test_a_damaged_file_of_a_warm_container_is_passed_over_and_named(tmp_path, damaged):
    folder, name = str(tmp_path / "warm"), "c" * 64
    idle = Idle(name, "jq", "unix:///s", "fresh", NOW, NOW + 300, 7, ("jq",), ("--help",))
    warm_store.add(folder, "key", idle)
    file = Path(warm_store.kind_folder(folder, "key"), name)
    every = damaged(file.read_bytes())

    for each in every:
        write(file, each)
        with as_in_a_launch():
            assert warm_store.borrow(folder, "key", NOW) is None
            assert not [
                *warm_store.list_idle(folder),
                *warm_store.list_idle_for(folder, "key"),
                *shared_runs.left_programs(folder),
            ]
            assert warm_store.list_damaged(folder) == [(str(file), name)]
            warm_store.remove_expired(folder, NOW)

    assert file.exists()


CONFIG = json.dumps({
    "auths": {"registry.test": {"auth": "YTpi"}, "https://index.docker.io/v1/": {"identitytoken": "t"}},
    "currentContext": "work",
    "credHelpers": {"other.test": ""},
    "HttpHeaders": {"User-Agent": "x"},
    "proxies": {"default": {"httpProxy": "http://proxy.test"}},
}).encode()  # fmt: skip


def test_dockers_config_costs_a_launch_one_line_at_most(tmp_path, damaged):
    """A context that it names and that is not there is refused, as docker does; everything else is passed over."""
    (tmp_path / "config.json").write_bytes(CONFIG)
    env = {"DOCKER_CONFIG": str(tmp_path)}
    lines = set()
    for each in damaged(CONFIG):
        write(tmp_path / "config.json", each)
        assert str(credentials.find_login(Reference.parse("registry.test/x:1"), env, str(tmp_path), 0).header())
        try:
            with as_in_a_launch():
                endpoint.find_endpoint(env, str(tmp_path), 0, probe=lambda _: "")
        except UserError as trouble:
            lines.add(trouble.line)

    assert all("\n" not in line and "docker context" in line for line in lines)


def test_a_damaged_docker_context_is_refused_in_one_line_or_followed(tmp_path, damaged):
    folder = tmp_path / "contexts/meta" / hashlib.sha256(b"work").hexdigest()
    folder.mkdir(parents=True)
    meta = json.dumps(
        {"Name": "work", "Endpoints": {"docker": {"Host": "tcp://engine.test:2376", "SkipTLSVerify": False}}}
    )
    env = {"DOCKER_CONFIG": str(tmp_path), "DOCKER_CONTEXT": "work"}
    lines, hosts = set(), set()
    for each in damaged(meta.encode()):
        write(folder / "meta.json", each)
        try:
            with as_in_a_launch():
                found = endpoint.find_endpoint(env, str(tmp_path), 0, probe=lambda _: "")
        except UserError as trouble:
            lines.add(trouble.line)
        else:
            hosts.add(found.host.partition("://")[0])

    assert lines
    assert all("docker context 'work'" in line for line in lines)
    assert hosts <= {"tcp", "unix", "ssh"}


@pytest.mark.parametrize("name", ["\ud800", "a\0b", "x" * 100_000])
def test_an_odd_context_name_is_refused_in_one_line(tmp_path, name):
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": name}))

    with pytest.raises(UserError, match="docker context"):
        endpoint.find_endpoint({"DOCKER_CONFIG": str(tmp_path)}, str(tmp_path), 0, probe=lambda _: "")


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK0wmN/Cr3JXqmLW7u+g9pTh+wyqDHpSQEIQczXkVx9q"
KNOWN = RemoteState(
    accepted=AcceptedCatalog(serial=7, digest=kept.checksum(b""), at=NOW, key="SHA256:k", expires=NOW + 1, apps=1),
    ring=Keyring((PublicKey.parse(KEY),), (RevokedKey("SHA256:r", NOW, "lost"),), 3, "sha256:d"),
    named=("SHA256:k",),
    url="https://catalog.test",
    tags={"catalog.toml": "tag"},
    checked=NOW,
)


def test_what_is_known_of_a_remote_is_followed_or_refused_in_one_line(tmp_path, damaged):
    kept.write_state(str(tmp_path), "team", KNOWN)
    remote, whats = Remote("team", "https://catalog.test"), set()
    file = tmp_path / "team.json"
    for each in damaged(file.read_bytes()):
        write(file, each)
        try:
            known = kept.read_state(str(tmp_path), "team")
        except UserError as trouble:
            whats.add(trouble.what)
            continue
        kept.read_copy(str(tmp_path), "team", known, "1")
        shown = remote_status(remote, known, NOW)
        assert isinstance(shown.words, str)

    assert whats == {"is damaged: the last accepted catalog of team is unknown"}


def test_a_damaged_copy_of_a_catalog_is_no_copy(tmp_path, damaged):
    tables = kept.store(str(tmp_path), "team", b"schema = 1\n", {"schema": 1}, "1")
    known = RemoteState(accepted=KNOWN.accepted._replace(digest=kept.checksum(b"schema = 1\n")), compiled=tables)
    (file,) = (tmp_path / "team").glob("*.json")
    for each in damaged(file.read_bytes()):
        write(file, each)
        assert kept.read_copy(str(tmp_path), "team", known, "1") == kept.Copy(text="schema = 1\n")


def test_a_damaged_line_of_the_journal_is_passed_over_or_shown(tmp_path, damaged):
    run = journal.Run(time.time(), "jq", "jq", "sha256:d", 0, 0.5, "/work", ("-r", "."))
    journal.append(str(tmp_path), run)
    (file,) = tmp_path.iterdir()
    for each in damaged(file.read_bytes().strip()):
        write(file, each.replace(b"\n", b" ") + b"\n")
        with as_in_a_launch():
            runs = [*journal.read(str(tmp_path), since=1.0)]
        for found in runs:
            assert isinstance(found.ended, float)
            assert all(isinstance(word, str) for word in (found.app, found.command, found.digest, found.cwd))
            assert time.gmtime(found.time)
