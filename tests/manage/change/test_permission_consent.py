"""Nothing widens its own permissions: what a catalog of others newly asks for waits for a person."""

import pytest

from launcher.manage.apps import add as adding
from launcher.manage.apps import pull, rollback
from launcher.manage.apps import upgrade as upgrading
from launcher.manage.apps.add import AddRequest
from launcher.manage.apps.upgrade import UpgradeOptions
from tests.manage.answers import agree


@pytest.fixture
def team(world, tmp_path, monkeypatch):
    """Two apps of a published catalog, which its publisher can change."""
    path = tmp_path / "published.toml"
    monkeypatch.setattr("launcher.run.catalog_set.package_file", lambda _: str(path))

    def publish(a="", b=""):
        path.write_text(
            "".join(
                f'schema = 1\n[apps.a]\nimage = "docker.io/library/a:1"\n{a}\n[apps.b]\nimage = "docker.io/library/b:1"\n{b}\n'
            )
        )

    for name in ("a", "b"):
        world.registry.publish(f"docker.io/library/{name}:1", f"{name} 1")
    publish()
    world.publish = publish
    return world


def add(world, *names, approve=agree, **keys):
    adding.add_apps(world.context("add", *names), AddRequest(names, keys), approve)
    pull.pull_images(world.context("pull"), names)


def upgrade(world):
    """Upgrade all, and return what each app newly asks for."""
    done = upgrading.upgrade_apps(world.context("upgrade"), UpgradeOptions(), agree)
    return {each.app: [permission.words for permission in each.requested] for each in done.plan.apps}


def entries(world, app):
    return world.context("status").record.deployed()[app].entries[app]


@pytest.mark.parametrize(
    ("before", "after", "asks"),
    [
        ("", 'volumes = ["~/.ssh:/k"]', ["read & write ~/.ssh (as /k)"]),
        ('volumes = ["~/x:/x:ro"]', 'volumes = ["~/x:/x"]', ["read & write ~/x (as /x)"]),
        ('volumes = ["~/x:/x"]', 'volumes = ["~/x:/x:ro", "~/x/y:/y"]', []),
        ('volumes = ["~/x:/x"]', 'volumes = ["~/x:/x", "~/xy:/y"]', ["read & write ~/xy (as /y)"]),
        ('network_mode = "none"', "", ["network"]),
        ("", 'network_mode = "host"', ["this machine's network"]),
        ("", 'network_mode = "none"', []),
        ('mount_cwd = "ro"', "", ["read & write the current folder"]),
        ("", 'mount_cwd = "none"', []),
        ("", 'mount_cwd = "project"', ["read & write the project of the current folder"]),
        ('mount_cwd = "project"', "", []),
        (
            'mount_cwd = "project"',
            'mount_cwd = "project"\nproject_markers = ["a"]',
            ["find the top of a project by .git, applaunch.toml, a"],
        ),
        ('environment = ["A"]', 'environment = ["A", "TOKEN"]', ["your variables A, TOKEN"]),
        ('environment = ["A"]', 'environment = ["B=1"]', []),
        ("", 'cap_add = ["NET_ADMIN"]', ["the capabilities NET_ADMIN"]),
        (
            "",
            'user = "image"',
            [
                "run as the image's user",
                "leave programs in the current folder that run with the rights of root, if the image's user is root",
            ],
        ),
        ('user = "image"', "", []),
        ('volumes = ["~/x:/x"]', 'volumes = ["~/x/../x/y/.:/y"]', []),
        ('ports = ["80:80"]', 'ports = ["0.0.0.0:80:80"]', ["listen on 0.0.0.0:80"]),
        ("", 'security_opt = ["seccomp=unconfined"]', ["run with seccomp=unconfined"]),
        ("", 'path_args = "rw"', ["write files named in its arguments, and their folders"]),
        ("", "init = false", []),
    ],
)
def test_an_app_that_asks_for_more_is_held_and_one_that_asks_for_less_is_not(team, before, after, asks):
    team.publish(a=before)
    add(team, "a", "b")
    old = entries(team, "a")
    team.publish(a=after, b="init = false")

    assert upgrade(team) == {"a": asks, "b": []}

    assert (entries(team, "a") == old) == bool(asks)
    assert entries(team, "b")["init"] is False


def test_a_held_app_keeps_its_image_too_and_goes_on_once_somebody_agrees(team):
    add(team, "a")
    team.publish(a='network_mode = "host"')
    team.registry.publish("docker.io/library/a:1", "a 2")

    assert upgrade(team)["a"]
    number = team.context("status").record.deployed()["a"].number
    assert number == 1

    add(team, "a")
    assert upgrade(team) == {"a": []}
    assert team.context("status").record.deployed()["a"].digest == team.registry.digest("docker.io/library/a:1")


def test_what_the_user_allowed_is_not_asked_about(team):
    add(team, "a", network_mode="host")
    team.publish(a="init = false")

    assert upgrade(team) == {"a": []}


def test_what_the_user_denied_does_not_hold_an_app(team):
    from launcher.manage.apps import override

    add(team, "a")
    override.override_app(team.context("override"), "a", {"deny": ["network", "~/.ssh"]})
    team.publish(a='network_mode = "host"')

    assert upgrade(team) == {"a": []}


def test_the_plan_tells_what_becomes_of_each_app(team):
    add(team, "a", "b")
    rollback.pin_apps(team.context("pin", "b"), ["b"], wanted=True)
    team.publish(a='network_mode = "host"', b="init = false")

    plan = upgrading.preview_upgrade(team.context("upgrade", "--dry-run"))

    assert {each.app: each.outcome for each in plan.apps} == {"a": "held", "b": "pinned"}
    assert plan.changing == ()
    rollback.pin_apps(team.context("unpin", "b"), ["b"], wanted=False)
    team.publish(b="init = false")
    assert outcomes(team) == {"a": "unchanged", "b": "change"}


def outcomes(world):
    return {each.app: each.outcome for each in upgrading.preview_upgrade(world.context("outdated")).apps}
