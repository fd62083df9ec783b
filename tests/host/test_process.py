import json
import os
import re
import signal
import subprocess
import sys

import pytest

from launcher.core.run.liveness import launch_state
from launcher.core.values.invocation import Invocation
from launcher.host import process

ASK = """
import codecs, json, os, pwd, sys
from launcher.errors import HostError
from launcher.host import process
codecs.lookup("ascii")  # while it can be read: this Python may live in a folder of root's
if become := int(os.environ.pop("BECOME", "0")):
    os.setgroups([become + 1])
    os.setgid(become)
    os.setuid(become)
try:
    call = process.read_invocation("x", sys.argv[1:])
except HostError as error:
    sys.exit(error.line)
with open(3, "w") as answer:
    json.dump(call._replace(env={})._asdict(), answer)
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")


def asked(*args, **options):
    """Return the facts of a process that is started with these *options*, and what it said."""
    read, write = os.pipe()
    before = options.pop("preexec_fn", lambda: None)

    def prepare():
        os.dup2(write, 3)
        before()

    env = options.pop("env", {"HOME": "/root"})
    done = subprocess.run(  # noqa: PLW1510  it is among the options
        [sys.executable, "-c", ASK, *args],
        **{
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.PIPE,
            "stdin": subprocess.DEVNULL,
            "check": False,
            **options,
        },
        env=env,
        preexec_fn=prepare,
        pass_fds=[3],
    )
    os.close(write)
    with open(read, encoding="utf-8") as answer:
        text = answer.read()
    return (Invocation(**json.loads(text)) if text else None), done.stderr.decode()


def test_an_invocation_holds_the_facts_of_the_caller(tmp_path):
    call, _ = asked("-a", "b c", "", cwd=tmp_path, env={"HOME": str(tmp_path)})

    assert call.args == ["-a", "b c", ""]
    assert (call.cwd, call.home) == (os.path.realpath(tmp_path),) * 2
    assert (call.uid, call.gid) == (os.getuid(), os.getgid())
    assert (call.stdin_open, call.stdin_tty, call.stdout_tty, call.is_interactive) == (False, False, False, False)
    assert re.fullmatch(r"\d+\.\d+@\S+", call.started)


def test_arguments_that_are_not_utf8_are_kept():
    call, _ = asked(os.fsdecode(b"\xff\xfe"))

    assert os.fsencode(call.args[0]) == b"\xff\xfe"


def test_links_in_the_current_folder_are_resolved(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    call, _ = asked(cwd=tmp_path / "link", env={"HOME": str(tmp_path / "link"), "PWD": str(tmp_path / "link")})

    assert (call.cwd, call.home) == (str(tmp_path / "real"),) * 2


def test_a_deleted_current_folder_is_reported(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()

    call, said = asked(cwd=gone, preexec_fn=gone.rmdir)

    assert (call, said) == (None, "applaunch: x: the current folder no longer exists; cd to another folder\n")


@pytest.mark.parametrize(
    ("stdin", "is_open"),
    [(subprocess.DEVNULL, False), (subprocess.PIPE, True), ("closed", False), ("file", True)],
)
def test_stdin_has_input_unless_it_is_closed_or_null(tmp_path, stdin, is_open):
    (tmp_path / "file").write_text("x")
    if stdin == "closed":
        call, _ = asked(preexec_fn=lambda: os.close(0))
    elif stdin == "file":
        with (tmp_path / "file").open() as file:
            call, _ = asked(stdin=file)
    else:
        call, _ = asked(stdin=stdin)

    assert call.stdin_open is is_open


@pytest.mark.parametrize("env", [{}, {"HOME": ""}])
def test_without_home_the_account_counts(env):
    import pwd

    call, _ = asked(env=env)

    assert call.home == os.path.realpath(pwd.getpwuid(os.getuid()).pw_dir)
    assert call.user == pwd.getpwuid(os.getuid()).pw_name


@as_root
def test_a_uid_without_account_has_a_name_and_no_home():
    call, _ = asked(env={"BECOME": "54321"}, cwd="/")

    assert (call.uid, call.gid, call.groups) == (54321, 54321, [54322])
    assert (call.user, call.home) == ("user54321", "/")


def test_a_terminal_is_detected_with_its_size():
    import fcntl
    import struct
    import termios

    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    call, _ = asked(stdin=theirs, stdout=theirs)

    os.close(ours)
    os.close(theirs)
    assert (call.rows, call.columns) == (24, 80)
    assert (call.stdin_tty, call.stdout_tty, call.is_interactive, call.stdin_open) == (True, True, True, True)


def test_the_stamp_distinguishes_processes_with_the_same_pid():
    with subprocess.Popen(["sleep", "60"]) as other:
        mine, theirs = process.process_stamp(os.getpid()), process.process_stamp(other.pid)
        other.kill()

    assert mine == process.process_stamp(os.getpid())
    assert mine.partition("@")[2] == theirs.partition("@")[2] != ""
    assert process.process_stamp(other.pid) == ""


@as_root
def test_the_stamps_in_a_container_name_its_pid_namespace():
    program = "import json, os\nfrom launcher.host import process\n"
    program += "stamps, place = process.live_stamps()\nprint(json.dumps([process.process_stamp(os.getpid()), sorted(stamps), place]))"
    inside = ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, "-c", program]

    started, stamps, place = json.loads(subprocess.run(inside, capture_output=True, check=True).stdout)

    _, here = process.live_stamps()
    assert started in stamps
    assert started.partition(".")[2].startswith("1@")
    assert process.process_stamp(os.getpid()) not in stamps
    assert place != here
    assert place.startswith(f"{here.partition(':')[0]}:")


@as_root
def test_the_machine_sees_the_stamp_of_a_process_in_a_container():
    program = "import os, sys\nfrom launcher.host import process\n"
    program += "print(process.process_stamp(os.getpid()), flush=True)\nsys.stdin.read()"
    inside = ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, "-c", program]
    with subprocess.Popen(inside, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        started = child.stdout.readline().strip()
        alive, boot = process.live_stamps()
        child.stdin.close()

    assert launch_state(started, alive, boot) == "alive"
    assert launch_state(started, process.live_stamps()[0], boot) == "dead"


def test_a_link_to_a_shim_runs_the_command_of_the_shim(tmp_path):
    (tmp_path / "jq").touch()
    (tmp_path / "q").symlink_to("jq")
    (tmp_path / "current").mkdir()
    known = str(tmp_path / "current")

    assert process.command_name(str(tmp_path / "jq"), known) == "jq"
    assert process.command_name(str(tmp_path / "q"), known) == "jq"
    (tmp_path / "current/q").touch()
    assert process.command_name(str(tmp_path / "q"), known) == "q"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGPIPE])
def test_a_shell_sees_the_death_by_signal(number):
    program = f"from launcher.host.process import die_by_signal\nprint('x' * 9999)\ndie_by_signal({int(number)})"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (-number, "")
