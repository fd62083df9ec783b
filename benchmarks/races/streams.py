"""Bytes through a launcher: much output, to a pipe that is read and to nowhere, and as much in as out."""

from functools import partial
from typing import Any

from benchmarks.clock import Failed, Job
from benchmarks.ground import Ground
from benchmarks.race import ALIAS, Race, Row, Target, Variant
from benchmarks.races.sandboxed import sandboxed, tree_of
from benchmarks.sizes import megabytes


def race(ground: Ground) -> Race:
    """Output of the alias, with and without the engine's own log of it, against ours; then both directions."""
    home, name, *_ = ground.everyday
    output, through = ground.sizes.output, ground.sizes.through
    making = ("head", "-c", str(output), "/dev/zero")
    piped: dict[str, Any] = {"drain": True, "makes": output}
    both: dict[str, Any] = {"drain": True, "feed": through, "makes": through}
    long: dict[str, Any] = {"drain": True, "feed": ground.sizes.long, "makes": ground.sizes.long}
    unlogged = ("--log-driver", "none")
    jobs = {
        ALIAS: ground.alias(*making, **piped),
        "alias, no log": ground.alias(*making, options=unlogged, **piped),
        "ours": home.job(name, *making, **piped),
        "alias, nowhere": ground.alias(*making),
        "ours, nowhere": home.job(name, *making),
        "alias, through": ground.alias("cat", **both),
        "alias, through, no log": ground.alias("cat", options=unlogged, **both),
        "ours, through": home.job(name, "cat", **both),
    }
    variants = (
        *(Variant(each, partial(ground.clock.measure, job)) for each, job in jobs.items()),
        sandboxed(ground, ground.clock, *making, **piped)._replace(name="bubblewrap"),
        sandboxed(ground, ground.clock, "cat", **both)._replace(name="bubblewrap, through"),
        sandboxed(ground, ground.clock, "cat", **long)._replace(name="bubblewrap, long"),
        _native(ground, "native", *making, **piped),
        _native(ground, "native, through", "cat", **both),
        _native(ground, "native, long", "cat", **long),
    )
    out, both_ways = f"{megabytes(output)} of output", f"{megabytes(through)} through"
    rows = (
        Row(f"alias, {out} into a pipe that is read", ALIAS),
        Row(f"**{out}** into a pipe that is read", "ours", ALIAS, target=Target(0.60), bar=f"{out}"),
        Row(f"{out}, against the alias with `--log-driver none`", "ours", "alias, no log"),
        Row(f"{out} to /dev/null", "ours, nowhere", "alias, nowhere"),
        Row(f"alias, {both_ways}", "alias, through"),
        Row(f"**{both_ways}**, in and out", "ours, through", "alias, through", bar=f"{both_ways}"),
        Row(f"{both_ways}, against the alias with `--log-driver none`", "ours, through", "alias, through, no log"),
        Row(f"**{out}**, bubblewrap, against the program run natively", "bubblewrap", "native", target=Target(1.05)),
        Row(f"{both_ways}, bubblewrap, against the program run natively", "bubblewrap, through", "native, through"),
        Row(
            f"**{megabytes(ground.sizes.long)} through**, bubblewrap, against the program run natively",
            "bubblewrap, long",
            "native, long",
            target=Target(1.05),
        ),
        Row(f"{out}, bubblewrap, against the alias", "bubblewrap", ALIAS, bar=f"{out}, bubblewrap"),
        Row(f"{both_ways}, bubblewrap, against the alias", "bubblewrap, through", "alias, through"),
        Row(f"CPU of the launcher, {out}", "ours", ALIAS, "cpu"),
        Row(f"peak memory of the launcher, {out} (RSS)", "ours", ALIAS, "peak"),
        Row(f"peak memory of the launcher, {both_ways} (RSS)", "ours, through", "alias, through", "peak"),
    )
    return Race("streams", variants, rows, share=0.2, pause=ground.settle)


def _native(ground: Ground, title: str, *command: str, **how: Any) -> Variant:
    """Return the variant of the image's own busybox, which needs nothing else, run with nothing around it."""
    home = ground.everyday.home
    try:
        busybox = tree_of(ground, home, ground.image) / "bin/busybox"
    except Failed as error:
        return Variant(title, None, str(error))
    job = Job((str(busybox), *command), {}, str(home.work), **how)
    return Variant(title, partial(ground.clock.measure, job))
