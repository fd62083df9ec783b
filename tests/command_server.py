"""A process that has loaded `applaunch` and forks a child for each command, which saves the start of an interpreter.

A child is a process as any other: with the environment, the folder, the mask and the streams of its caller, a death and an exit
code of its own. Only what happens before `main` is not tried; a command for which that matters runs as a program (see `serves`).
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path

PROGRAM = str(Path(sys.executable).parent / "applaunch")
ROOT = str(Path(__file__).parents[1])
AT_START = ("PYTHON", "LANG", "LC_", "_TYPER", "TERMINAL_WIDTH", "GITHUB_ACTIONS", "FORCE_COLOR", "PY_COLORS", "COV_")
"""How the names of variables begin that Python, or a library that is being imported, reads before a command begins."""
USUAL = {"LANG": "C.UTF-8"}


def serves(program, env, cwd, how, prefix=()):
    """Tell whether a child of the server does what the program would do.

    The words of *prefix* stand before the program, and make it another user's.
    """
    return (
        program == PROGRAM
        and not how.keys() - {"input", "stdin", "stdout", "stderr", "umask"}
        and {name: value for name, value in env.items() if name.startswith(AT_START)} == USUAL
        and os.access(cwd, os.X_OK)
        and _server(tuple(prefix)) is not None
    )


def run(words, env, cwd, timeout, text, how, prefix=()):
    """Run `applaunch` with these *words*, as `subprocess.run` would run it; *how* has the streams and the mask."""
    with ExitStack() as stack:
        theirs, ours = _streams(stack, how)
        status, theirs_status = os.pipe()
        stack.callback(os.close, status)
        asked = json.dumps([list(map(os.fspath, words)), env, os.fspath(cwd), how.get("umask", _umask())])
        with tempfile.TemporaryFile() as request:
            request.write(asked.encode("utf-8", "surrogateescape"))
            request.flush()
            socket.send_fds(_server(tuple(prefix)), [b"?"], [*theirs, theirs_status, request.fileno()])
        os.close(theirs_status)
        for each in set(theirs):
            os.close(each)
        try:
            said = _communicate(status, ours, timeout)
        except TimeoutError:
            raise subprocess.TimeoutExpired([PROGRAM, *words], timeout) from None
    child, code = map(int, said.pop(status).split())
    assert child
    out, err = (said.get(ours.get(number)) for number in (1, 2))
    return subprocess.CompletedProcess([PROGRAM, *words], code, *(_text(each) if text else each for each in (out, err)))


def _streams(stack, how):
    """Return the child's descriptors, and ours by the number of the stream; what is typed is written meanwhile."""
    theirs, ours = [], {}
    if "input" in how:
        reading, writing = os.pipe()
        typed = how["input"].encode() if isinstance(how["input"], str) else how["input"]
        writer = threading.Thread(target=_type, args=(writing, typed))
        writer.start()
        stack.callback(writer.join)
        theirs.append(reading)
    else:
        theirs.append(_opened(how.get("stdin")))
    for number, name in ((1, "stdout"), (2, "stderr")):
        if how.get(name) == subprocess.PIPE:
            ours[number], writing = os.pipe()
            stack.callback(os.close, ours[number])
            theirs.append(writing)
        elif how.get(name) == subprocess.STDOUT:
            theirs.append(os.dup(theirs[1]))
        else:
            theirs.append(_opened(how.get(name), number))
    return theirs, ours


def _opened(wanted, number=0):
    if wanted == subprocess.DEVNULL:
        return os.open(os.devnull, os.O_RDWR)
    return os.dup(number if wanted is None else wanted if isinstance(wanted, int) else wanted.fileno())


def _type(descriptor, typed):
    with suppress(BrokenPipeError), open(descriptor, "wb") as pipe:
        pipe.write(typed)


def _communicate(status, ours, timeout):
    """Read each stream to its end, and what the keeper tells; kills the child when the time is over."""
    said = dict.fromkeys((status, *ours.values()), b"")
    end = None if timeout is None else time.monotonic() + timeout
    with selectors.DefaultSelector() as waiting:
        for each in said:
            waiting.register(each, selectors.EVENT_READ)
        while waiting.get_map():
            if end is not None and time.monotonic() > end:
                os.kill(int(said[status].split()[0]), signal.SIGKILL)
                raise TimeoutError
            for key, _ in waiting.select(None if end is None else max(end - time.monotonic(), 0)):
                data = os.read(key.fd, 65536)
                said[key.fd] += data
                if not data:
                    waiting.unregister(key.fd)
    return said


def _text(data):
    return data and data.decode().replace("\r\n", "\n").replace("\r", "\n") if data else data if data is None else ""


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


_servers = {}


def _server(prefix):
    """Return the socket of this process's server for that user, which is started where there is none.

    None for a user to whom this Python is closed.
    """
    if prefix not in _servers:
        ours, theirs = socket.socketpair()
        env = USUAL | {"HOME": "/nowhere", "PATH": os.environ["PATH"], "PYTHONPATH": ROOT}
        words = [*prefix, _interpreter(), "-m", "tests.command_server"]
        with theirs:
            process = subprocess.Popen(words, stdin=theirs, env=env, cwd="/")
        atexit.register(_end, ours, process)
        _servers[prefix] = ours if ours.recv(1) else None
    return _servers[prefix]


def _interpreter():
    """Return the Python that the program names in its first line: shims name it too."""
    return Path(PROGRAM).read_text().partition("\n")[0].removeprefix("#!")


def _end(link, process):
    link.close()
    process.wait()


def main():
    """Serve the caller whose socket is our stdin until it closes it."""
    import launcher.cli

    for module in pkgutil.walk_packages(launcher.__path__, "launcher."):
        importlib.import_module(module.name)
    gc.enable()  # which the module that a shim begins with has turned off
    gc.freeze()
    link = socket.socket(fileno=os.dup(0))
    os.environ.pop("PYTHONPATH")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    link.send(b"!")
    while True:
        asked, descriptors, _, _ = socket.recv_fds(link, 1, 5)
        if not asked:
            return
        if os.fork() == 0:
            link.close()
            _keep(*descriptors)
        for each in descriptors:
            os.close(each)


def _keep(*descriptors):
    """Be the parent of a command: tell its pid, wait for it, and tell its code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *streams, status, request = descriptors
    child = os.fork()
    if child == 0:
        os.close(status)
        _become(streams, request)
    for each in (*streams, request, 0):
        os.close(each)
    os.write(status, b"%d " % child)
    os.write(status, b"%d" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    os._exit(0)


def _become(streams, request):
    """Be `applaunch`, as the request has it."""
    code = 70  # sysexits.h: EX_SOFTWARE
    try:
        with open(request, "rb") as file:
            file.seek(0)
            words, env, cwd, mask = json.loads(file.read().decode("utf-8", "surrogateescape"))
        for number, each in enumerate(streams):
            os.dup2(each, number)
            os.close(each)
        os.chdir(cwd)
        os.umask(mask)
        os.environ.clear()
        os.environ.update(env)
        sys.argv[:] = [PROGRAM, *words]
        from launcher.cli import main as program

        program()
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001  a bug: Python shows its traceback, and so do we
        import traceback

        traceback.print_exc()
        code = 1
    finally:
        for each in (sys.stdout, sys.stderr):
            with suppress(BaseException):
                each.flush()
        os._exit(code if isinstance(code, int) else code is not None)


if __name__ == "__main__":
    main()
