import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.values.checksum import add_checksum
from launcher.core.values.mount import Mount
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import StateError
from launcher.state.launch_files import DeployedImage, LaunchFile, LaunchSettings, Source, is_stale, read, stamp_sources
from launcher.state.write_launch_file import _to_json, leftovers, list_commands, remove, write

IMAGE = "docker.io/x/jq:latest"
ENTRY = CatalogEntry("jq", "jq", IMAGE, volumes=(Mount("~/d", "/d"),))
JQ = LaunchFile("jq", "jq", ENTRY, IMAGE, commands=("jq",))
NEW = ResolvedImage("sha256:new")
TAG = "docker.io/applaunch/jq"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
NAMES = st.from_regex(r"[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,20}", fullmatch=True)


@pytest.fixture
def folder(tmp_path):
    return str(tmp_path / "state" / "current")


TABLES = st.dictionaries(st.text(), JSON, max_size=3)
WORDS = st.lists(st.text(), max_size=3).map(tuple)
SETTINGS = st.builds(LaunchSettings, st.booleans(), st.booleans(), WORDS, WORDS, st.integers())
ENTRIES = st.builds(
    CatalogEntry,
    st.text(),
    st.text(),
    st.text(),
    entrypoint=st.none() | WORDS,
    volumes=st.lists(st.builds(Mount, st.text(), st.text(), st.booleans()), max_size=2).map(tuple),
    environment=st.lists(st.tuples(st.text(), st.none() | st.text()), max_size=2).map(tuple),
    warm=st.floats(0, 1e6),
)
PINS = st.builds(ResolvedImage, st.text(), st.text(), st.booleans(), st.booleans(), st.text())


@given(
    st.builds(
        LaunchFile,
        st.text(),
        NAMES,
        ENTRIES,
        st.text(),
        PINS,
        SETTINGS,
        theirs=st.lists(st.text(), max_size=3).map(tuple),
        tag=st.text(),
        pinned=st.booleans(),
        aside=st.none() | st.builds(DeployedImage, st.text(), PINS, st.text()),
        commands=st.lists(NAMES, max_size=3).map(tuple),
        published=st.lists(st.tuples(st.text(), st.text(), TABLES).map(list), max_size=2).map(tuple),
        unasked=st.text(),
        folder=st.text(),
        sources=st.lists(st.builds(Source, st.text(), st.integers(-1), st.integers(0)), max_size=3).map(tuple),
    )
)
def test_what_was_written_is_read(tmp_path_factory, current):
    folder = str(tmp_path_factory.mktemp("current"))

    write(folder, current)

    assert read(folder, current.command) == current


def test_a_file_is_plain_json_that_only_its_owner_reads(folder):
    before = DeployedImage(
        "docker.io/x/jq:1", ResolvedImage("sha256:d", "sha256:i", platform="linux/amd64"), f"{TAG}:6-1a2b3c"
    )
    write(
        folder,
        JQ._replace(
            tag=f"{TAG}:7-1a2b3c", pinned=True, aside=before, published=(["built-in", "c.toml", {"apps": {}}],)
        ),
    )

    file = Path(folder, "jq")
    said = json.loads(file.read_text())
    assert len(said.pop("checksum")) == 16
    assert said == {
        "schema": 2,
        "app": "jq",
        "command": "jq",
        "entry": {"app": "jq", "name": "jq", "image": IMAGE, "volumes": [["~/d", "/d", False, True, "", "bind"]]},
        "settings": {
            "autostart": False,
            "arguments": False,
            "cover": [],
            "show": [],
            "warm_idle": 8,
            "runtime": "auto",
            "unpack_limit": 2 << 30,
            "free_disk": 5 << 30,
            "network_keep": 300,
            "networks": 4,
        },
        "theirs": [],
        "image": "docker.io/x/jq:latest",
        "digest": "",
        "image_id": "",
        "pulled": False,
        "loaded": False,
        "platform": "",
        "tag": "docker.io/applaunch/jq:7-1a2b3c",
        "pinned": True,
        "aside": ["docker.io/x/jq:1", ["sha256:d", "sha256:i", False, False, "linux/amd64"], f"{TAG}:6-1a2b3c"],
        "commands": ["jq"],
        "published": [["built-in", "c.toml", {"apps": {}}]],
        "unasked": "",
        "folder": "",
        "sources": [],
    }
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)


