"""A run that has ended and whose container the engine cannot remove yet: its port's proxy is stopped."""

import os
import signal
import socket
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.leftovers import eventually_none

PROGRAM = "touch begun; while [ ! -e end ]; do sleep 0.05; done"


@contextmanager
def held_removal(home, engine, image):
    """Run the app ``held``, which has that *image*, and hold its container in the state after its end.

    Gives a function that lets the engine go on after so many seconds.
    """
    port = _free_port()  # the engine ends the port's proxy before it removes the container
    home.app("held", image, entrypoint=f'["sh", "-c", "{PROGRAM}"]', ports=f'["127.0.0.1:{port}:80"]')
    launch = home.popen("held", stdin=-3, stdout=-1, stderr=-1)
    proxies = []
    try:
        assert not eventually_none(lambda: not (home.work / "begun").exists(), 60)  # it pulls
        proxies += _proxies(port)
        assert proxies
        for each in proxies:
            os.kill(each, signal.SIGSTOP)
        (home.work / "end").touch()
        assert launch.wait(20) == 0, launch.stderr.read()
        assert engine.engine.ask("GET", "/containers/json")[0]["State"] == "running"
        timers = []

        def go_on_after(seconds):
            timers.append(threading.Timer(seconds, _go_on, [proxies]))
            timers[-1].start()

        yield go_on_after
        for each in timers:
            each.join()
    finally:
        _go_on(proxies)
        launch.communicate()


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def _go_on(proxies):
    for each in proxies:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGCONT)


def _proxies(port):
    """Return the pids of the engine's proxies for that port."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if words[0].endswith(b"docker-proxy") and str(port).encode() in words:
                found.append(int(pid))
    return found
