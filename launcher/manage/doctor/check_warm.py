"""What can be amiss with the containers that wait: gone, too many, or left by a launch that died."""

import time
from collections.abc import Iterator
from functools import partial

from launcher.errors import EngineError
from launcher.manage.context import Context
from launcher.manage.doctor.finding import Finding, count, ok, repairable
from launcher.manage.run import warm_pool
from launcher.manage.run.warm_pool import Entry, Program
from launcher.run.engine_connection import EngineConnection
from launcher.run.remove_warm import evict

_LOOKS, _PAUSE = 15, 0.2  # seconds in which a launch takes away what it used


def check_warm_containers(desk: Context) -> Iterator[Finding]:
    """Look at the containers that wait for calls: gone, left by a process that was killed, or more than may wait."""
    found, programs = warm_pool.list_entries(desk), warm_pool.programs_left(desk)
    if not found and not programs:
        return
    try:
        reached = desk.engine()
        gone = [each for each in found if each.state == "waiting" and warm_pool.is_gone(reached, each)]
    except EngineError:
        return
    for each in gone:
        yield repairable("warm", f"{_named(each)} is gone, and was to wait for calls", partial(_forget, each))
    for program in programs:
        what = f"a program was left in the shared container of {program[2].app} by a launch that died"
        yield repairable("warm", what, partial(_end, reached, program))
    left = [each for each in _left_over(desk) if each.idle.host == reached.endpoint.host]
    for each in left:
        yield repairable("warm", f"{_named(each)} was left by a launch that died", partial(_clear, reached, each))
    number, most = (
        sum(each.state == "waiting" for each in found if each not in gone),
        desk.read_catalogs().settings.warm_idle,
    )
    if number > most:
        repair = partial(_evict, reached, most)
        yield repairable("warm", f"{count(number, 'container')} waiting for calls, {most} may (warm_idle)", repair)
    elif not gone and not left and not programs:
        yield ok("warm", f"{count(number, 'container')} waiting for calls")


def _left_over(desk: Context) -> list[Entry]:
    """Return those whose run is over and that nobody removes: a launch that just ended is given time to."""
    for _ in range(_LOOKS):
        if not (left := [each for each in warm_pool.list_entries(desk) if each.state == "ending"]):
            break
        time.sleep(_PAUSE)
    return left


def _named(entry: Entry) -> str:
    return f"container {warm_pool.short_id(entry.idle.container)} of {entry.idle.app}"


def _end(reached: EngineConnection, program: Program) -> str:
    warm_pool.end_programs(reached, [program])
    return "ended"


def _clear(reached: EngineConnection, entry: Entry) -> str:
    warm_pool.remove_entries(lambda: reached, [entry])
    return "removed"


def _evict(reached: EngineConnection, most: int) -> str:
    evict(reached, most)
    return "the oldest removed"


def _forget(entry: Entry) -> str:
    warm_pool.forget(entry)
    return "forgotten"
