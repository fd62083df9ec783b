"""What a program in a sandbox inherits from its caller, and what it sees of the machine."""

import pytest

pytestmark = pytest.mark.engine


@pytest.fixture
def shell(user, sandboxed):
    """Run a line of the caller's shell, in which `tool` is a shell in a sandbox."""
    sandboxed()

    def run(line, **how):
        return user.run("bash", "-c", line, **how)

    return run


@pytest.mark.parametrize(
    ("prepare", "ask"),
    [
        ("umask 027", "umask; touch made; stat -c %a made; rm made"),
        ("ulimit -n 77", "ulimit -n"),
        ("ulimit -f 99", "ulimit -f"),
        ("ulimit -c 0", "ulimit -c"),
        ("ulimit -s 4096", "ulimit -s"),
        ("renice -n 7 $$ > /dev/null", "nice"),
        ("taskset -pc 0 $$ > /dev/null", "taskset -pc $$ | cut -d: -f2"),
        ("chrt -b -p 0 $$", "chrt -p $$ | cut -d: -f2"),
        ("ionice -c 3 -p $$", "ionice -p $$"),
    ],
)
def test_the_program_inherits_what_a_native_one_inherits(shell, prepare, ask):
    native = shell(f"{prepare}; bash -c '{ask}'")

    assert shell(f"{prepare}; tool -c '{ask}'").stdout == native.stdout


def test_the_program_is_in_the_callers_cgroup(shell):
    assert (
        shell(
            "tool -c 'touch begun; exec sleep 30' & p=$!; until test -e begun; do sleep 0.1; done; for c in $(pgrep -P $(pgrep -P $p)); do cat /proc/$c/cgroup; done > in; "
            "kill $p; cat /proc/self/cgroup > out; cmp in out && test -s in && echo same"
        ).stdout
        == "same\n"
    )


def test_files_are_the_callers(shell, user):
    shell("tool -c 'touch made; mkdir -p a/b; ln -s made link'")

    for name in ("made", "a", "a/b", "link"):
        assert (user.work / name).lstat().st_uid == user.user


def test_the_program_has_no_capability_and_can_gain_none(shell):
    status = dict(
        line.split(":\t") for line in shell("tool -c 'cat /proc/self/status'").stdout.splitlines() if ":\t" in line
    )

    assert [int(status[f"Cap{each}"], 16) for each in ("Inh", "Prm", "Eff", "Amb")] == [0] * 4
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


@pytest.mark.parametrize(
    "attempt",
    [
        "unshare -U true",
        "mount -t tmpfs x /mnt",
        "chroot / true",
        "dd if=/dev/zero of=/dev/sda count=1",
        "mknod x b 8 0",
        "touch /usr/x",
        "echo 1 > /proc/sys/vm/drop_caches",
        "echo b > /proc/sysrq-trigger",
        "kill -9 -1; kill -0 $PPID && false",
        "ls /proc/1/root/../../root/.ssh",
        "cat /proc/kcore",
        "su -c true",
        "chown 0 .",
    ],
)
def test_what_must_not_be_possible_is_not(shell, attempt):
    assert shell(f"tool -c '{attempt}' 2>/dev/null && echo possible").stdout == ""


def test_the_program_sees_its_own_processes_only(shell):
    seen = shell("sleep 30 & tool -c 'ls -d /proc/[0-9]*'; kill %1").stdout.split()

    assert 1 <= len(seen) <= 3


def test_nothing_of_the_callers_environment_comes_by_itself(shell):
    said = shell("tool -c 'env; cat /proc/1/environ'", env={"SECRET_TOKEN": "hunter2"}).stdout

    assert "hunter2" not in said


def test_no_value_of_the_environment_shows_in_ps(user, sandboxed):
    sandboxed("hidden", environment='["PASSWORD=hunter2"]')
    begun = "until test -e begun; do sleep 0.1; done"
    script = f"hidden -c 'touch begun; exec sleep 30' & p=$!; {begun}; echo seen; cat /proc/[0-9]*/cmdline | tr '\\0' ' '; kill $p"

    said = user.run("bash", "-c", script).stdout

    assert "seen" in said
    assert "bwrap" in said
    assert "hunter2" not in said


def test_nothing_is_left_mounted_and_no_file_is_left(shell, user):
    shell("tool -c true; tool -c true")  # they make what all later calls share
    before = {*user.path.rglob("*")}
    mounts = shell("cat /proc/mounts").stdout

    shell("tool -c 'touch /tmp/x; mkdir -p /tmp/y; exit 3'")

    assert shell("cat /proc/mounts").stdout == mounts
    assert {*user.path.rglob("*")} == before


def test_what_a_program_writes_to_tmp_is_gone_for_the_next(shell):
    assert shell("tool -c 'echo x > /tmp/kept; cat /tmp/kept'; tool -c 'cat /tmp/kept 2> /dev/null'").stdout == "x\n"


def test_a_program_cannot_change_the_image(shell):
    said = shell(
        "tool -c 'echo x >> /etc/bash.bashrc'; tool -c 'rm -rf /usr/share/doc 2>/dev/null; ls -d /usr/share/doc'"
    )

    assert "Read-only file system" in said.stderr or "Permission denied" in said.stderr
    assert said.stdout == "/usr/share/doc\n"
