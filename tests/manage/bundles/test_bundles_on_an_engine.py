"""Bundles on a real engine: from one home into another, with no registry, and from one engine into another."""

import io
import json
import os
import random
import re
import signal
import subprocess
import tarfile
import time
import uuid
from contextlib import ExitStack
from pathlib import Path

import pexpect
import pytest

from launcher.core.bundles import bundle_format as bundle_
from launcher.core.bundles.bundle_check import read_bundle
from launcher.errors import UserError
from launcher.host import bundle_archive
from tests import bundles
from tests import rig as rigs
from tests.home import VENV, Home
from tests.rig import engines
from tests.soak import rounds

pytestmark = pytest.mark.engine

BUSYBOX, LAYERS = "docker.io/library/busybox:latest", "docker.io/applaunch/layers:latest"
PROBE = "docker.io/applaunch/probe:latest"


class Machine:
    """A home and the engine that it uses."""

    def __init__(self, home, engine):
        self.home, self.engine = home, engine
        self.out = home.path / "out"  # in the home, so that it belongs to whoever that belongs to
        self.out.mkdir()

    def applaunch(self, *words, **more):
        return self.home.run("applaunch", *words, **more)

    def json(self, *words):
        return json.loads(self.applaunch(*words, "--json", check=True).stdout)

    def ids(self):
        """Return the ids of all images of the engine."""
        return {each["Id"] for each in self.engine.engine.ask("GET", "/images/json", all="1")}

    def troubles(self):
        """Return what doctor finds amiss in this home; the engine's containers may be another's."""
        found = json.loads(self.applaunch("doctor", "--json").stdout)["findings"]
        return [each for each in found if each["state"] == "problem" and each["check"] != "containers"]

    def held(self):
        """Return the ids, as the engine has them, of the images that apps are held on."""
        return {each["image_id"] for each in self.json("status")}

    def load(self, path):
        """Give a file to the engine, by hand."""
        with open(path, "rb") as file:
            headers = {"Content-Type": "application/x-tar", "Content-Length": str(os.path.getsize(path))}
            return list(self.engine.engine.told("/images/load", file, headers, quiet="1"))


def machine(engine, folder):
    home = Home(folder, engine.docker_host, engine.caller_uid)
    home.container_host = {"CONTAINER_HOST": engine.docker_host} if engine.name.startswith("podman") else {}
    return Machine(home, engine)


@pytest.fixture
def here(home, engine):
    return Machine(home, engine)


@pytest.fixture
def there(here, engine, tmp_path):
    """Another user's home, on the same engine."""
    return machine(engine, tmp_path / "there")


class Tools:
    """Images of our own, from a registry that does not exist, and that nobody else uses."""

    def __init__(self, engine, folder):
        self.engine, self.folder = engine, folder
        self.mark = uuid.uuid4().hex[:12]
        self.made = []

    def name(self, app):
        return f"registry.invalid/applaunch/{app}-{self.mark}:1"

    def make(self, app, version):
        """Build the image of *app*, whose /which tells the *version*; the one before is forgotten."""
        context = self.folder / "context.tar"
        with tarfile.open(context, "w") as archive:
            said = f"{app} {version} {self.mark}\n"
            for name, text in (
                ("Dockerfile", f"FROM {self.engine.ref(BUSYBOX)}\nCOPY which /which\n"),
                ("which", said),
            ):
                info = tarfile.TarInfo(name)
                info.size = len(text)
                archive.addfile(info, io.BytesIO(text.encode()))
        self.engine.engine.build(context, self.name(app), self.folder / "build.log")
        self.made.append(self.engine.engine.ask("GET", f"/images/{self.name(app)}/json")["Id"])
        return self.name(app)

    def forget(self):
        """Take all of them away from the engine, whoever uses them."""
        for image in self.made:
            self.engine.engine.remove_containers(ancestor=[image])
            self.engine.engine.remove_image(image)


@pytest.fixture
def tools(engine, tmp_path):
    made = Tools(engine, tmp_path)
    yield made
    made.forget()


