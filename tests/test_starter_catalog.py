"""catalog.toml: every app of it can be added and planned, and asks for no more than its program needs."""

import re
from pathlib import Path

import pytest

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.merge import owner_of, resolve
from launcher.core.policy.derive_permissions import highest_risk, permissions
from launcher.core.policy.path_args import PathFact
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.mount_plan import inspected_paths
from launcher.core.values.mount import Mount
from launcher.core.values.reference import Reference
from launcher.core.values.run_spec import RunSpec
from tests.core.examples import ANA, planned

TEXT = (Path(__file__).parent.parent / "catalog.toml").read_text()
STARTER = Catalog.parse(TEXT, "built-in", "catalog.toml")
APPS = {name: resolve([STARTER], name) for name in STARTER.apps}
COMMANDS = [(app.name, command) for app in APPS.values() for command in app.command_names]
ENTRIES = {(name, command): APPS[name].entry(command) for name, command in COMMANDS}

OFFLINE = {
    "actionlint",
    "ffmpeg",
    "ffprobe",
    "gitleaks",
    "gofmt",
    "hadolint",
    "jq",
    "markdownlint-cli2",
    "pandoc",
    "ruff",
    "shellcheck",
    "shfmt",
    "yq",
}
"""Commands that work on files alone."""
READERS = {"actionlint", "ffprobe", "hadolint", "jq", "redis-cli", "shellcheck"}
"""Commands that write nothing beside what they read."""
OF_PROJECTS = {
    *("actionlint", "composer", "gitleaks", "go", "hugo", "node", "ruff", "shellcheck", "shfmt", "terraform", "vale"),
}
"""Apps that look for a repository, their configuration or other sources above the current folder."""
BROAD_VOLUMES = re.compile(r"~/\.[\w.-]+(/[\w.-]+)*")
SERVERS = {"hugo-server"}
"""Commands that answer on a port."""

every_app = pytest.mark.parametrize("app", APPS.values(), ids=APPS)
every_command = pytest.mark.parametrize("entry", ENTRIES.values(), ids=[command for _, command in COMMANDS])


def test_it_has_no_mistake():
    STARTER.check()

    assert len(APPS) >= 25


@every_app
def test_an_app_says_what_it_is_and_whose(app):
    assert re.fullmatch(r"[A-Z][^\n]{10,90}[^.\s]", app.keys["description"])
    assert re.fullmatch(r"https://\S+", app.keys["homepage"])
    assert re.fullmatch(r"[A-Za-z0-9.+-]+( (OR|AND|WITH) [A-Za-z0-9.+-]+)*", app.keys["license"])


@every_app
def test_an_image_is_written_in_full(app):
    image = app.keys["image"]

    assert Reference.parse(image).full == image
    assert "." in image.partition("/")[0]


def test_a_moving_tag_has_its_reason():
    moving = {name for name, app in APPS.items() if Reference.parse(app.keys["image"]).tag == "latest"}

    assert moving == {"youtube-dl", "httpie"}  # no other tag is published, or a video site outdates it in weeks


def test_no_two_apps_want_one_name():
    names = [command for _, command in COMMANDS]

    assert sorted(names) == sorted(set(names))
    assert all(owner_of([STARTER], command).name == name for name, command in COMMANDS)


def test_no_command_takes_the_place_of_what_a_system_is_made_of():
    system = {"python", "python3", "sh", "bash", "ls", "cat", "env", "sudo", "docker", "podman", "perl", "git", "ssh"}

    assert not system & {command for _, command in COMMANDS}


@every_command
def test_a_command_can_be_planned_on_a_machine_that_has_nothing_of_it(entry):
    spec = planned(entry, ANA._replace(args=("--version",)), EngineTraits(), {}, run="r")

    assert isinstance(spec, RunSpec)
    assert spec.command[-1] == "--version"
    assert [mount for mount in spec.mounts if mount.source.startswith("/home/ana/.")] == []


