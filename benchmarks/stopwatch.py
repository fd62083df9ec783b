"""The stopwatch: a small process that starts programs and measures them.

The kernel adds the memory of the process that starts a program to that program's peak, so the benchmark, which is
large, starts nothing itself. ``clock.py`` runs this file by its path, with ``-I -S``, and exchanges jobs and results
with it in marshal, which is built in. On Linux, processes that a program leaves running become children of the
stopwatch, so that a watcher's work is measured, too.
"""

import marshal
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Ended = tuple[int, int, Any]  # what os.wait4 returns

ADOPTING = 36  # PR_SET_CHILD_SUBREAPER
SIGPIPE = 13  # Python ignores it, and what Python starts would too
BLOCK = 1 << 20
LASTING: "set[int]" = set()  # pids of processes that stay, such as the network of an app; waited for once
PATIENCE = 1.0  # seconds for what a program left running


def main() -> None:
    """Measure one job after another, until the input ends."""
    if sys.argv[1:] != ["adopting"]:
        adopt()
        os.execv(sys.executable, [sys.executable, "-I", "-S", __file__, "adopting"])  # without the memory of ctypes
    while True:
        try:
            job = marshal.load(sys.stdin.buffer)
        except EOFError:
            return
        marshal.dump(measured(job), sys.stdout.buffer)
        sys.stdout.buffer.flush()


def adopt() -> None:
    """Become the parent of every descendant that loses its own."""
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415  2 MB

        ctypes.CDLL(None).prctl(ADOPTING, 1, 0, 0, 0)


def measured(job: "dict[str, Any]") -> "dict[str, Any]":
    """Run the job, and return seconds, peak in KiB, exit codes and the number of bytes of output."""
    os.chdir(job["cwd"])
    null = os.open(os.devnull, os.O_RDWR)
    errors = os.open(job["errors"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    told: dict[str, Any] = {"cpu": 0.0, "own": 0.0, "peak": 0, "exits": [], "bytes": 0}
    began = time.perf_counter()
    for _ in range(job["times"]):
        if job["feed"] or job["drain"]:
            ended = [streamed(job, null, errors, told)]
        else:
            started = [spawned(job, null, null, errors) for _ in range(job["at_once"])]
            ended = [wait(each, told) for each in started]
        for _, status, used in ended:
            told["cpu"] += used.ru_utime + used.ru_stime
            told["peak"] = max(told["peak"], used.ru_maxrss)
            told["exits"].append(os.waitstatus_to_exitcode(status))
    told["wall"] = time.perf_counter() - began
    told["watched"] = adopted()
    os.close(null)
    os.close(errors)
    return told


def streamed(job: "dict[str, Any]", null: int, errors: int, told: "dict[str, Any]") -> "Ended":
    """Run the program once: write zeros to its input, and read its output through a pipe."""
    feeder, source = fed(job["feed"]) if job["feed"] else (0, null)
    sink, output = os.pipe()
    started = spawned(job, source, output, errors)
    os.close(output)
    if feeder:
        os.close(source)
    block = bytearray(BLOCK)
    while count := os.readv(sink, [block]):
        told["bytes"] += count
    os.close(sink)
    ended = wait(started, told)
    if feeder:
        os.waitpid(feeder, 0)
    return ended


def wait(child: int, told: "dict[str, Any]") -> "Ended":
    """Wait for a process, and add up its own CPU time; the kernel's sum includes its children."""
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    try:
        with open(f"/proc/{child}/schedstat", "rb", 0) as file:
            told["own"] += int(file.read().split()[0]) / 1e9
    except OSError:
        pass  # not on every system
    return os.wait4(child, 0)


def fed(count: int) -> tuple[int, int]:
    """Start a child that writes that many zeros, and return it with the pipe to read them from."""
    source, target = os.pipe()
    feeder = os.fork()
    if feeder:
        os.close(target)
        return feeder, source
    os.close(source)
    try:
        left = memoryview(bytes(BLOCK))
        while count:
            count -= os.write(target, left[: min(count, BLOCK)])
    finally:
        os._exit(0)


def spawned(job: "dict[str, Any]", source: int, output: int, errors: int) -> int:
    """Start the program."""
    joined = [(os.POSIX_SPAWN_DUP2, mine, its) for its, mine in enumerate((source, output, errors))]
    return os.posix_spawn(job["argv"][0], job["argv"], job["env"], file_actions=joined, setsigdef=[SIGPIPE])


def adopted() -> float:
    """Wait for processes that the program left running, and return their CPU seconds."""
    seconds, end = 0.0, time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            child, _, used = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            break
        if child:
            seconds += used.ru_utime + used.ru_stime
        elif children() <= LASTING:
            break
        else:
            time.sleep(0.001)
    LASTING.update(children())
    return seconds


def children() -> "set[int]":
    """Return the pids of this process's children; none if the system does not list them."""
    try:
        with open(f"/proc/{os.getpid()}/task/{os.getpid()}/children", "rb", 0) as file:
            return {int(each) for each in file.read().split()}
    except OSError:
        return set()


if __name__ == "__main__":
    main()
