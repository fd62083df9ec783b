"""What of the host a program sees: the current folder, its volumes, and nothing else (peers.md, M1 and M2)."""

import json

import pytest

pytestmark = pytest.mark.engine

PROBE = "docker.io/applaunch/probe:latest"


def test_the_current_folder_is_mounted_and_is_the_working_directory(home, bash):
    (home.work / "here.txt").write_text("content")

    ended = home.run(bash, "-c", "pwd; cat here.txt; echo new > made.txt")

    assert ended.stdout == f"{home.work}\ncontent"
    assert (home.work / "made.txt").read_text() == "new\n"


@pytest.mark.parametrize(
    "name", ["with space", "ünï-漢字", "a:b", "comma,comma", "qu'ote", 'dou"ble', "$HOME", "new\nline", "*"]
)
def test_a_folder_of_any_name_is_mounted(home, bash, name):
    folder = home.work / name
    folder.mkdir()
    (folder / "f").write_text("seen")

    ended = home.run(bash, "-c", "cat f && echo 1 > g && pwd", cwd=folder)

    assert ended.stdout == f"seen{folder}\n"
    assert (folder / "g").exists()


def test_a_folder_reached_through_a_symbolic_link_is_the_real_one(home, bash):
    (home.path / "real").mkdir()
    (home.path / "link").symlink_to("real")

    ended = home.run("bash", "-c", f"cd {home.path}/link && {bash} -c 'echo x > f; pwd'")

    assert (home.path / "real/f").exists()
    assert ended.stdout == f"{home.path}/real\n"


def test_working_dir_is_where_the_folder_is_seen(home, engine):
    home.app("data", engine.ref(PROBE), command='["bash"]', working_dir='"/data"')

    ended = home.run("data", "-c", "pwd; touch f")

    assert ended.stdout == "/data\n"
    assert (home.work / "f").exists()


def test_a_folder_mounted_to_read_cannot_be_written(home, engine):
    home.app("reader", engine.ref(PROBE), command='["bash"]', mount_cwd='"ro"')

    ended = home.run("reader", "-c", "touch f")

    assert ended.returncode == 1
    assert "Read-only file system" in ended.stderr


def test_no_folder_is_mounted_where_the_entry_wants_none(home, engine):
    home.app("blind", engine.ref(PROBE), command='["bash"]', mount_cwd='"none"')
    (home.work / "secret").write_text("x")

    assert home.run("blind", "-c", "pwd; ls").stdout.splitlines()[0] == "/"
    assert "secret" not in home.run("blind", "-c", f"ls; cat {home.work}/secret").stdout


def test_volumes_are_mounted_where_they_say(home, engine):
    (home.path / "conf").mkdir()
    (home.path / "conf/file").write_text("configured")
    volumes = '["~/conf:/etc/tool:ro", { source = "~/missing", target = "/missing", required = false }]'
    home.app("tool", engine.ref(PROBE), command='["bash"]', volumes=volumes)

    ended = home.run("tool", "-c", "cat /etc/tool/file; touch /etc/tool/x; ls -d /missing")

    assert ended.stdout == "configured"
    assert "Read-only file system" in ended.stderr
    assert "/missing" in ended.stderr
    assert not (home.path / "missing").exists()


def test_a_volume_whose_source_is_missing_is_refused_and_made_by_nobody(home, engine):
    home.app("tool", engine.ref(PROBE), command='["bash"]', volumes='["~/not there:/x"]')
    home.run("tool", "-c", "true")

    ended = home.run("tool", "-c", "true")

    assert ended.returncode == 126
    assert ended.stderr == (
        f"applaunch: tool: the volume's source {home.path}/not there does not exist; mkdir -p '{home.path}/not there'\n"
    )
    assert not (home.path / "not there").exists()


def test_variables_in_a_volume_come_from_the_caller(home, engine):
    (home.path / "elsewhere").mkdir()
    home.app("tool", engine.ref(PROBE), command='["bash"]', volumes='["${DATA:-/nowhere}:/x"]')

    assert home.run("tool", "-c", "touch /x/f", env={"DATA": str(home.path / "elsewhere")}).returncode == 0
    assert (home.path / "elsewhere/f").exists()


@pytest.mark.parametrize("folder", ["/", "/etc", "/usr", "/proc", "/sys", "/dev"])
def test_a_folder_of_the_system_is_refused(home, bash, folder):
    home.run(bash, "-c", "true")

    ended = home.run(bash, "-c", "true", cwd=folder)

    assert ended.returncode == 126
    assert ended.stderr == (
        f"applaunch: pbash: the current folder {folder} belongs to the system and is not mounted;"
        " change to another folder, or set mount_cwd = 'none' for it\n"
    )


def test_a_volume_of_the_current_folder_is_refused_in_a_folder_of_the_system(home, engine):
    home.app("tool", engine.ref(PROBE), command='["bash"]', mount_cwd='"none"', volumes='["${PWD}:/data"]')

    assert home.run("tool", "-c", "pwd > /data/here").returncode == 0
    ended = home.run("tool", "-c", "true", cwd="/etc")

    assert ended.returncode == 126
    assert ended.stderr == (
        "applaunch: tool: the current folder /etc belongs to the system and is not mounted;"
        " change to another folder, or remove the volume ${PWD}:/data from its entry\n"
    )


