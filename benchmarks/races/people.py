"""What a person waits for at the prompt: help, the list of apps, a completion."""

from functools import partial

from benchmarks.ground import Ground
from benchmarks.race import Race, Row, Target, Variant


def race(ground: Ground) -> Race:
    """Management commands in a home with some apps."""
    home = ground.home("people")
    apps = [ground.app(f"{number:02}", network_mode='"none"') for number in range(ground.sizes.listed)]
    home.add("".join(table for _, table in apps), *(name for name, _ in apps))
    asked = {"COMP_WORDS": "applaunch\nremove\nbench", "COMP_CWORD": "2", "_APPLAUNCH_COMPLETE": "complete_bash"}
    jobs = {
        "help": home.job("applaunch", "--help"),
        "list": home.job("applaunch", "list"),
        "completion": home.job("applaunch", env=asked),
    }
    variants = tuple(Variant(each, partial(ground.clock.measure, job)) for each, job in jobs.items())
    rows = (
        Row("`applaunch --help`", "help", target=Target(150, "median")),
        Row(f"`applaunch list`, {len(apps)} apps", "list", target=Target(200, "median")),
        Row(f"completion of an app's name, {len(apps)} apps", "completion"),
    )
    return Race("people", variants, rows)
