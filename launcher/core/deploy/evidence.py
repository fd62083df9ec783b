"""What tells of installed apps besides the record, and what that says of a record which does not know them."""

from typing import NamedTuple

from launcher.core.values.deployment_tag import number_of, record_id

_MANY = 3  # names that a line shows


class Evidence(NamedTuple):
    """What is on this machine of installed apps, without the record."""

    commands: tuple[str, ...] = ()
    """The commands that have a launch file."""
    shims: tuple[str, ...] = ()
    """The shims of ours, in the caller's own folder and owned by the caller."""
    tags: tuple[tuple[str, str], ...] = ()
    """The launch files' own tags, each with its command."""

    def contradicting_empty(self) -> str:
        """Return what contradicts a record in which nothing was ever written; "" if nothing does."""
        if self.commands:
            return f"launch files of {_listed(self.commands)}"
        return f"shims of {_listed(self.shims)}" if self.shims else ""

    def contradicting(self, record: str, highest: int) -> str:
        """Return what contradicts the record of that id, whose highest deployment has that number; "" if nothing."""
        unknown = [name for tag, name in self.tags if record_id(tag) != record or number_of(tag) > highest]
        return f"launch files of {_listed(unknown)}" if unknown else ""


def _listed(names: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(sorted(names)[:_MANY])
    return shown if len(names) <= _MANY else f"{shown} and {len(names) - _MANY} more"
