"""Show remotes: a row in the list, the details of one, and the result of an update."""

import time
from typing import TYPE_CHECKING, Any

from launcher.cli import output
from launcher.core.values.duration import describe_seconds
from launcher.errors import RemoteError
from launcher.host.terminal import write_message
from launcher.manage.context import Context
from launcher.manage.remotes.remote_config import Seen

if TYPE_CHECKING:
    from launcher.manage.remotes.update import Updated

_STYLE = {"ok": "", "refused": "bold red", "disabled": "dim"}
"""The styles of states; all others are yellow."""
RIGHT = ("Priority", "Serial", "Apps", "Checked", "Changed")


def to_row(seen: Seen) -> list[output.Cell]:
    """Return the row of a remote in the list."""
    numbers = ["-" if each is None else str(each) for each in (seen.serial, seen.apps)]
    state = seen.state if seen.verify else f"{seen.state}, not verified"
    return [
        seen.name,
        str(seen.priority),
        *numbers,
        _age(seen.checked),
        _age(seen.accepted),
        (state, state_style(seen)),
        seen.url,
    ]


def state_style(seen: Seen) -> str:
    """Return the style of its state."""
    return _STYLE.get(seen.state, "yellow")


def _age(moment: float | None) -> str:
    return "-" if moment is None else describe_seconds(max(time.time() - moment, 0.0))


def show_updated(done: "Updated") -> None:
    """Print the result of an update: errors on stderr, the rest on stdout."""
    if done.trouble:
        write_message(
            RemoteError(done.name, f"{'refused' if done.refused else 'cannot be fetched'}: {_error_text(done)}").line
        )
        if done.after:
            output.print_line((f"  serial {done.after.serial} stays in use, accepted {_age(done.after.at)} ago", "dim"))
        return
    serial = done.after.serial if done.after else 0
    if done.before and done.after and done.before.digest == done.after.digest:
        output.print_line((f"{done.name}: ", "bold"), f"serial {serial} is current")
    else:
        was = f"{done.before.serial} -> " if done.before else ""
        counts = f"{len(done.new)} new, {len(done.changed)} changed, {len(done.gone)} gone"
        output.print_line((f"{done.name}: ", "bold"), f"serial {was}{serial}: {counts}")
    if done.turned:
        output.print_note(f"{done.name}: its trusted keys have changed: applaunch remote info {done.name}")
    if done.warning:
        output.print_note(f"{done.name}: {done.warning}")


def _error_text(done: "Updated") -> str:
    """Return the error without the name of the remote."""
    return str(done.trouble).removeprefix(f"{done.name}: ")


def to_lines(context: Context, about: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the details of a remote as pairs of label and value."""
    found = [("Remote", about["name"]), ("URL", about["url"]), ("Priority", str(about["priority"]))]
    found += [("State", f"{about['state']}{': ' if about['words'] else ''}{about['words']}")]
    if about["serial"] is not None:
        found += [("Serial", str(about["serial"])), ("Apps", str(about["apps"]))]
        found += [("Accepted", f"{_age(about['accepted'])} ago"), ("Checked", f"{_age(about['checked'])} ago")]
        found += [("Verified", f"{_age(about['verified'])} ago")] if about["verified"] else []
    found += (
        [("Expires", time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(about["expires"])))] if about["expires"] else []
    )
    found += [("Signed by", about["key"])] if about["key"] else []
    found += [("Trusted", f"{key['fingerprint']} {key['comment']}".rstrip()) for key in about["keys"]]
    found += [("Revoked", f"{each['key']} {each['why']}".rstrip()) for each in about["revoked"]]
    found += [("Installed", ", ".join(about["installed"]))] if about["installed"] else []
    return [*found, ("File", context.shown(about["file"]))]


def to_object(done: "Updated") -> dict[str, Any]:
    """Return the result of an update as a JSON object."""
    before, after = done.before, done.after
    return done._asdict() | {
        "before": before.serial if before else None,
        "after": after.serial if after else None,
        "trouble": str(done.trouble) if done.trouble else None,
    }
