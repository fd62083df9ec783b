"""All values that a text with variables may expand to, now or at a later call; permissions are decided on these."""

from collections.abc import Iterator, Mapping
from itertools import product
from re import Match

from launcher.core.values.interpolate import variables_in

_MOST = 64


def possible_values(text: str, env: Mapping[str, str], home: str = "") -> tuple[str, ...] | None:
    """Return all values that *text* may expand to: each variable with its current value, its default, and empty.

    Return None if there are too many combinations. A required variable (``${X:?}``) that is not set stays as written.
    A leading ``~`` is replaced with *home*, if given.
    """
    if home and (text == "~" or text.startswith("~/")):
        text = home.rstrip("/").replace("$", "$$") + text[1:]
    found = list(variables_in(text))
    choices = [tuple(dict.fromkeys(_values(each, env))) for each in found]
    size = 1
    for each in choices:
        size *= len(each)
    if size > _MOST:
        return None
    return tuple(dict.fromkeys(_filled(text, found, values) for values in product(*choices)))


def _values(variable: Match[str], env: Mapping[str, str]) -> Iterator[str]:
    """Yield the possible values of one variable; an empty required variable stops the launch, so it adds none."""
    name, form = variable["name"], variable["form"]
    if variable["escaped"]:
        yield "$"
        return
    if now := env.get(name, ""):
        yield now
    if form == ":-":
        yield variable["rest"]
    elif form == ":?":
        if not now:
            yield variable[0]
    elif name != "HOME":  # HOME is always set
        yield ""
    elif not now:
        yield variable[0]


def _filled(text: str, found: list[Match[str]], values: tuple[str, ...]) -> str:
    parts, last = [], 0
    for each, value in zip(found, values, strict=True):
        parts += [text[last : each.start()], value]
        last = each.end()
    return "".join((*parts, text[last:]))