@pytest.fixture
def packed_up(here, tools):
    """A bundle of two apps whose images no registry and, from now on, no engine has."""

    def pack(version, *apps, keep=False):
        for app in apps or ("one", "two"):
            image = tools.make(app, version)
            if app not in here.home.apps:
                here.home.app(app, image, entrypoint='["cat", "/which"]', network_mode='"none"', mount_cwd='"none"')
            here.applaunch("remove", app, "--keep-image")
            here.applaunch("add", app, check=True)
            here.applaunch("pull", app, check=True)
        path = here.out / f"{version}.applaunch"
        here.applaunch("bundle", "export", *(apps or ("one", "two")), "-o", str(path), check=True)
        if not keep:
            tools.forget()
        return str(path)

    return pack


def offline(machine):
    """Have the machine's programs run without a network of any kind, where this process may say so."""
    if os.geteuid() == 0 and not machine.home.caller_uid:
        machine.home.prefix = ["unshare", "--net"]
    return machine


def test_two_apps_that_share_layers_are_one_file_the_same_each_time(packed_up, here, engine, tools):
    first = packed_up("v1", keep=True)
    image = engine.ref(BUSYBOX)
    here.home.app("bb", image, entrypoint='["true"]')
    here.applaunch("pull", check=True)

    done = here.json("bundle", "export", "bb", "one", "two", "-o", str(here.out / "a"))
    here.applaunch("bundle", "export", "two", "bb", "one", "bb", "-o", str(here.out / "b"), check=True)

    layers = [_layers(here.out / "a", each["image_id"]) for each in done["images"]]
    shared, *_ = min(layers, key=len)
    assert all(each[0] == shared for each in layers)
    with tarfile.open(here.out / "a") as archive:
        names = archive.getnames()
        assert {each.mtime for each in archive} == {0}
    assert len(names) == len({*names}) == 5 + 2 * len(layers) + len({layer for each in layers for layer in each})
    assert (here.out / "a").read_bytes() == (here.out / "b").read_bytes()
    assert done["size"] == os.path.getsize(here.out / "a") < 1.1 * os.path.getsize(first)
    assert [each["image"] for each in done["apps"]] == [image, tools.name("one"), tools.name("two")]


def _layers(path, image_id):
    with tarfile.open(path) as archive:
        listed = json.load(archive.extractfile("manifest.json"))
        return next(each["Layers"] for each in listed if each["Config"].endswith(image_id.removeprefix("sha256:")))


def test_a_bundle_runs_where_no_registry_is(packed_up, there, tools):
    path = packed_up("v1")
    assert not {*tools.made} & there.ids()

    done = offline(there).json("bundle", "import", path, "-y")

    assert {each["name"] for each in there.json("list")} == {"one", "two"}
    assert there.home.run("one").stdout == f"one v1 {tools.mark}\n"
    assert there.home.run("two").stdout == f"two v1 {tools.mark}\n"
    assert done["loaded"] == [each["image_id"] for each in there.json("bundle", "info", path)["images"]]
    assert all(each["loaded"] and not each["pulled"] for each in done["apps"])
    assert there.held() <= there.ids()
    assert there.json("history")[0]["changes"][1]["action"] == "Install"
    assert there.troubles() == []
    again = there.applaunch("bundle", "import", path)
    assert (again.returncode, again.stdout.count("already there")) == (0, 2), again.stderr


def test_what_came_in_a_bundle_is_like_any_other_app(packed_up, there, tools):
    first, second = packed_up("v1", "one"), packed_up("v2", "one")
    offline(there).applaunch("bundle", "import", first, "-y", check=True)
    there.applaunch("bundle", "import", second, "-y", check=True)
    assert there.home.run("one").stdout == f"one v2 {tools.mark}\n"

    there.applaunch("rollback", "one", check=True)

    assert there.home.run("one").stdout == f"one v1 {tools.mark}\n"
    assert [each["source"] for each in there.json("status")] == ["bundle", "bundle"]
    assert there.json("info", "one")["layers"]["entrypoint"] == "bundle"
    assert there.json("which", "one")["app"] == "one"
    assert there.json("upgrade", "--check") == []
    there.applaunch("history", "undo", "last", "-y", check=True)
    assert there.home.run("one").stdout == f"one v2 {tools.mark}\n"
    assert there.json("gc")["images"] == []
    held = there.held()
    there.applaunch("remove", "one", check=True)
    assert len(held) == 2
    assert not held & there.ids()


