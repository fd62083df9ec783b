"""Work that ends in time, whoever keeps it waiting: a name server, a handshake, a byte every ten seconds."""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeVar

Done = TypeVar("Done")


def within(seconds: float, work: Callable[[], Done]) -> Done:
    """Return what *work* gives; raises what it raises, and TimeoutError where it takes longer than *seconds*.

    Timeouts of sockets count from byte to byte, and start again with each. Work that is late goes on by itself, in a
    thread that keeps no process alive; nobody hears of it any more.
    """
    box: SimpleQueue[tuple[Done | None, BaseException | None]] = SimpleQueue()

    def carried_out() -> None:
        try:
            box.put((work(), None))
        except BaseException as error:  # noqa: BLE001  it is raised where somebody waits
            box.put((None, error))

    thread = threading.Thread(target=carried_out, daemon=True)
    thread.start()
    try:
        done, error = box.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    thread.join()
    if error is not None:
        raise error
    return done  # type: ignore[return-value]  # where there was no error it is what the work gave
