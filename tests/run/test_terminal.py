"""A terminal only where a person sits at both ends, and always given back as it was (design.md, promise 2)."""

import os
import re
import signal
import time

import pexpect
import pyte
import pytest

pytestmark = pytest.mark.engine


@pytest.fixture
def typed(home):
    """Start a program on a terminal of its own, as a person would."""
    started = []

    def start(line, rows=24, columns=80, **env):
        home.warmed(env)
        child = pexpect.spawn(
            "bash",
            ["--norc", "-c", line],
            env=home.env | env,
            cwd=str(home.work),
            dimensions=(rows, columns),
            timeout=60,
            encoding="utf-8",
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.close(force=True)


@pytest.fixture
def warm(home, bash):
    """A bash whose image is here already, so that a terminal shows nothing but the program's."""
    home.run(bash, "-c", "true", check=True)
    return bash


def test_a_terminal_at_both_ends_is_a_terminal_inside(typed, warm):
    child = typed(f"{warm} -c 'test -t 0 && test -t 1 && test -t 2 && echo all three'")

    child.expect("all three")
    child.expect(pexpect.EOF)


def test_a_pipe_at_either_end_is_no_terminal_and_has_no_carriage_return(typed, warm, home):
    child = typed(
        f"{warm} -c 'test -t 1 || echo piped' | od -c; echo x | {warm} -c 'test -t 0 || echo fed' > out; cat out"
    )

    child.expect(r"p   i   p   e   d  \\n\r")
    child.expect("fed")
    child.expect(pexpect.EOF)
    assert (home.work / "out").read_bytes() == b"fed\n"


def test_a_resize_reaches_the_program(typed, warm):
    child = typed(
        f"{warm} -c 'trap \"stty size\" WINCH; echo ready; while :; do sleep 0.1; done'", rows=30, columns=100
    )
    child.expect("ready")

    child.setwinsize(41, 123)

    child.expect("41 123")


def test_the_size_is_right_soon_after_the_start(typed, warm):
    child = typed(f"{warm} -c 'for i in 1 2 3 4 5; do sleep 0.1; stty size; done'", rows=31, columns=97)

    child.expect("31 97")


@pytest.mark.smoke
def test_an_interactive_shell_is_usable(typed, warm):
    child = typed(f"{warm} --norc")
    child.expect("[#$] ")

    child.sendline("echo $((6 * 7))")
    child.expect("[\r\n]42\r\n")
    child.sendline("exit 3")
    child.expect(pexpect.EOF)

    child.wait()
    assert child.exitstatus == 3


def test_ctrl_c_goes_to_the_program_and_the_caller_sees_it_die(typed, warm):
    child = typed(f"{warm} -c 'echo ready; exec sleep 60'; echo ended $?")
    child.expect("ready")

    child.sendcontrol("c")

    child.expect(pexpect.EOF)
    assert "ended" not in child.before  # bash ends its script where a child died of SIGINT, as for a native program


def test_ctrl_d_ends_the_input(typed, warm):
    child = typed(f"{warm} -c 'cat; echo bye'")
    child.sendline("hello")
    child.expect("hello\r\nhello")

    child.sendcontrol("d")

    child.expect("bye")


def test_ctrl_p_is_not_held_back(typed, warm):
    child = typed(f"{warm} -c 'stty raw -echo; echo ready; dd bs=1 count=1 2>/dev/null | od -An -tx1'")
    child.expect("ready")

    child.sendcontrol("p")

    child.expect("10")


@pytest.mark.parametrize("ending", ["exit 0", "kill -9 $$", "exit 9"])
def test_the_terminal_is_as_it_was_afterwards(typed, warm, ending):
    child = typed(
        f"stty -a > before; {warm} -c 'echo in; {ending}'; stty -a > after; cmp before after && echo restored"
    )

    child.expect("restored")


def test_the_terminal_is_restored_when_the_launcher_is_asked_to_end(typed, warm, home):
    child = typed(
        f"stty -a > before; {warm} -c 'echo in; exec sleep 60'; stty -a > after; cmp before after && echo restored"
    )
    child.expect("in")

    os.kill(min(home.processes()), signal.SIGTERM)  # the other one is its watcher

    child.expect("restored")


def test_ctrl_z_never_wedges_the_terminal(typed, warm):
    child = typed(f"{warm} --norc -i")
    child.expect("[#$] ")
    child.sendline("sleep 30")
    time.sleep(0.5)

    child.sendcontrol("z")
    child.expect("Stopped")
    child.sendline("kill %1; echo going on")

    child.expect("[\r\n]going on")


def test_python_is_usable(typed, home, engine):
    home.app("ppython", engine.ref("docker.io/applaunch/probe:latest"), entrypoint='["python3"]', network_mode='"none"')
    home.run("ppython", "-c", "pass", check=True)
    child = typed("ppython -q")
    child.expect(">>> ")

    child.sendline("6 * 7")
    child.expect("42")
    child.expect(">>> ")  # Python holds a Ctrl-C that comes before its prompt until the next line
    child.sendcontrol("c")
    child.expect("KeyboardInterrupt")
    child.sendcontrol("d")

    child.expect(pexpect.EOF)


class Screen(pyte.Screen):
    """A terminal's screen; pyte does not know the private form of SGR, which sets no rendition."""

    def select_graphic_rendition(self, *attrs, private=False):
        if not private:
            super().select_graphic_rendition(*attrs)


def test_a_full_screen_is_drawn_as_outside(typed, home, engine):
    home.app("pvim", engine.ref("docker.io/applaunch/probe:latest"), entrypoint='["vim.tiny"]', network_mode='"none"')
    home.run("pvim", "--version", check=True)
    (home.work / "poem").write_text("the first line\nthe second\n")
    screen = Screen(60, 12)
    stream = pyte.Stream(screen)
    child = typed("pvim poem", rows=12, columns=60)

    child.expect("the second")
    stream.feed(child.before + child.after)
    child.expect(pexpect.TIMEOUT, timeout=1)
    stream.feed(child.before)

    assert [line.rstrip() for line in screen.display[:3]] == ["the first line", "the second", "~"]
    assert "All" in screen.display[-1]


def test_vim_is_usable(typed, home, engine):
    (home.work / "poem").write_text("one\ntwo\n")
    home.app("pvim", engine.ref("docker.io/applaunch/probe:latest"), entrypoint='["vim.tiny"]', network_mode='"none"')
    home.run("pvim", "--version", check=True)
    child = typed("pvim poem")
    child.expect("two")

    child.send("ggOzero\x1b:wq\r")

    child.expect(pexpect.EOF)
    assert (home.work / "poem").read_text() == "zero\none\ntwo\n"


def test_less_is_usable(typed, home, engine):
    home.app("pless", engine.ref("docker.io/applaunch/probe:latest"), entrypoint='["less"]', network_mode='"none"')
    home.run("pless", "--version", check=True)
    (home.work / "long").write_text("".join(f"line {number}\n" for number in range(500)))
    child = typed("pless long")
    child.expect("line 22")

    for _ in range(3):  # less drops a key that comes at the moment of a resize, and docker 20.10 tells the size late
        child.send("G")
        if child.expect(["line 499", pexpect.TIMEOUT], timeout=10) == 0:
            break
    else:
        pytest.fail("less does not take its keys")
    child.send("q")

    child.expect(pexpect.EOF)


@pytest.mark.about("engine")
def test_a_pull_shows_its_layers_on_a_terminal_and_the_second_call_shows_nothing(typed, home, engine):
    image = engine.ref("docker.io/applaunch/layers:latest")
    home.app("layers", image, entrypoint='["true"]')
    engine.forget(image)
    home.apps.remove("layers")  # nothing may pull it for a container that waits
    child = typed("layers; echo done $?", rows=24, columns=90)

    child.expect(re.escape(f"layers: pulling {image}"))
    child.expect("Download complete" if "podman" in engine.name else r"\[=*>")  # podman tells no sizes
    child.expect("Digest: sha256:")
    child.expect("Status: Downloaded newer image for")
    child.expect("done 0")
    assert home.run("bash", "-c", "layers 2>&1").stdout == ""
