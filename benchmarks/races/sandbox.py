"""The launch by bubblewrap: an unpacked image, no engine, a call like one before; with and without a network."""

from functools import partial

from benchmarks.clock import Job
from benchmarks.ground import Ground
from benchmarks.race import ALIAS, Race, Row, Target, Variant
from benchmarks.races.sandboxed import interpreter, sandboxed, variant

OUTSIDE = "/no/such/file"
"""An argument for which a call is planned anew: it may name a file that has to be mounted."""
MIB = 1.048576  # MB


def race(ground: Ground) -> Race:
    """Bubblewrap beside the alias, both kinds of cold, and Python alone."""
    home, bridged, alone, name = ground.everyday
    python = Job((interpreter(home, name), "-IS", "-c", "0"), home.env, str(home.work))
    jobs = {
        ALIAS: ground.alias("true"),
        "cold": home.job(bridged, "true"),
        "cold, no network": home.job(alone, "true"),
        "planned": home.job(name, "true", OUTSIDE),
        "python": python,
    }
    variants = (
        *(Variant(each, partial(ground.clock.measure, job)) for each, job in jobs.items()),
        sandboxed(ground, ground.clock),
        _with_network(ground, "first", network_share="false"),
        _with_network(ground, "kept"),
    )
    return Race("bubblewrap", variants, ROWS, pause=ground.settle)


def _with_network(ground: Ground, title: str, **keys: str) -> Variant:
    """Return the variant of an app with a network, which is made for each run or kept for the next one."""
    home = ground.home(f"network-{title}")
    name, table = ground.app(title, network_mode='"bridge"', runtime='"bubblewrap"', **keys)
    home.add(table, name)
    return variant(ground, ground.clock, title, home, (name, "true"))


ROWS = (
    Row("alias: `docker run --rm -i IMAGE true`", ALIAS),
    Row("engine, cold, bridge network", "cold", ALIAS),
    Row("engine, cold, no network", "cold, no network", ALIAS),
    Row("**bubblewrap**, no network", "bubblewrap", ALIAS, target=Target(0.07), bar="applaunch, bubblewrap"),
    Row("bubblewrap, no network, against a bare `python3 -IS -c 0`", "bubblewrap", "python", target=Target(2.5)),
    Row("bubblewrap, no network, planned anew", "planned", ALIAS),
    Row("**bubblewrap, a network** by pasta, the first run", "first", ALIAS, target=Target(0.28), bar="first network"),
    Row("**bubblewrap, a network** that is kept", "kept", ALIAS, target=Target(0.09), bar="kept network"),
    Row("a bare `python3 -IS -c 0`", "python", ALIAS),
    Row("**CPU** of the launcher alone, bubblewrap", "bubblewrap", measure="own", target=Target(18, "median")),
    Row("CPU of the launcher, bubblewrap and the program", "bubblewrap", ALIAS, "cpu"),
    Row(
        "**peak memory** of the launcher, bubblewrap (RSS; 14 MiB)",
        "bubblewrap",
        ALIAS,
        "peak",
        Target(14 * MIB, "median"),
    ),
)
