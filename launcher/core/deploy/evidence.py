"""Evidence of installed apps outside the record, to detect a record that is empty or too old."""

from typing import NamedTuple

from launcher.core.values.deployment_tag import number_of, record_id

_MANY = 3  # names that a line shows


class Evidence(NamedTuple):
    """Files of installed apps on this machine."""

    commands: tuple[str, ...] = ()
    """The commands that have a launch file."""
    shims: tuple[str, ...] = ()
    """Our shims in the caller's folder that the caller owns."""
    tags: tuple[tuple[str, str], ...] = ()
    """The deployment tags in launch files, each with its command."""

    def contradicting_empty(self) -> str:
        """Describe the evidence against an empty record; "" if there is none."""
        if self.commands:
            return f"launch files of {_listed(self.commands)}"
        return f"shims of {_listed(self.shims)}" if self.shims else ""

    def contradicting(self, record: str, highest: int) -> str:
        """Describe the evidence against the record with this id and highest deployment number; "" if there is none."""
        unknown = [name for tag, name in self.tags if record_id(tag) != record or number_of(tag) > highest]
        return f"launch files of {_listed(unknown)}" if unknown else ""


def _listed(names: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(sorted(names)[:_MANY])
    return shown if len(names) <= _MANY else f"{shown} and {len(names) - _MANY} more"
