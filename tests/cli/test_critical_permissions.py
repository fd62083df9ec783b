"""What gives an app this machine takes its name, typed or written beforehand, in whatever way the app arrives."""

import pexpect
import pytest

from tests.remotes.publisher import publish

BB = "docker.io/library/busybox:latest"
TOOL = f'[apps.tool]\nimage = "{BB}"\n'
CRITICAL = {
    "root, with the current folder to write": 'user = "image"',
    "a user that a variable makes root": 'user = "${X:-0}"',
    "a path that leads to /": 'volumes = ["~/a/../../../../../../../../../../..:/d"]',
    "a variable whose default is /": 'volumes = ["${DATA:-/}:/d"]',
    "the engine's socket": 'volumes = ["/var/run:/d:ro"]',
    "a link to the home": 'volumes = ["~/link/:/d"]',
    "a profile of its own": 'security_opt = ["seccomp=/tmp/all.json"]',
}
HIGH = {
    "a volume of somebody else's": 'volumes = ["project_db:/d"]',
    "a name server": 'dns = ["6.6.6.6"]',
    "names": 'extra_hosts = ["github.com:6.6.6.6"]',
    "labels": 'labels = ["traefik.enable=true"]',
}


@pytest.fixture
def remote(team):
    """A remote whose app anybody may change; `put` publishes it anew."""
    (team.home.path / "link").symlink_to(team.home.path)
    serial = iter(range(1, 100))

    def put(keys=""):
        text = f'schema = 1\n[catalog]\nname = "team"\nserial = {next(serial)}\n{TOOL}{keys}\n'
        publish(team.folder, team.keys["ana"], text=text)

    put()
    team.add("--key", f"{team.keys['ana'].path}.pub")
    team.put = put
    return team


@pytest.mark.parametrize("extra", CRITICAL.values(), ids=CRITICAL)
def test_yes_does_not_approve_critical_permissions_of_a_remote(remote, extra):
    remote.put(extra)
    remote.update()

    done = remote.home.run("applaunch", "add", "-y", "tool")
    ran = remote.home.run("applaunch", "run", "tool")

    assert (done.returncode, "; approve them with: --allow-critical tool\n" in done.stderr) == (1, True)
    assert (ran.returncode, "asks for more than it may be given unasked" in ran.stderr) == (126, True)
    assert remote.home.run("applaunch", "add", "--allow-critical", "tool", "tool").returncode == 0


@pytest.mark.parametrize("extra", HIGH.values(), ids=HIGH)
def test_critical_permissions_always_ask(remote, extra):
    remote.put(extra)
    remote.update()

    done = remote.home.run("applaunch", "add", "tool")

    assert (done.returncode, "; approve them with: -y\n" in done.stderr) == (1, True)
    assert remote.home.run("applaunch", "add", "-y", "tool").returncode == 0


def test_permissions_of_a_second_command_are_asked_as_well(remote):
    remote.put('commands.tool = {}\ncommands.other = { user = "image" }')
    remote.update()

    shown = remote.home.run("applaunch", "info", "tool", check=True).stdout
    refused = remote.home.run("applaunch", "add", "-y", "tool")
    added = remote.home.run("applaunch", "add", "--allow-critical", "tool", "tool", check=True).stdout

    leaves = "leave programs in the current folder that run with the rights of root"
    assert (leaves in shown, leaves in refused.stderr, leaves in added) == (True, True, True)
    assert refused.returncode == 1


@pytest.mark.engine
@pytest.mark.parametrize("extra", [*CRITICAL.values(), *HIGH.values()], ids=[*CRITICAL, *HIGH])
def test_an_upgrade_to_critical_permissions_is_held(remote, engine, extra):
    remote.put('volumes = ["~/data:/d"]')
    remote.update()
    remote.home.run("applaunch", "add", "-y", "tool", check=True)
    remote.put(f'{extra}\ndescription = "new"')
    remote.update()

    before = remote.answer("permissions", "tool")

    done = remote.home.run("applaunch", "upgrade", "-y")

    assert "applaunch add tool" in done.stdout + done.stderr
    assert remote.answer("permissions", "tool") == before


@pytest.fixture
def project(home):
    """A project whose tool is root with the current folder to write."""
    folder = home.path / "project"
    folder.mkdir(parents=True)
    (folder / "applaunch.toml").write_text(f'schema = 1\n{TOOL}user = "image"\n')
    return folder


@pytest.mark.parametrize("command", ["trust", "sync"])
def test_yes_does_not_approve_critical_permissions_of_a_project(home, project, command):
    done = home.run("applaunch", "trust", "-y", cwd=project)

    assert done.returncode == 1
    assert "; approve them with: --allow-critical tool\n" in done.stderr
    terminal = pexpect.spawn(
        "applaunch",
        [command],
        cwd=str(project),
        env=home.env,
        encoding="utf-8",
        timeout=20,
    )
    terminal.expect_exact("trust this project?")
    terminal.sendline("y")
    terminal.expect_exact("type tool to allow it")
    terminal.sendline("y")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus != 0
    assert "not trusted yet" in home.run("applaunch", "run", "--dry-run", "tool", cwd=project).stderr


def test_critical_permissions_of_a_project_need_the_apps_name(home, project):
    terminal = pexpect.spawn("applaunch", ["trust"], cwd=str(project), env=home.env, encoding="utf-8", timeout=20)
    terminal.expect_exact("trust this project?")
    terminal.sendline("y")
    terminal.expect_exact("type tool to allow it")
    terminal.sendline("tool")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    home.run("applaunch", "untrust", cwd=project, check=True)

    assert home.run("applaunch", "trust", "-y", "--allow-critical", "tool", cwd=project).returncode == 0


def test_import_add_needs_the_names_of_critical_apps(home):
    (home.work / "lines").write_text(f"docker run --rm -v /:/host {BB} ls\n")
    words = ("applaunch", "import", "lines", "--as", "tool", "-y", "--add")

    done = home.run(*words)

    assert (done.returncode, "; approve them with: --allow-critical tool\n" in done.stderr) == (1, True)
    assert not (home.path / ".config/applaunch/catalog.toml").exists()
    assert home.run(*words, "--allow-critical", "tool").returncode == 0
    assert (home.bin / "tool").exists()


def test_extends_false_in_a_project_does_not_allow_what_is_denied(home, project):
    home.catalog(f'{TOOL}deny = ["network", "environment"]\n')
    (project / "applaunch.toml").write_text(f'schema = 1\n{TOOL}extends = false\nenvironment = ["TOKEN"]\n')
    home.run("applaunch", "trust", "-y", cwd=project, check=True)

    line = home.run("applaunch", "run", "--dry-run", "tool", cwd=project, env={"TOKEN": "secret"}).stdout

    assert "--network none" in line
    assert "secret" not in line
    assert "TOKEN" not in line
