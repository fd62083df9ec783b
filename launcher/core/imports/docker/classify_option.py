"""Classify one option of a run: carried into a key, explained, or refused with the reason."""

from collections.abc import Sequence
from typing import NamedTuple

from launcher.core.imports.docker.option_converters import CONVERTERS, Converted
from launcher.core.imports.docker.option_parser import Option
from launcher.core.imports.docker.option_values import Caller, Value, parse_word
from launcher.core.imports.docker.proposal import check_keys
from launcher.core.imports.docker.run_flags import Fate, Flag
from launcher.core.values.invalid_value import InvalidValueError

_BY_ITSELF = "that is the default"
_DEFAULTS = {
    "restart": "no",
    "isolation": "default",
    "cgroupns": "private",
    "ipc": "private",
    "memory-swappiness": "-1",
}
"""Values of options that only state a default."""

_SWITCHES = {"init": "init", "read-only": "read_only"}
"""Options without a value that have a catalog key."""


class ClassifiedOption(NamedTuple):
    """One option and how it is converted."""

    option: Option
    fate: Fate
    why: str = ""
    gift: Converted = Converted()

    @property
    def key(self) -> str:
        """The key that it is converted to; for a volume it is decided later."""
        return next(iter(self.gift.keys), "")


def classify(option: Option, caller: Caller, among: Sequence[Option]) -> ClassifiedOption:
    """Decide how one *option* is converted, given the others of its line."""
    flag = option.flag
    if flag is None or option.flaw:
        return ClassifiedOption(option, "refused", option.flaw)
    if flag.takes and flag.fate == "explained":
        return ClassifiedOption(option, "explained", flag.why)  # whatever its value is
    try:
        value = parse_word(option.value) if option.value is not None else Value(())
        return _classify_value(option, flag, value, caller, among)
    except InvalidValueError as wrong:
        instead = "; the program runs as you instead" if flag.name == "user" else ""
        return ClassifiedOption(option, "refused", f"{wrong}{instead}")


def _classify_value(
    option: Option, flag: Flag, value: Value, caller: Caller, among: Sequence[Option]
) -> ClassifiedOption:
    if not flag.takes:
        return _classify_switch(option, flag)
    if flag.name == "userns" and value.constant(caller) == "keep-id":
        return _classify_keep_id(option, among)
    if flag.name in _DEFAULTS and value.constant(caller) == _DEFAULTS[flag.name]:
        return ClassifiedOption(option, "explained", _BY_ITSELF)
    if flag.fate != "carried":
        return ClassifiedOption(option, flag.fate, flag.why)
    gift = CONVERTERS[flag.name](value, caller)
    if flag.name != "workdir":  # which is judged together with the volumes
        check_keys(gift.keys)
    return ClassifiedOption(option, "carried" if gift.keys or gift.bind else "explained", gift.why, gift)


def _classify_switch(option: Option, flag: Flag) -> ClassifiedOption:
    """Classify an option without a value, which may be turned on or off."""
    if flag.name in _SWITCHES:
        return ClassifiedOption(option, "carried", "", Converted({_SWITCHES[flag.name]: option.is_on}))
    if option.is_on == (flag.kind == "switch, on"):
        return ClassifiedOption(option, "explained", flag.why if flag.fate == "explained" else _BY_ITSELF)
    if flag.kind == "switch, on" and flag.fate == "explained":
        return ClassifiedOption(option, "refused", f"it cannot be turned off: {flag.why}")
    return ClassifiedOption(option, flag.fate, flag.why)


def _classify_keep_id(option: Option, among: Sequence[Option]) -> ClassifiedOption:
    """Classify podman's ``keep-id``: without another user it is the catalog's ``host``."""
    if any(other.flag and other.flag.name == "user" for other in among):
        why = "with --user, no key maps your id to that user; files that it writes may not be yours"
        return ClassifiedOption(option, "refused", why)
    return ClassifiedOption(option, "carried", "you, whatever the engine", Converted({"user": "host"}))
