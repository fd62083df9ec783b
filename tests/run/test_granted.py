"""What an app could do beyond what it was shown to do: tried on the real engine."""

import json
import os
import stat

import pytest

pytestmark = pytest.mark.engine
BUSYBOX = "docker.io/library/busybox:latest"
LEAVE = "cp /bin/busybox left 2>/dev/null; chown 0:0 left 2>/dev/null; chmod 4755 left"


def may(home, name):
    """Return what `applaunch permissions` shows of an app, by key."""
    found = json.loads(home.run("applaunch", "permissions", name, "--json", check=True).stdout)
    return {(each["key"], each["risk"]) for each in found}


@pytest.mark.parametrize("user", ["image", "0", "${NOBODY_SETS_IT:-00:00}"])
def test_a_user_that_leaves_roots_programs_here_is_critical(home, engine, user):
    home.work.chmod(0o777)
    home.app("leave", engine.ref(BUSYBOX), entrypoint='["/bin/sh", "-c"]', user=f'"{user}"', network_mode='"none"')

    home.owned_by(4321).run("leave", LEAVE)

    left = (home.work / "left").stat()
    remapped = engine.name == "docker-userns" and user == "image"
    assert (left.st_uid == 0, bool(left.st_mode & stat.S_ISUID)) == (not remapped, True)
    assert ("user", "high" if remapped else "critical") in may(home, "leave")


def test_the_caller_leaves_only_its_own(home, engine):
    home.app("leave", engine.ref(BUSYBOX), entrypoint='["/bin/sh", "-c"]', network_mode='"none"')

    home.owned_by(4321).run("leave", LEAVE)

    assert (home.work / "left").stat().st_uid == 4321
    assert ("user", "critical") not in may(home, "leave")


@pytest.mark.parametrize("right", ["environment", "environment:GITHUB_*"])
def test_a_variable_that_is_denied_does_not_arrive_under_another_name(home, engine, right):
    variables = '["H=${GITHUB_TOKEN:-}", "I=a${GITHUB_TOKEN:-}", "GITHUB_TOKEN", "KEPT=1"]'
    home.app("tell", engine.ref(BUSYBOX), command='["env"]', environment=variables, working_dir='"/w${GITHUB_TOKEN:-}"')
    assert ("environment", "medium") in may(home, "tell")
    home.run("applaunch", "override", "tell", "--deny", right, check=True)

    told = home.run("tell", env={"GITHUB_TOKEN": "s3cret"}, check=True).stdout

    assert "KEPT=1" in told
    assert "s3cret" not in told


def test_a_link_left_in_what_is_kept_of_a_home_is_not_followed_by_the_next_entry(home, engine):
    home.app("keep", engine.ref(BUSYBOX), entrypoint='["/bin/sh", "-c"]', persist='["."]', network_mode='"none"')
    home.run("keep", f"ln -s / {home.path}/all", check=True)
    home.app("keep", engine.ref(BUSYBOX), entrypoint='["/bin/sh", "-c"]', persist='["all"]', network_mode='"none"')

    ended = home.run("keep", f"ls {home.path}/all")

    assert ended.returncode == 126
    assert "is a link out of" in ended.stderr


def test_a_link_left_in_a_volume_is_not_followed_for_another_volume_in_it(home, engine):
    (home.path / "d/x").mkdir(parents=True)
    volumes = f'["{home.path}/d:/d", "{home.path}/d/x:/x"]'
    home.app("two", engine.ref(BUSYBOX), entrypoint='["/bin/sh", "-c"]', volumes=volumes, network_mode='"none"')
    home.run("two", "sleep 1; ls /x && mv /d/x /d/y && ln -s / /d/x", check=True)

    ended = home.run("two", "ls /x")

    assert (ended.returncode, "is a link out of" in ended.stderr) == (126, True)


def test_openstack_runs_as_the_caller_with_its_own_folder_at_home(home, engine):
    clouds = home.path / ".config/openstack/clouds.yaml"
    clouds.parent.mkdir(parents=True)
    clouds.write_text("clouds: {demo: {auth: {auth_url: 'https://cloud.example/v3', username: ana, password: p}}}\n")
    image = engine.ref("registry.gitlab.com/gbraad/openstack-client:centos")
    home.catalog(f'[apps.openstack]\nimage = "{image}"\n')
    home.run("applaunch", "add", "openstack", check=True)
    uid = engine.caller_uid or 4321
    home.owned_by(uid).unpacked("openstack")

    ended = home.run("openstack", "--os-cloud", "demo", "configuration", "show", "-f", "json")

    assert json.loads(ended.stdout)["auth.username"] == "ana", ended.stderr
    assert "critical" not in {risk for _, risk in may(home, "openstack")}
    assert os.stat(clouds).st_uid == uid
