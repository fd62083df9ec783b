"""The engine goes away in the middle of a run: one line, 125, and the terminal as it was."""

import contextlib
import select
import socket
import threading

import pexpect
import pytest

pytestmark = pytest.mark.engine


class Relay:
    """Stands before the real engine's socket; when it is cut, the engine is gone for whoever came through it."""

    def __init__(self, path, engine):
        self.path, self.engine = path, engine
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        path.chmod(0o666)  # whoever the test's programs run as
        self.listener.listen()
        self.ends = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self.engine)
                self.ends += [near, far]
                threading.Thread(target=self.carry, args=(near, far), daemon=True).start()

    def carry(self, near, far):
        with contextlib.suppress(OSError, ValueError):
            while True:
                for each in select.select([near, far], [], [])[0]:
                    data = each.recv(65536)
                    other = far if each is near else near
                    if data:
                        other.sendall(data)
                    else:
                        other.shutdown(socket.SHUT_WR)
                        return self.rest(other, each)

    def rest(self, reading, writing):
        while data := reading.recv(65536):
            writing.sendall(data)
        writing.shutdown(socket.SHUT_WR)

    def cut(self):
        self.path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for each in self.ends:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@pytest.fixture
def relay(engine, home):
    found = Relay(home.path / "e.sock", engine.docker_host.removeprefix("unix://"))
    home.docker_host = f"unix://{found.path}"
    yield found
    found.cut()
    engine.engine.remove_containers(label=["applaunch.app=pbash"])


def test_an_engine_that_goes_away_is_one_line_and_125(relay, bash, home):
    home.run(bash, "-c", "true", check=True, timeout=20)
    process = home.popen(bash, "-c", "echo ready; sleep 60", stdin=-3, stdout=-1, stderr=-1, text=True)
    assert process.stdout.readline() == "ready\n"

    relay.cut()
    _, said = process.communicate(timeout=30)

    assert process.returncode == 125
    assert said.startswith("applaunch: ")
    assert len(said.splitlines()) == 1


def test_the_terminal_is_restored_when_the_engine_goes_away(relay, bash, home):
    home.run(bash, "-c", "true", check=True, timeout=20)
    line = f"stty -a > before; {bash} -c 'echo ready; sleep 60'; echo code $?; stty -a > after; cmp before after && echo restored"
    child = pexpect.spawn("bash", ["--norc", "-c", line], env=home.env, cwd=str(home.work), timeout=30)
    child.expect("ready")

    relay.cut()

    child.expect("applaunch: ")
    child.expect("code 125")
    child.expect("restored")
    child.close(force=True)
