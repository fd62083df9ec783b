"""The stopwatch: a process so small that its own size hides nobody's, which starts programs and measures them.

The kernel counts the memory of whoever started a program into that program's peak, so the benchmark, which is
large, starts nothing itself. Run by its path, with ``-I -S``: ``clock.py`` speaks to it, in marshal, which is built
in. What a program leaves running becomes its child (on Linux), so that a watcher's work is seen too.
"""

import marshal
import os
import sys
import time

ADOPTING = 36  # PR_SET_CHILD_SUBREAPER
SIGPIPE = 13  # Python ignores it, and what Python starts would too
BLOCK = 1 << 20
PATIENCE = 1.0  # seconds for what a program left running


def main() -> None:
    """Measure one job after another until nobody asks any more."""
    if sys.argv[1:] != ["adopting"]:
        adopt()
        os.execv(sys.executable, [sys.executable, "-I", "-S", __file__, "adopting"])  # sheds what ctypes weighs
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


def measured(job: dict) -> dict:  # type: ignore[type-arg]  # what marshal makes
    """Run the job and return seconds, peak in KiB, exit codes, and how many bytes came out."""
    os.chdir(job["cwd"])
    null = os.open(os.devnull, os.O_RDWR)
    errors = os.open(job["errors"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    told: dict = {"cpu": 0.0, "own": 0.0, "peak": 0, "exits": [], "bytes": 0}  # type: ignore[type-arg]  # as above
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


def streamed(job: dict, null: int, errors: int, told: dict) -> tuple:  # type: ignore[type-arg]  # as above
    """Run the program once with zeros going in and its output, through a pipe, read by us."""
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


def wait(child: int, told: dict) -> tuple:  # type: ignore[type-arg]  # as above
    """Wait for a process, and count what it took itself, which the kernel's own sum mixes with what it started."""
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


def spawned(job: dict, source: int, output: int, errors: int) -> int:  # type: ignore[type-arg]  # as above
    """Start the program."""
    joined = [(os.POSIX_SPAWN_DUP2, mine, its) for its, mine in enumerate((source, output, errors))]
    return os.posix_spawn(job["argv"][0], job["argv"], job["env"], file_actions=joined, setsigdef=[SIGPIPE])


def adopted() -> float:
    """Wait for what the program left running, and return the CPU seconds it took."""
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


LASTING: set = set()  # type: ignore[type-arg]  # pids of what stays, such as the network of an app; waited for once


def children() -> set:  # type: ignore[type-arg]  # as above
    """Return the pids of this process's children, none where the system does not tell."""
    try:
        with open(f"/proc/{os.getpid()}/task/{os.getpid()}/children", "rb", 0) as file:
            return {int(each) for each in file.read().split()}
    except OSError:
        return set()


if __name__ == "__main__":
    main()
