"""The details of an app, for people."""

from json import dumps
from typing import Any

from launcher.cli import output
from launcher.cli.added_view import describe_permissions
from launcher.core.catalog.entry import CatalogEntry
from launcher.core.catalog.to_table import toml_value
from launcher.core.policy.permission import Permission
from launcher.core.values.duration import describe_seconds
from launcher.manage.context import Context
from launcher.manage.query.runtime_report import RuntimeReport
from launcher.manage.query.search import ABOUT

_DURATIONS = ("warm", "stop_grace_period")


def show_app(context: Context, name: str, about: dict[str, Any]) -> None:
    """Show what `describe_app` returns for *name*: image, permissions, files, and each key with its layer."""
    image = about["image"]
    pairs = [
        ("App", about["name"]),
        *((key.replace("_", " ").capitalize(), _join(about[key])) for key in ABOUT if key in about),
    ]
    pairs += [("Image", image["name"]), ("Digest", image["digest"] or image.get("id") or "not pulled yet")]
    pairs += [("Size", output.format_size(image["size"]))] if image.get("size") else []
    pairs += [("Engine", image["engine"])] if "engine" in image else []
    pairs += _runtimes(about["runtimes"])
    output.print_pairs(pairs, 12)
    output.print_line(
        ("Permissions ", "bold"), *describe_permissions([Permission(**each) for each in about["permissions"]])
    )
    for command, entry in about["commands"].items():
        values = CatalogEntry.from_json(entry)._asdict()
        wide = max(map(len, entry)) + 2
        output.print_line()
        output.print_line((command, "bold"))
        for key in entry:
            if key not in ("app", "name"):
                output.print_line(
                    f"  {key:<{wide}}{_format_value(key, values[key])}",
                    (f"  [{about['layers'].get(key, 'command')}]", "dim"),
                )
    output.print_line()
    for path in about["paths"]:
        output.print_line(("Files       ", "bold"), context.shown(path))
    if not about["installed"]:
        output.print_line((f"not installed; install it with: applaunch add {name}", "dim"))


def _runtimes(reports: dict[str, RuntimeReport]) -> list[tuple[str, str]]:
    """Return what runs the commands of an app: one line if it is the same for all, else one for each."""
    if len({*reports.values()}) == 1:
        return [("Runs with", next(iter(reports.values())).words)]
    return [("Runs with", f"{command}: {report.words}") for command, report in reports.items()]


def _join(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _format_value(key: str, value: Any) -> str:
    if key in _DURATIONS:
        return describe_seconds(value)
    return value if isinstance(value, str) else dumps(toml_value(key, value))