def test_a_bundle_app_is_upgraded_from_its_registry(here, there, engine):
    if not engine.started_by_us:
        pytest.skip("the registry is not ours to publish in")
    repository = f"docker.io/applaunch/bundled-{uuid.uuid4().hex[:12]}"
    image = f"{repository}:latest"
    first = engine.retag(repository, "latest", BUSYBOX)
    here.home.app("tool", image, entrypoint='["true"]', network_mode='"none"')
    here.applaunch("pull", check=True)
    here.applaunch("bundle", "export", "tool", "-o", str(here.out / "t"), check=True)
    there.applaunch("bundle", "import", str(here.out / "t"), "-y", check=True)
    assert there.json("status")[0]["digest"] == here.json("status")[0]["digest"]
    if engine.name.startswith("podman"):
        pytest.skip("podman cannot ask a registry without a pull")
    assert there.json("status")[0]["digest"] == first
    assert there.json("outdated") == []

    second = engine.retag(repository, "latest", PROBE)

    (found,) = there.json("outdated")
    assert (found["current"], found["latest"], found["source"]) == (first, second, "bundle")
    there.applaunch("upgrade", "-y", check=True)
    assert there.json("status")[0]["digest"] == second
    assert there.home.run("tool").returncode == 0
    there.applaunch("remove", "tool")
    here.applaunch("remove", "tool")


def test_any_engine_takes_the_file_by_hand(packed_up, there, tools, engine):
    path = packed_up("v1")

    there.load(path)

    for app in ("one", "two"):
        assert engine.engine.has(tools.name(app))
        engine.forget(tools.name(app))


def test_a_person_is_shown_what_it_may_do_and_asked(packed_up, there):
    path = packed_up("v1")
    nobody = there.applaunch("bundle", "import", path)
    assert (nobody.returncode, nobody.stderr) == (
        1,
        "applaunch: bundle import: no terminal to ask on; answer with: -y\n",
    )

    for answer, code in (("n", "no changes"), ("y", "added: ")):
        there.home.handed_over()
        child = pexpect.spawn(
            str(VENV / "applaunch"),
            ["bundle", "import", path],
            env=there.home.env,
            cwd=str(there.home.work),
            encoding="utf-8",
        )
        child.expect("no network")
        child.expect(r"install one, two\?")
        child.sendline(answer)
        child.expect(code)
        child.expect(pexpect.EOF)
        child.close()
    assert there.home.run("one").returncode == 0


def looked_at(path):
    with bundle_archive.open_bundle(path) as file:
        found = read_bundle(file.sizes, file.read_small, path)
        file.verify_blobs()
        return found


def test_every_changed_byte_is_refused_before_anything_is_loaded(packed_up, there):
    with open(packed_up("v1", "one"), "rb") as file:
        data = file.read()
    dice = random.Random(len(data))
    path = there.out / "changed"
    small = [at for at in range(len(data)) if at < 4000 or at > len(data) - 8000]
    for number, at in enumerate([*dice.sample(range(len(data)), 100), *dice.sample(small, 100)]):
        changed = bytearray(data)
        changed[at] ^= 1 << dice.randrange(8)
        path.write_bytes(changed)
        with pytest.raises(UserError):
            looked_at(str(path))
        if number % 40 == 0:
            ended = there.applaunch("bundle", "import", str(path), "-y")
            assert (ended.returncode, ended.stdout) == (1, "")
            assert re.fullmatch(r"applaunch: [^\n]*changed[^\n]*\n", ended.stderr)
    assert not os.path.exists(there.home.path / ".local/bin")
    assert there.applaunch("list", "--json").stdout == "[]\n"


def test_an_engine_that_does_not_take_it_is_told_in_one_line(there, tmp_path):
    path = tmp_path / "x"
    before = there.ids()
    for files, what in (
        (bundles.bundle(arch="s390x"), "is for linux/s390x, but this engine is linux/"),
        (forged(bundles.bundle()), ""),
    ):
        path.write_bytes(bundles.tarred(files))
        looked_at(str(path))

        ended = there.applaunch("bundle", "import", str(path), "-y")

        assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1), ended.stderr
        assert what in ended.stderr
        assert there.applaunch("list", "--json").stdout == "[]\n"
        assert there.ids() - before == set()


