"""A time limit around work that may hang where no time-out of its own reaches: a name server, a header that drips."""

import threading
from collections.abc import Callable, Mapping
from typing import TypeVar

Result = TypeVar("Result")


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """Return what *work* returns, or raise what it raises; TimeoutError when *seconds* are over before it has.

    It is left behind then, in a thread that ends with this process, if not before.
    """
    results: list[Result] = []
    troubles: list[BaseException] = []

    def worked() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001  it is raised again by whoever waits
            troubles.append(error)

    thread = threading.Thread(target=worked, daemon=True)
    thread.start()
    thread.join(seconds)
    if troubles:
        raise troubles[0]
    if not results:
        raise TimeoutError
    return results[0]


def at_once(works: Mapping[str, Callable[[], Result]]) -> dict[str, Result]:
    """Return what each of *works* returns, by its name, all begun at the same time; raise what one of them raises."""
    results: dict[str, Result] = {}
    troubles: list[BaseException] = []

    def worked(name: str, work: Callable[[], Result]) -> None:
        try:
            results[name] = work()
        except BaseException as error:  # noqa: BLE001  it is raised again by whoever waits
            troubles.append(error)

    threads = [threading.Thread(target=worked, args=each, daemon=True) for each in works.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise troubles[0]
    return results