def test_names_are_sorted_and_leave_out_what_is_no_command(folder):
    for name in ("yq", "g++", "jq", "7z.so_1-x"):
        write(folder, JQ._replace(command=name))
    for stranger in (".hidden", ".new-1", "with space", "café"):
        Path(folder, stranger).write_text("")

    assert list_commands(folder) == ["7z.so_1-x", "g++", "jq", "yq"]


def test_a_removed_command_is_unknown(folder):
    write(folder, JQ)

    assert remove(folder, "jq") is True
    assert (read(folder, "jq"), list_commands(folder), remove(folder, "jq")) == (None, [], False)


def test_where_nothing_was_written_there_is_nothing(folder):
    assert (read(folder, "jq"), list_commands(folder), leftovers(folder), remove(folder, "jq")) == (None, [], [], False)


@pytest.mark.parametrize("name", ["", ".", "..", "../jq", "/etc/passwd", "a/b", ".jq", "a\0b", "a\nb", "café", "a b"])
def test_a_name_that_could_lead_elsewhere_is_no_command(folder, name):
    write(folder, JQ)
    Path(folder).parent.joinpath("jq").write_bytes(Path(folder, "jq").read_bytes())

    assert read(folder, name) is None
    for change in (lambda: write(folder, JQ._replace(command=name)), lambda: remove(folder, name)):
        with pytest.raises(StateError, match="is no command's name; use letters, digits"):
            change()


SOUND = json.loads(json.dumps(_to_json(JQ)))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"3",
        b"[" * 100_000,
        *(
            add_checksum(SOUND | wrong)
            for wrong in (
                {"schema": 1},
                {"schema": 3},
                {"schema": "2"},
                {"entry": []},
                {"app": None},
                {"command": "yq"},
                {"commands": 3},
                {"commands": [3]},
                {"sources": [["a"]]},
                {"sources": 3},
                {"digest": 1},
                {"platform": None},
                {"folder": 3},
                {"tag": 7},
                {"tag": None},
                {"published": 3},
                {"published": ["built-in"]},
                {"published": [["built-in", "c.toml", 3]]},
                {"aside": 3},
                {"aside": ["jq:1"]},
                {"aside": ["jq:1", 3, TAG]},
                {"aside": ["jq:1", ["sha256:d", "sha256:i", False, False, None], TAG]},
                {"aside": ["jq:1", [], 6]},
            )
        ),
        add_checksum({key: value for key, value in SOUND.items() if key != "image"}),
        json.dumps(SOUND).encode(),
        json.dumps({"checksum": "0" * 16} | SOUND).encode(),
    ],
)
def test_a_file_that_is_damaged_or_of_another_schema_is_none(folder, text):
    write(folder, JQ)
    Path(folder, "jq").write_bytes(text)

    assert read(folder, "jq") is None


@pytest.mark.parametrize("flag", ["pulled", "loaded", "pinned"])
@pytest.mark.parametrize("said", [1, "true", "false", None, []])
def test_nothing_but_true_is_true(folder, flag, said):
    write(folder, JQ)
    Path(folder, "jq").write_bytes(add_checksum(SOUND | {flag: said}))

    found = read(folder, "jq")
    assert getattr(found if flag == "pinned" else found.pin, flag) is False


def test_what_a_command_had_before_an_edit_is_read_back_whole(folder):
    before = (
        "docker.io/x/jq:1",
        ResolvedImage("sha256:d", "sha256:i", pulled=True, platform="linux/amd64"),
        f"{TAG}:6-1a2b3c",
    )
    write(folder, JQ._replace(aside=before))

    image, pin, tag = read(folder, "jq").aside

    assert (image, pin, tag) == before
    assert pin.reference(image) == "docker.io/x/jq@sha256:d"


def test_a_command_is_held_on_an_image_and_tells_which():
    pin = ResolvedImage("sha256:d", "sha256:i", pulled=True, loaded=True, platform="linux/arm64")

    assert JQ.with_image(pin).pin == pin
    assert JQ.with_image(pin).with_image(ResolvedImage()) == JQ


