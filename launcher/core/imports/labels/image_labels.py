"""Propose an entry from an image's labels: whalebrew's, Atomic's RUN, devcontainer's and the OCI labels."""

from collections.abc import Mapping
from typing import Any

from launcher.core.imports.docker.option_values import Caller
from launcher.core.imports.docker.proposal import Found, Note, Proposal, Skipped, check_names, command_table, sort_keys
from launcher.core.imports.labels import atomic, devcontainer, whalebrew
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.reference import Reference

_ABOUT = {
    "org.opencontainers.image.description": "description",
    "org.opencontainers.image.url": "homepage",
    "org.opencontainers.image.licenses": "license",
    "org.opencontainers.image.version": "version",
}
_LONGEST = 200  # characters of a description
FAMILIES = ("whalebrew", "atomic", "devcontainer")
"""The supported families of labels; if an image has several, the first one is used."""


def from_labels(
    labels: Mapping[str, str], read: Mapping[str, Any], image: str, caller: Caller, family: str = ""
) -> Found:
    """Return the entry that *labels* propose for *image*, by *family* or by the first family that they have.

    *read* holds the values of labels that are YAML or JSON; a value that could not be read is an `InvalidValueError`.
    """
    origin = f"the labels of {image}"
    found = [each for each in FAMILIES if _has(each, labels)]
    chosen = family or next(iter(found), "")
    if chosen not in found:
        why = f"say nothing in the way of {family}" if family else "say nothing of how to run it"
        return Found((), (Skipped(origin, 0, "", "", why),))
    others = [
        Skipped(origin, 0, each, "", f"{chosen} counts; for the other one: --from {each}")
        for each in found
        if each != chosen
    ]
    try:
        proposal = _proposal(chosen, labels, read, image, caller)
    except InvalidValueError as wrong:
        return Found((), (Skipped(origin, 0, chosen, "", str(wrong)), *others))
    return Found((proposal._replace(origin=origin),), tuple(others))


def _has(family: str, labels: Mapping[str, str]) -> bool:
    if family == "whalebrew":
        return any(label.startswith(whalebrew.PREFIX) for label in labels)
    return ("RUN" if family == "atomic" else devcontainer.LABEL) in labels


def _proposal(family: str, labels: Mapping[str, str], read: Mapping[str, Any], image: str, caller: Caller) -> Proposal:
    full = Reference.parse(image).full
    name = full.rpartition("@")[0] or full
    name = name.rpartition("/")[2].partition(":")[0]
    if family == "whalebrew":
        name = labels.get(f"{whalebrew.PREFIX}name", name)
        values = {label: _parsed_label(label, read) for label in labels if label.startswith(whalebrew.PREFIX)}
        table, notes = whalebrew.read(whalebrew.package_of(values, full), caller)
        notes += [Note(f"{whalebrew.PREFIX}name: {name}", "carried", "the app's name")] * (
            f"{whalebrew.PREFIX}name" in labels
        )
    elif family == "atomic":
        line = atomic.from_label(labels["RUN"], full, caller)
        table, notes = line.table, [*line.notes]
    else:
        table, notes = devcontainer.read(_parsed_label(devcontainer.LABEL, read), caller)
        table = table | {"image": full}
    about = {key: labels[label].strip() for label, key in _ABOUT.items() if _is_short(labels.get(label, ""))}
    notes += [Note(f"{label}: {labels[label]}", "carried", key) for label, key in _ABOUT.items() if key in about]
    app, own = check_names(name)
    table = sort_keys(about | table)
    return Proposal(app, table | command_table(app, own, table), tuple(notes))


def _parsed_label(label: str, read: Mapping[str, Any]) -> Any:
    said = read[label]
    if isinstance(said, InvalidValueError):
        raise InvalidValueError(f"{label} {said}")
    return said


def _is_short(text: str) -> bool:
    return 0 < len(text.strip()) <= _LONGEST and text.strip().isprintable()