@every_command
def test_a_command_can_be_planned_on_a_machine_that_has_it_all(entry):
    facts = {path: PathFact("folder", path) for path in inspected_paths(entry, ANA)}

    spec = planned(entry, ANA, EngineTraits("podman", rootless=True), facts)

    targets = [mount.target for mount in spec.mounts]
    assert sorted(targets) == sorted(set(targets))


@every_command
def test_an_entry_is_no_riskier_than_its_volumes(entry):
    granted = permissions(entry, ANA)

    assert highest_risk(granted) != "critical"
    assert {permission.key for permission in granted if permission.risk == "high"} <= {"volumes"}


@every_command
def test_a_volume_is_one_folder_or_file_of_that_program(entry):
    for mount in entry.volumes:
        assert BROAD_VOLUMES.fullmatch(mount.source)
        assert mount.source not in (
            "~/.config",
            "~/.local",
            "~/.local/share",
            "~/.cache",
            "~/.ssh",
            "~/.gnupg",
            "~/.docker",
        )
        assert not mount.required


@every_command
def test_variables_are_passed_by_the_programs_own_prefix(entry):
    passed = [name for name, value in entry.environment if value is None]

    assert not [name for name in passed if len(name.rstrip("*")) < 3]
    assert not {*passed} & {"PATH", "HOME", "LD_PRELOAD", "LD_LIBRARY_PATH", "SSH_AUTH_SOCK", "PYTHONPATH"}


@every_command
def test_nothing_is_loosened(entry):
    assert (entry.cap_add, entry.security_opt, entry.cap_drop) == ((), (), None)
    assert entry.user == "host"
    assert entry.init
    assert bool(entry.ports) == (entry.name in SERVERS)
    assert all(port.host_ip == "127.0.0.1" for port in entry.ports)


def test_what_works_on_files_alone_has_no_network():
    assert {entry.name for entry in ENTRIES.values() if entry.network_mode == "none"} == OFFLINE
    assert {entry.network_mode for entry in ENTRIES.values()} == {"none", "bridge"}


LOCAL_SERVICES = {"curl", "helm", "httpie", "kubectl", "postgresql", "redis-cli"}
"""Apps that people use with services of their own machine."""


def test_what_talks_to_services_of_this_machine_says_how():
    said = {app for app in APPS if f"applaunch override {app} --network host" in TEXT}

    assert said == LOCAL_SERVICES
    assert {APPS[app].keys.get("network_mode", "bridge") for app in LOCAL_SERVICES} == {"bridge"}


def test_what_only_reads_cannot_write_the_current_folder():
    assert {entry.name for entry in ENTRIES.values() if entry.mount_cwd in ("ro", "project-ro")} == READERS


def test_what_reads_files_above_the_current_folder_gets_its_project():
    assert {entry.app for entry in ENTRIES.values() if entry.mounts_project} == OF_PROJECTS


def test_a_program_without_files_of_the_current_folder_gets_none():
    assert {entry.name for entry in ENTRIES.values() if entry.mount_cwd == "none"} == {"openstack", "stack"}


def test_the_talks_three_commands_are_as_in_the_talk():
    youtube_dl, openstack, stack = (
        owner_of([STARTER], name).entry(name) for name in ("youtube-dl", "openstack", "stack")
    )

    assert (youtube_dl.image, youtube_dl.user, youtube_dl.mount_cwd) == (
        "docker.io/vimagick/youtube-dl:latest",
        "host",
        "rw",
    )
    assert (youtube_dl.working_dir, youtube_dl.volumes, youtube_dl.command) == ("/data", (), None)
    assert openstack.image == stack.image == "registry.gitlab.com/gbraad/openstack-client:centos"
    assert openstack.volumes == (Mount("~/.config/openstack", "~/.config/openstack", required=False),)
    assert stack.volumes == (Mount("~/.stack", "~/.stack", required=False),)
    assert (openstack.command, stack.command) == (("openstack",), ("stack",))
    assert (openstack.user, stack.user, openstack.mount_cwd) == ("host", "host", "none")