def test_a_folder_in_the_place_of_a_file_is_none(folder):
    Path(folder, "jq").mkdir(parents=True)

    assert read(folder, "jq") is None


def test_a_source_is_stale_when_it_changed_went_or_appeared(tmp_path):
    there, touched, gone, later = (str(tmp_path / name) for name in ("there", "touched", "gone", "later"))
    for path in (there, touched, gone):
        Path(path).write_text("x")
    sources = stamp_sources([there, touched, gone, later])
    os.utime(touched, ns=(0, 1))
    Path(gone).unlink()
    Path(later).write_text("")

    assert sources[3] == Source(later, -1, 0)
    assert [is_stale(JQ._replace(sources=(source,))) for source in sources] == [False, True, True, True]
    assert is_stale(JQ._replace(sources=sources))
    assert not is_stale(JQ)


def test_a_file_of_another_size_is_stale_even_with_the_same_time(tmp_path):
    path = tmp_path / "catalog.toml"
    path.write_text("x")
    sources = stamp_sources([str(path)])
    path.write_text("xy")
    os.utime(path, ns=(0, sources[0].mtime_ns))

    assert is_stale(JQ._replace(sources=sources))


def test_a_catalog_added_to_a_folder_makes_it_stale(tmp_path):
    sources = stamp_sources([str(tmp_path)])
    os.utime(tmp_path, ns=(0, 0))
    (tmp_path / "new.toml").write_text("")

    assert is_stale(JQ._replace(sources=sources))


def test_what_cannot_be_written_is_one_line_and_leaves_nothing(shelf, without_rights):
    shelf.chmod(0o777)

    def install():
        write(f"{shelf}/current", JQ)
        Path(shelf, "current").chmod(0o500)
        with pytest.raises(StateError) as caught:
            write(f"{shelf}/current", JQ.with_image(NEW))
        assert caught.value.line == (
            f"applaunch: {shelf}/current/jq: cannot be written: Permission denied; "
            f"check its permissions: ls -ld {shelf}/current"
        )
        with pytest.raises(StateError):
            remove(f"{shelf}/current", "jq")
        assert read(f"{shelf}/current", "jq") == JQ

    without_rights(install)


def test_a_failed_rename_leaves_no_half_written_file(folder):
    Path(folder, "jq").mkdir(parents=True)

    with pytest.raises(StateError, match="Is a directory"):
        write(folder, JQ)
    assert [each.name for each in Path(folder).iterdir()] == ["jq"]


def test_a_writer_that_is_killed_leaves_the_old_file_whole_and_its_own_findable(folder):
    write(folder, JQ)
    killed = """
import os, signal, sys
from launcher.core.values.resolved_image import ResolvedImage
from launcher.state import launch_files, write_launch_file
old = launch_files.read(sys.argv[1], "jq")
os.fsync = lambda fd: os.kill(os.getpid(), signal.SIGKILL)
write_launch_file.write(sys.argv[1], old.with_image(ResolvedImage("sha256:new")))
"""

    process = subprocess.run([sys.executable, "-c", killed, folder], cwd=Path.cwd(), check=False)

    assert process.returncode == -9
    assert (read(folder, "jq"), list_commands(folder)) == (JQ, ["jq"])
    assert len(leftovers(folder)) == 1


def test_many_writers_at_once_leave_one_whole_file(folder, at_once):
    def write_often(number):
        for each in range(25):
            entry = ENTRY._replace(working_dir="y" * 1000 * number)
            current = JQ._replace(pin=ResolvedImage(f"sha256:{number}"), entry=entry)
            write(folder, current)
            seen = read(folder, "jq")
            assert seen is not None, each
            assert seen.entry.working_dir == "y" * 1000 * int(seen.pin.digest[7:])

    at_once(write_often, 8)

    assert [each.name for each in Path(folder).iterdir()] == ["jq"]


def test_the_launch_path_loads_nothing_heavy():
    code = "import sys; import launcher.state.launch_files, launcher.state.journal; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-I", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
                            check=True, capture_output=True, text=True).stdout.split()  # fmt: skip

    heavy = {"sqlite3", "dataclasses", "pathlib", "subprocess", "datetime", "tempfile", "random", "logging", "asyncio"}
    assert heavy.isdisjoint(loaded)
