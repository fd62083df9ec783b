"""The races by name, each made when its turn comes."""

from collections.abc import Callable

from benchmarks.ground import Ground
from benchmarks.race import Race
from benchmarks.races import catalogs, cold, crowd, loops, memory, people, programs, sandbox, seconds, streams, trees

RACES: dict[str, Callable[[Ground], Race]] = {
    "cold": cold.race,
    "bubblewrap": sandbox.race,
    "warm": seconds.race,
    "loops": loops.race,
    "programs": programs.race,
    "streams": streams.race,
    "crowd": crowd.race,
    "memory": memory.race,
    "people": people.race,
    "catalogs": catalogs.race,
    "trees": trees.race,
}
