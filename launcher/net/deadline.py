"""Time limits for work that may hang where no timeout of its own applies: a name server, a header sent byte by byte."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from typing import TypeVar

Result = TypeVar("Result")


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """Return the result of *work*, or raise its exception; raise TimeoutError if it takes longer than *seconds*.

    A socket's timeout starts again with each byte. Late work goes on in a thread that does not keep the process alive;
    its result is dropped.
    """
    return _start(work).result(seconds)


def run_together(works: Mapping[str, Callable[[], Result]]) -> dict[str, Result]:
    """Start all *works* at once, wait for all and return their results by name; raise the first failure."""
    futures = {name: _start(work) for name, work in works.items()}
    wait(futures.values())
    return {name: future.result() for name, future in futures.items()}


def _start(work: Callable[[], Result]) -> "Future[Result]":
    """Run *work* in a daemon thread; an executor's threads would be waited for when the process ends."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001  raised again in the thread that waits for the result
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future
