"""Check what bubblewrap can run here, and tell why the engine runs the other installed apps."""

from collections.abc import Iterator

from launcher.core.sandbox.choose_runtime import ENGINE, NO_TREE
from launcher.errors import EngineError
from launcher.manage.context import Context
from launcher.manage.doctor.finding import Finding, note, ok
from launcher.manage.images.why_no_tree import find_traits
from launcher.manage.query.runtime_report import report_runtime
from launcher.state import launch_files

_NETWORK = "network_mode = 'bridge'"
_MOST = 3  # apps to name


def check_sandbox(context: Context) -> Iterator[Finding]:
    """Check that sandboxes can be started, and which apps cannot use them; nothing if the settings want the engine."""
    if context.read_catalogs(published=False).settings.runtime == ENGINE:
        return
    traits = find_traits(context)
    if traits.why_not and not _has_engine(context):  # the check of the engine has told it
        return
    for obstacle in (traits.why_not, "" if traits.seccomp else traits.why_no_filter):
        if obstacle:
            what, _, fix = obstacle.partition("; ")
            yield note("sandbox", f"the engine runs all programs: {what}", fix)
            return
    version = ".".join(map(str, traits.version))
    yield ok("sandbox", f"bubblewrap {version} runs programs without the engine")
    reasons = _reasons(context)
    networked = [app for app, why in reasons.items() if why.startswith(_NETWORK)]
    if networked:
        what, _, fix = traits.why_no_network.partition("; ")
        yield note("sandbox", f"the engine runs {_some(networked)}, which have a network: {what}", fix)
    others = [f"{app} ({why.partition('; ')[0]})" for app, why in reasons.items() if app not in networked]
    if others:
        yield ok("sandbox", f"the engine runs {_some(others)}")


def _has_engine(context: Context) -> bool:
    try:
        return context.find_engine() is not None
    except EngineError:
        return False


def _reasons(context: Context) -> dict[str, str]:
    """Return why the engine runs each installed app, of those that it has to run."""
    found: dict[str, str] = {}
    for app, deployment in context.deployed().items():
        for command in deployment.commands:
            file = launch_files.read(context.places.current, command.name)
            report = report_runtime(context, file.entry, file.pin) if file else None
            if report and report.why not in ("", NO_TREE) and (report.runtime == ENGINE or report.is_refused):
                found.setdefault(app, report.why)
    return found


def _some(names: list[str]) -> str:
    """Return the first of *names*, and how many there are besides."""
    more = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (f" and {more} more" if more > 0 else "")
