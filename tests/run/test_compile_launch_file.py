"""What an edited catalog does to the next call: entries and images, of apps that are installed and of others."""

import os
from pathlib import Path

import pytest

from launcher.core.catalog.published_snapshot import take_snapshot
from launcher.core.deploy.record import Command, Deployment
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import NotFoundError
from launcher.host.locations import places
from launcher.run import catalog_set
from launcher.run.compile_launch_file import compile_deployed
from launcher.run.find_image import hold_image
from launcher.run.lookup import find_command
from launcher.state import write_launch_file
from launcher.state.launch_files import stamp_sources

IMAGE, EDITED, THIRD = (f"docker.io/x/jq:{tag}" for tag in ("1", "2", "3"))
PIN = ResolvedImage("sha256:one", "sha256:i1", pulled=True, platform="linux/amd64")
OTHER = ResolvedImage("sha256:two", "sha256:i2", pulled=True, platform="linux/amd64")
TAG = "docker.io/applaunch/jq:7-1a2b3c"
BUILT_IN = f"""
[apps.jq]
image = "{IMAGE}"
environment = ["A=1"]
[apps.jq.commands.jq]
[apps.jq.commands.jqp]
"""


class Machine:
    """A home with catalogs and launch files, and calls that read them."""

    def __init__(self, folder: Path, built_in: Path):
        self.home = str(folder)
        self.places = places({"APPLAUNCH_ETC": f"{folder}/etc"}, self.home)
        self.built_in = built_in
        self._moment = 0

    def write(self, path, text):
        """Write a catalog, and see that its time tells it from the one before."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(f"schema = 1\n{text}")
        self._moment += 1
        os.utime(path, ns=(self._moment, self._moment))

    def mine(self, text):
        """Write the user's own catalog."""
        self.write(self.places.user_catalog, text)

    def published(self, text):
        """Write the built-in catalog, as a newer applaunch would have it."""
        self.write(self.built_in, text)

    def deploy(self, **how):
        """Install jq as a transaction would: held on an image, with what others say of it kept."""
        shelf = catalog_set.read_catalogs(self.places, self.home)
        commands = tuple(Command(name, f"{self.places.bin}/{name}", name) for name in ("jq", "jqp"))
        deployment = Deployment(
            *("jq", IMAGE, "", "", False, "built-in", "e", commands, "2026-11-23T16:00:00Z"),
            **{"number": 7, "tag": TAG, "published": take_snapshot(shelf.catalogs, "jq")} | how,
        ).with_image(PIN)
        sources = stamp_sources(catalog_set.watched_paths(self.places, published=False))
        local = catalog_set.read_catalogs(self.places, self.home, published=False)
        for name in ("jq", "jqp"):
            write_launch_file.write(
                self.places.current, compile_deployed(name, deployment, local)._replace(sources=sources)
            )
        return deployment

    def call(self, name="jq"):
        """Return what the next call of *name* runs."""
        return find_command(name, self.places, self.home)

    def pulls(self, name, pin):
        """Have a call of *name* find its image."""
        hold_image(self.call(name), pin, Engine(self.places))

    def variables(self, name="jq"):
        return [*self.call(name).entry.environment]


class Engine:
    """Takes every tag."""

    def __init__(self, places):
        self.store, self.places = self, places

    def tag(self, image, name):
        pass


@pytest.fixture
def machine(tmp_path, monkeypatch):
    path = tmp_path / "share/catalog.toml"
    monkeypatch.setattr(catalog_set, "package_file", lambda name: str(path))
    machine = Machine(tmp_path, path)
    machine.published(BUILT_IN)
    return machine


def mine(image):
    return f'[apps.jq]\nimage = "{image}"\n'


def test_what_is_installed_runs_on_the_image_of_its_deployment(machine):
    machine.deploy()

    known = machine.call()

    assert (known.image, known.pin, known.tag, known.aside) == (IMAGE, PIN, TAG, None)
    assert (known.commands, known.pinned) == (("jq", "jqp"), False)
    assert known.entry.image == IMAGE


def test_a_deployment_runs_on_its_image_whatever_the_catalogs_name_when_it_is_made(machine):
    machine.mine(mine(EDITED))
    machine.deploy()

    assert (machine.call().image, machine.call().pin) == (IMAGE, PIN)


def test_an_edited_image_is_another_one_at_the_next_call_and_is_held_on_nothing_yet(machine):
    machine.deploy()

    machine.mine(mine(EDITED))

    known = machine.call()
    assert (known.image, known.pin, known.tag) == (EDITED, ResolvedImage(), "")
    assert known.entry.image == EDITED