def forged(files):
    """Return a bundle in which the layer of one image is another, and everything else agrees with that."""
    found = read_bundle({name: len(data) for name, data in files.items()}, files.__getitem__, "x")
    other = bundles.packed("something else")
    images = [image._replace(layers=(*image.layers[:1], bundle_.Blob.of(other))) for image in found.images]
    kept = {blob.path: files[blob.path] for image in images for blob in (image.config, *image.layers[:1])}
    return found._replace(images=tuple(images)).documents | kept | {bundle_.Blob.of(other).path: other}


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "none", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk needs the right to mount one")
    folder.chmod(0o777)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_nothing(here, engine, small_disk):
    here.home.app("bb", engine.ref(BUSYBOX), entrypoint='["true"]')
    here.applaunch("pull", check=True)

    ended = here.applaunch("bundle", "export", "bb", "-o", str(small_disk / "x"))

    assert ended.returncode == 1
    assert ended.stderr == (
        f"applaunch: {small_disk}/x: cannot be written: no space left on device; free some space, or write to another disk\n"
    )
    assert os.listdir(small_disk) == []


@pytest.mark.parametrize("after", [0.3, 0.6, 1.0, 1.5])
def test_an_interrupted_export_leaves_nothing(after, here, engine):
    here.home.app("layers", engine.ref(LAYERS), entrypoint='["true"]')
    here.applaunch("pull", check=True)
    folder = here.out

    child = here.home.popen("applaunch", "bundle", "export", "layers", "-o", str(folder / "x"), stderr=subprocess.PIPE)
    time.sleep(after)
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=60)

    if child.returncode in {130, -signal.SIGINT}:  # the latter while Python still loads
        assert os.listdir(folder) == []
    else:
        looked_at(str(folder / "x"))


KILLS = rounds(short=6, whole=100)


@pytest.mark.soak
def test_an_import_that_is_killed_leaves_the_old_or_the_new(packed_up, there, tools):
    files = {version: packed_up(version) for version in ("v1", "v2")}
    began = time.monotonic()
    there.applaunch("bundle", "import", files["v1"], "-y", check=True)
    lasts = time.monotonic() - began
    moments = [lasts * (0.2 + each / KILLS) for each in range(KILLS)] + [2 * lasts + 1]  # the last is too late
    seen = []
    current = "v1"
    for moment in moments:
        wanted = {"v1": "v2", "v2": "v1"}[current]
        child = there.home.popen("applaunch", "bundle", "import", files[wanted], "-y", stdout=subprocess.DEVNULL)
        time.sleep(moment)
        child.kill()
        child.wait()

        assert {there.home.run(app).returncode for app in ("one", "two")} == {0}
        there.applaunch("doctor", "--fix")
        assert there.troubles() == []
        current, other = (there.home.run(app).stdout.split()[1] for app in ("one", "two"))
        assert current == other
        seen.append(current == wanted)
    assert there.json("bundle", "import", files["v1"], "-y")
    assert there.home.run("one").stdout == f"one v1 {tools.mark}\n"
    assert seen[-1] or lasts > 5, "no kill came late enough"
    assert False in seen, "no kill came early enough"


@pytest.fixture
def other(engine, tmp_path):
    """A machine with an engine of another kind than the one under test: podman, or for that docker."""
    with ExitStack() as stack:
        name = "docker" if engine.name.startswith("podman") else "podman"
        try:
            found = stack.enter_context(engines.started(name, rigs.up(), lambda _: None))
        except rigs.RigError as error:
            pytest.skip(str(error))
        yield machine(found, tmp_path / "other")


def test_a_bundle_of_one_engine_runs_on_another_of_another_kind(packed_up, other, tools):
    path = packed_up("v1")

    done = offline(other).json("bundle", "import", path, "-y")

    assert [other.home.run(app).stdout for app in ("one", "two")] == [
        f"{app} v1 {tools.mark}\n" for app in ("one", "two")
    ]
    assert done["loaded"] == [each["image_id"] for each in other.json("bundle", "info", path)["images"]]
    assert other.troubles() == []
    other.applaunch("bundle", "export", "one", "two", "-o", str(other.out / "back"), check=True)
    assert (other.out / "back").read_bytes() == Path(path).read_bytes()
    held = other.held()
    other.applaunch("remove", "one", "two", check=True)
    assert not held & other.ids()
