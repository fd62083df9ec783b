"""Many commands of `applaunch`, each in a child of one process: `python -m tests.cli.each_view` reads and writes JSON.

A call is [words, whether it sits at a terminal, what is typed], with more of its environment behind that where it has
some; its answer is [exit code, stdout, stderr], bytes as latin-1. At a terminal both streams are one.
"""

import fcntl
import importlib
import json
import os
import pkgutil
import pty
import select
import signal
import struct
import sys
import tempfile
import termios
import time

PATIENCE = 120  # seconds: what waits for more than was typed ends then, of the signal
ROWS, COLUMNS = 50, 4000  # wide, so that a text stands in one piece where it is looked for


def main():
    """Carry out the calls that stdin lists."""
    _prepare()
    calls = json.load(sys.stdin)
    json.dump([_at_terminal(*each) if each[1] else _piped(*each) for each in calls], sys.stdout)


def _prepare():
    """Do once what each child would do again: import the commands, and compile the patterns of secrets."""
    import launcher.cli
    import launcher.manage
    from launcher.core.values.redaction import mask_secrets

    for room in (launcher.cli, launcher.manage):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            importlib.import_module(module.name)
    mask_secrets(("x", "y=z"))


def _piped(words, _, typed, more=()):
    with tempfile.TemporaryFile() as into, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        into.write(typed.encode())
        into.seek(0)
        child = os.fork()
        if child == 0:
            _become(words, more, into.fileno(), out.fileno(), err.fileno())
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        for file in (out, err):
            file.seek(0)
        return code, out.read().decode("latin-1"), err.read().decode("latin-1")


def _at_terminal(words, _, typed, more=()):
    ours, theirs = pty.openpty()
    mode = termios.tcgetattr(theirs)
    mode[3] &= ~termios.ECHO  # what is typed is not what is said
    termios.tcsetattr(theirs, termios.TCSANOW, mode)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    child = os.fork()
    if child == 0:
        os.setsid()
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
        os.close(ours)
        _become(words, more, theirs, theirs, theirs)
    os.close(theirs)
    os.write(ours, typed.encode())
    said, end, code = b"", time.monotonic() + PATIENCE, None
    while code is None or select.select([ours], [], [], 0)[0]:
        if select.select([ours], [], [], 0.02)[0]:
            try:
                said += os.read(ours, 65536)
            except OSError:  # the other end is closed: Linux says so in this way
                if code is not None:
                    break
                time.sleep(0.02)
        code = _ended(child, end) if code is None else code
    os.close(ours)
    return code, said.decode("latin-1"), ""


def _ended(child, end):
    """Return a child's exit code, nothing while it runs; it runs until that moment at most."""
    if time.monotonic() > end:
        os.kill(child, signal.SIGKILL)
    pid, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if pid else None


def _become(words, more, *descriptors):
    """Be `applaunch` with these *words*, and *more* in the environment, on these descriptors."""
    code = 70  # sysexits.h: EX_SOFTWARE
    try:
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
        signal.alarm(PATIENCE)
        sys.argv[:] = ["applaunch", *words]
        os.environ.update(more)
        from launcher.cli.dispatch import run

        code = run(words)
    except SystemExit as ended:
        code = ended.code
    except Exception:  # noqa: BLE001  a bug: its traceback is what is seen
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