def test_edited_back_it_is_held_on_the_digest_that_was_installed(machine):
    machine.deploy()
    machine.mine(mine(EDITED))
    machine.pulls("jq", OTHER)
    assert machine.call().pin == OTHER

    machine.mine("")

    known = machine.call()
    assert (known.image, known.pin, known.tag, known.aside) == (IMAGE, PIN, TAG, None)


def test_from_one_edit_to_the_next_the_deployment_is_remembered(machine):
    machine.deploy()
    for image in (EDITED, THIRD):
        machine.mine(mine(image))
        assert machine.call().image == image

    machine.mine(mine(IMAGE))

    assert (machine.call().pin, machine.call().tag) == (PIN, TAG)


def test_all_commands_of_an_app_go_there_and_back_each_at_its_own_call(machine):
    machine.deploy()
    machine.mine(mine(EDITED))
    machine.pulls("jq", OTHER)  # before anybody calls jqp

    assert (machine.call("jqp").image, machine.call("jqp").pin) == (EDITED, ResolvedImage())
    machine.pulls("jqp", OTHER)
    machine.mine("")

    for name in ("jq", "jqp"):
        assert (machine.call(name).image, machine.call(name).pin, machine.call(name).tag) == (IMAGE, PIN, TAG)


def test_an_edit_of_another_key_counts_and_the_image_stays(machine):
    machine.deploy()

    machine.mine('[apps.jq]\nenvironment = ["B=2"]\n')

    assert machine.variables() == [("A", "1"), ("B", "2")]
    assert (machine.call().pin, machine.call().tag) == (PIN, TAG)


def test_a_pinned_app_is_moved_by_no_edit_of_its_image(machine):
    machine.deploy(pinned=True)

    machine.mine(mine(EDITED) + 'environment = ["B=2"]\n')

    known = machine.call()
    assert (known.image, known.pin, known.tag, known.pinned) == (IMAGE, PIN, TAG, True)
    assert known.entry.image == IMAGE
    assert machine.variables() == [("A", "1"), ("B", "2")]


def test_an_edit_in_the_built_in_catalog_changes_nothing_that_is_installed(machine):
    machine.deploy()
    before = machine.call()

    machine.published(BUILT_IN.replace(IMAGE, EDITED).replace("A=1", "A=2"))

    assert machine.call() == before
    machine.mine('[apps.jq]\nenvironment = ["B=2"]\n')  # compiled anew, and still by what was kept
    assert machine.variables() == [("A", "1"), ("B", "2")]
    assert (machine.call().image, machine.call().pin) == (IMAGE, PIN)


def test_an_app_that_is_gone_from_the_built_in_catalog_runs_on(machine):
    machine.deploy()

    machine.published("")
    machine.mine('[apps.jq]\nenvironment = ["B=2"]\n')

    assert (machine.call().pin, machine.variables()) == (PIN, [("A", "1"), ("B", "2")])


def test_what_is_not_installed_is_what_all_catalogs_say_today(machine):
    assert (machine.call().image, machine.call().tag) == (IMAGE, "")

    machine.published(BUILT_IN.replace(IMAGE, EDITED))

    assert machine.call().image == EDITED
    assert write_launch_file.list_commands(machine.places.current) == []


def test_what_no_catalog_knows_cannot_be_called(machine):
    with pytest.raises(NotFoundError):
        machine.call("nothing")


def test_a_catalog_of_the_machine_counts_like_ones_own(machine):
    machine.deploy()

    machine.write(f"{machine.places.system}/catalog.d/team.toml", mine(EDITED))

    assert machine.call().image == EDITED


def test_settings_count_at_the_next_call(machine):
    machine.deploy()

    Path(machine.places.settings).parent.mkdir(parents=True, exist_ok=True)
    Path(machine.places.settings).write_text("[runs]\narguments = true\n")

    assert machine.call().settings.arguments is True
    assert machine.call().pin == PIN


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("", ["mount_cwd", "path_args", "volumes"]),
        ('[apps.jq]\npath_args = "ro"', ["mount_cwd", "volumes"]),
        ('[apps.jq.commands.jq]\nmount_cwd = "rw"', ["path_args", "volumes"]),
        ('[apps.jq]\nenvironment = ["B=1"]', ["mount_cwd", "path_args", "volumes"]),
        ('[apps.jq]\nvolumes = ["~/x:/x"]', ["mount_cwd", "path_args"]),
        (f'[apps.jq]\nimage = "{EDITED}"', []),
        (f'[apps.other]\nimage = "{THIRD}"', ["mount_cwd", "path_args", "volumes"]),
    ],
)
def test_who_decides_what_a_program_reads_is_the_app_of_somebody_else_unless_the_users_catalog_says(
    machine, mine, theirs
):
    machine.deploy()
    machine.mine(mine)

    assert [*machine.call().theirs] == theirs
