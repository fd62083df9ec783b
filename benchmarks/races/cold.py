"""The cold launch: nothing of an app runs when it is called, `true` runs in its container, and the caller is told."""

from functools import partial

from benchmarks import floor
from benchmarks.clock import Failed, Job
from benchmarks.ground import Ground
from benchmarks.race import ALIAS, Race, Row, Target, Variant


def race(ground: Ground) -> Race:
    """Cold launches, aliases, an exec, and the floor."""
    home, bridged, alone, _ = ground.everyday
    stays = ground.kept("sleep", "86400")
    docker_py = {"APPLAUNCH_WIRE": "0"}
    jobs = {
        ALIAS: ground.alias("true"),
        "alias, no network": ground.alias("true", options=("--network", "none")),
        "alias, our options": ground.same_as(home, bridged, "true"),
        "cold": home.job(bridged, "true"),
        "cold, no network": home.job(alone, "true"),
        "cold, docker-py": home.job(bridged, "true", env=docker_py),
        "cold, no network, docker-py": home.job(alone, "true", env=docker_py),
        "exec": ground.docker("exec", "-i", stays, "true"),
    }
    variants = [Variant(name, partial(ground.clock.measure, job)) for name, job in jobs.items()]
    return Race("cold", (*variants, _floor(ground, stays)), ROWS, pause=ground.settle)


def _floor(ground: Ground, container: str) -> Variant:
    try:
        job: Job = floor.bare(ground, container, "true")
    except Failed as error:
        return Variant("runc", None, str(error))
    return Variant("runc", partial(ground.native_clock.measure, job))


ROWS = (
    Row("alias: `docker run --rm -i IMAGE true`", ALIAS, bar="docker run --rm"),
    Row("alias with `--network none`", "alias, no network", ALIAS, bar="docker run --rm --network none"),
    Row("alias with the options of our dry-run line", "alias, our options", ALIAS, bar="docker run, our safe options"),
    Row("**cold**, bridge network", "cold", ALIAS, target=Target(0.82), bar="applaunch, cold"),
    Row("cold, bridge network, against the alias with our options", "cold", "alias, our options"),
    Row(
        '**cold**, `network_mode = "none"`, against the alias with `--network none`',
        "cold, no network",
        "alias, no network",
        target=Target(0.95),
    ),
    Row(
        '**cold**, `network_mode = "none"`, against the plain alias',
        "cold, no network",
        ALIAS,
        target=Target(0.70),
        bar="applaunch, cold, no network",
    ),
    Row("cold, bridge network, through docker-py", "cold, docker-py", ALIAS, bar="applaunch, cold, docker-py"),
    Row("cold, no network, through docker-py", "cold, no network, docker-py", ALIAS),
    Row("`docker exec` into a container that runs", "exec", ALIAS, bar="docker exec"),
    Row("floor: `runc run` of the same bundle, no engine, no network", "runc", ALIAS, bar="runc run, no engine"),
    Row("**CPU** of the launcher, one cold launch", "cold", ALIAS, "cpu", Target(35, "median")),
    Row("CPU of the launcher's watcher, after it", "cold", measure="watched"),
    Row("CPU of the launcher through docker-py", "cold, docker-py", ALIAS, "cpu"),
    Row("**peak memory** of the launcher (RSS)", "cold", ALIAS, "peak", Target(1.0), bar="peak memory, cold"),
    Row("peak memory of the launcher through docker-py (RSS)", "cold, docker-py", ALIAS, "peak"),
)
