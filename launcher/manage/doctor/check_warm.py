"""Check the warm containers: missing, too many, or left over by a launch that died."""

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

_TRIES, _PAUSE = 15, 0.2  # tries and seconds: a launch removes its container within this time


def check_warm_containers(context: Context) -> Iterator[Finding]:
    """Check for warm containers that are gone, left over by a killed process, or too many."""
    found, programs = warm_pool.list_entries(context), warm_pool.programs_left(context)
    if not found and not programs:
        return
    try:
        reached = context.engine()
        gone = [each for each in found if each.state == "waiting" and warm_pool.is_gone(reached, each)]
    except EngineError:
        return
    for each in gone:
        yield repairable("warm", f"{_named(each)} no longer exists", partial(_forget, each))
    for program in programs:
        what = f"a program of a launch that died is running in the shared container of {program[2].app}"
        yield repairable("warm", what, partial(_end, reached, program))
    left = [each for each in _left_over(context) if each.idle.host == reached.endpoint.host]
    for each in left:
        yield repairable("warm", f"{_named(each)} was left over by a launch that died", partial(_clear, reached, each))
    number, most = (
        sum(each.state == "waiting" for each in found if each not in gone),
        context.read_catalogs().settings.warm_idle,
    )
    if number > most:
        repair = partial(_evict, reached, most)
        yield repairable("warm", f"{count(number, 'container')} warm, but at most {most} allowed (warm_idle)", repair)
    elif not gone and not left and not programs:
        yield ok("warm", f"{count(number, 'container')} warm")


def _left_over(context: Context) -> list[Entry]:
    """Return containers whose run has ended and that nobody removes; a launch that just ended gets time for it."""
    for _ in range(_TRIES):
        if not (left := [each for each in warm_pool.list_entries(context) if each.state == "ending"]):
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
    return "removed the oldest"


def _forget(entry: Entry) -> str:
    warm_pool.forget(entry)
    return "forgotten"
