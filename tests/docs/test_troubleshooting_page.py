"""docs/troubleshooting.md names each note that may follow a run."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from launcher.core.policy.path_args import PathFact
from launcher.core.run.descriptor_hint import descriptor_hint
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.failure_hints import failure_hints, single_files
from launcher.core.run.lost_outputs import lost_outputs
from launcher.core.values.mount import Mount
from launcher.errors import CannotRunError
from launcher.run.note_umask import note_umask
from tests.core.examples import ANA, YOUTUBE_DL, planned

PAGE = (Path(__file__).parents[2] / "docs/troubleshooting.md").read_text()
NOTES = re.findall(r"^\| `(.*?)` \|", PAGE, re.MULTILINE)
FACTS = {
    "/srv/file": PathFact("file", "/srv/file"),
    "/srv/s": PathFact("socket", "/srv/s"),
    "/var/run/sql": PathFact("folder", "/run/sql"),
    "/srv": PathFact("folder", "/srv"),
    "/tmp": PathFact("folder", "/tmp"),
}


def notes(*args, environment=(), **keys):
    call = ANA._replace(args=args)
    entry = YOUTUBE_DL._replace(**{"mount_cwd": "none", "path_args": "none", "volumes": ()} | keys)
    spec = planned(entry, call, EngineTraits(), FACTS)
    spec = spec._replace(environment=(*spec.environment, *environment))
    return (*failure_hints(entry, call, FACTS, spec), *lost_outputs(entry, call, FACTS, spec))


EXAMPLES = {
    "a new file": (("/srv/new",), {}),
    "a new file in a folder that is too large": (("/tmp/new",), {}),
    "a file": (("/srv/file",), {}),
    "an output that is there": (("-o", "/srv/file"), {"path_args": "ro"}),
    "a socket": (("/srv/s",), {}),
    "a folder of sockets": (("/var/run/sql",), {}),
    "a socket in a variable": ((), {"environment": (("PGHOST", "/srv/sql"),)}),
    "localhost in a variable": ((), {"environment": (("PGHOST", "localhost"),), "network_mode": "bridge"}),
    "a URL": (("https://example.org",), {"network_mode": "none"}),
    "localhost": (("localhost",), {"network_mode": "bridge"}),
    "localhost without a network": (("localhost",), {"network_mode": "none"}),
    "a proxy": ((), {"environment": (("HTTP_PROXY", "http://localhost:1"),), "network_mode": "bridge"}),
}


@pytest.mark.parametrize(("args", "more"), EXAMPLES.values(), ids=EXAMPLES)
def test_a_note_has_its_row(args, more):
    (line,) = notes(*args, **more)
    said = line.removeprefix("applaunch: youtube-dl: note: ")
    for word, name in (
        ("http://localhost:1", "PROXY"),
        ("HTTP_PROXY", "VARIABLE"),
        ("PGHOST", "VARIABLE"),
        ("youtube-dl", "APP"),
    ):
        said = said.replace(word, name)

    assert re.sub(r"/(srv|tmp|var/run)/\w+", "PATH", said) in NOTES


def test_a_secret_has_its_row():
    secret = f"{ANA.home}/.ssh"
    call = ANA._replace(args=(secret,), secrets=(".ssh",))
    spec = planned(YOUTUBE_DL, call, EngineTraits(), {})._replace(
        mounts=(Mount(ANA.home, ANA.home), Mount("/dev/null", secret))
    )
    facts = {secret: PathFact("file", secret)}

    (line,) = failure_hints(YOUTUBE_DL, call, facts, spec)

    assert line.removeprefix("applaunch: youtube-dl: note: ").replace(secret, "PATH") in NOTES


@pytest.mark.parametrize(("arg", "what"), [("/dev/fd/63", "/dev/fd/63"), ("--passphrase-fd=63", "descriptor 63")])
def test_a_descriptor_has_its_row(arg, what):
    line = descriptor_hint(YOUTUBE_DL, (arg,), {63}, failed=True)

    said = line.removeprefix("applaunch: youtube-dl: note: ").replace("youtube-dl", "APP")
    assert said.replace(what, "/dev/fd/N") in NOTES


@pytest.mark.parametrize("path", ["/srv/in/file", f"{ANA.home}/file"])
def test_a_single_file_has_its_row(path):
    spec = planned(YOUTUBE_DL, ANA, EngineTraits(), {})._replace(mounts=(Mount(path, "/x"),))

    said = single_files(ANA, {path: PathFact("file", path)}, spec)[path]

    assert said.replace(path, "PATH") in NOTES


def test_the_umask_has_its_row(capfd, tmp_path):
    spec = planned(YOUTUBE_DL, ANA, EngineTraits(), {})._replace(mounts=(Mount("/srv", "/srv"),))
    launch = SimpleNamespace(entry=YOUTUBE_DL, places=SimpleNamespace(noted=f"{tmp_path}/noted"))

    for _ in range(2):
        note_umask(launch, spec, 0o077)

    (line,) = capfd.readouterr().err.splitlines()
    said = line.removeprefix("applaunch: youtube-dl: note: ").replace("077", "UMASK").replace("youtube-dl", "APP")
    assert said in NOTES


def test_no_row_is_of_a_note_that_does_not_exist():
    others = 8  # a secret, a descriptor, the umask, two of single files, three of repositories (test_paths, test_project_folder)
    assert len(NOTES) == len(EXAMPLES) + others + len(REFUSED) + 1


REFUSED = {
    "a socket": ("/srv/x.sock", "PATH.sock"),
    "a file": ("/srv/x.conf", "PATH.conf"),
    "a folder": ("/srv/x", "PATH"),
    "the current folder": ("${PWD}", "${PWD}"),
}


@pytest.mark.parametrize(("source", "name"), REFUSED.values(), ids=REFUSED)
def test_a_volume_that_is_refused_has_its_row(source, name):
    entry = YOUTUBE_DL._replace(mount_cwd="none", volumes=(Mount(source, "/data"),))

    with pytest.raises(CannotRunError) as refused:
        planned(entry, ANA._replace(cwd="/etc"), EngineTraits(), {"/etc": PathFact("folder", "/etc")})

    said = refused.value.line.removeprefix("applaunch: youtube-dl: ")
    assert said.replace(source, name).replace("folder /etc", "folder FOLDER") in NOTES


def test_a_folder_of_the_system_has_its_row():
    with pytest.raises(CannotRunError) as refused:
        planned(YOUTUBE_DL, ANA._replace(cwd="/etc"), EngineTraits(), {})

    assert refused.value.line.removeprefix("applaunch: youtube-dl: ").replace("/etc", "FOLDER") in NOTES