def test_secrets_are_covered_where_the_whole_home_is_mounted(home, bash):
    (home.path / ".ssh").mkdir()
    (home.path / ".ssh/id_ed25519").write_text("PRIVATE")
    (home.path / ".netrc").write_text("PASSWORD")
    (home.path / "notes").write_text("fine")

    ended = home.run(bash, "-c", "cat notes; ls -A .ssh; cat .netrc; cat .ssh/id_ed25519", cwd=home.path)

    assert ended.stdout == "fine"
    assert "PRIVATE" not in ended.stderr


def test_a_secret_that_the_entry_mounts_by_name_is_not_covered(home, engine):
    (home.path / ".aws").mkdir()
    (home.path / ".aws/config").write_text("region")
    home.app("aws", engine.ref(PROBE), command='["bash"]', volumes='["~/.aws:~/.aws"]')

    assert home.run("aws", "-c", "cat ~/.aws/config", cwd=home.path).stdout == "region"


def test_a_folder_that_is_gone_is_one_line(home, bash):
    gone = home.path / "gone"
    gone.mkdir()

    ended = home.run("bash", "-c", f"cd {gone} && rmdir {gone} && {bash} -c true")

    assert ended.returncode == 125
    assert ended.stderr.splitlines()[-1] == (
        "applaunch: pbash: the current folder no longer exists; cd to another folder"
    )


def test_the_whole_environment_is_what_the_entry_lets_through(home, engine):
    home.app(
        "env", engine.ref(PROBE), command='["probe"]', environment='["A=1", "WANTED", "PRE_*"]', network_mode='"none"'
    )
    mine = {
        "WANTED": "yes",
        "PRE_ONE": "1",
        "PRE_TWO": "2",
        "SECRET_TOKEN": "no",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "NO_PROXY": "x",
    }

    seen = json.loads(home.run("env", env=mine).stdout)["environment"]

    del seen["HOSTNAME"], seen["PATH"]
    seen.pop("PWD", None)  # bubblewrap sets it (docs/engines.md)
    seen.pop("container", None)  # podman tells every program that it is in a container, and nothing keeps it from that
    expected = {
        "APPLAUNCH_SHIM": "env",
        "A": "1",
        "WANTED": "yes",
        "PRE_ONE": "1",
        "PRE_TWO": "2",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "NO_PROXY": "x",
    }
    assert seen == {"TERM": "xterm", "LANG": "C.UTF-8", "HOME": str(home.path)} | expected


def test_limits_are_in_force(home, engine):
    home.app(
        "limited",
        engine.ref(PROBE),
        command='["bash"]',
        mem_limit='"64m"',
        pids_limit="50",
        cpus="0.5",
        ulimits="{ nofile = 99 }",
        read_only="true",
        tmpfs='["/scratch"]',
        hostname='"box"',
        shm_size='"1m"',
    )
    script = "ulimit -n; hostname; touch /x 2>/dev/null || echo ro; touch /scratch/y && echo rw; "
    script += "df --output=size -B1 /dev/shm | tail -1"

    lines = home.run("limited", "-c", script).stdout.split()

    assert lines == ["99", "box", "ro", "rw", str(1 << 20)]
    inspected = home.run("applaunch", "run", "--dry-run", "limited").stdout
    assert "--memory 67108864" in inspected
    assert "--cpus 0.5" in inspected
    assert "--pids-limit 50" in inspected


def test_doctor_says_whether_limits_are_in_force(home, engine):
    home.app("limited", engine.ref(PROBE), entrypoint='["bash", "-c"]', mem_limit='"64m"', pids_limit="50", cpus="0.5")
    script = "cat /sys/fs/cgroup/memory/memory.limit_in_bytes || cat /sys/fs/cgroup/memory.max"

    in_force = home.run("limited", script).stdout == f"{64 << 20}\n"

    told = [each["what"] for each in json.loads(home.run("applaunch", "doctor", "--json").stdout)["findings"]]
    assert any("mem_limit" in what and "does not enforce" in what for what in told) != in_force


def test_a_program_without_a_network_has_none(home, bash):
    assert home.run(bash, "-c", "cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d ' '").stdout == "lo\n"


def test_a_program_without_a_network_reaches_itself_by_name(home, engine):
    home.app("alone", engine.ref(PROBE), entrypoint='["python3", "-c"]', network_mode='"none"')
    script = (
        "import socket; a = socket.create_server(('localhost', 0)); b = socket.create_connection(a.getsockname());"
        "b.send(b'hello'); print(a.accept()[0].recv(9), socket.gethostbyname('localhost'), len(socket.gethostname()) > 0)"
    )

    ended = home.run("alone", script)

    assert (ended.stdout, ended.stderr) == ("b'hello' 127.0.0.1 True\n", "")


def test_the_user_decides_which_secrets_are_covered(home, bash):
    (home.path / ".config/applaunch/config.toml").write_text('[home]\ncover = ["taxes"]\nshow = [".netrc"]\n')
    (home.path / "taxes").mkdir()
    (home.path / "taxes/2025").write_text("PRIVATE")
    (home.path / ".netrc").write_text("shown")

    ended = home.run(bash, "-c", "ls -A taxes; cat .netrc", cwd=home.path)

    assert ended.stdout == "shown"
