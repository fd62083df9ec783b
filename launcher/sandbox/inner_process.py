"""The program of a sandbox as a process of this machine."""

import time

_PAUSE = 0.001  # seconds
_TRIES = 1000  # bwrap forks the program some milliseconds after it has reported its own process inside


def find_child(init: int) -> int:
    """Return the first child of a sandbox's process 1, which is its program; 0 if there is none, or no longer.

    Raises OSError if that process has ended.
    """
    for _ in range(_TRIES if init else 0):
        with open(f"/proc/{init}/task/{init}/children", "rb") as file:
            children = file.read().split()
        if children:
            return int(children[0])
        time.sleep(_PAUSE)
    return 0
