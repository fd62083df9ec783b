"""Run all checks of doctor in order, and fix problems on request."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.merge import ResolvedApp, app_names, resolve
from launcher.core.catalog.published_snapshot import source_layers, source_of
from launcher.core.deploy.record import Deployment
from launcher.core.values.duration import describe_seconds
from launcher.core.values.invalid_value import InvalidValueError
from launcher.engine.engine_info import read_engine_info
from launcher.engine.install_hint import engine_fix, inspect_machine
from launcher.errors import UserError
from launcher.host.find_project import find
from launcher.manage.context import Context
from launcher.manage.doctor import check_leftovers, check_modes, check_sandbox, check_state, check_unpacked, check_warm
from launcher.manage.doctor.finding import Finding, count, note, ok, problem
from launcher.manage.images.why_no_tree import find_traits
from launcher.manage.machine.engine_commands import engine_status
from launcher.manage.machine.path_setup import is_on_path
from launcher.manage.projects import project_trust
from launcher.manage.remotes import remote_config
from launcher.run import catalog_set, project_cache
from launcher.run.catalog_set import CatalogSet

Check = Callable[[Context], Iterable[Finding]]


def run_checks(context: Context, *, fix: bool, verify: bool = False) -> list[Finding]:
    """Run all checks and return the findings; with *fix*, repair what can be repaired.

    With *verify*, read all files of unpacked images.
    """
    checks: tuple[tuple[str, Check], ...] = (*CHECKS, ("trees", partial(check_unpacked.check_unpacked, verify=verify)))
    with context.record.alone(context.command_line) if fix else contextlib.nullcontext():
        found = [finding for name, check in checks for finding in _run_check(context, name, check, fix=fix)]
    once: dict[str, Finding] = {}
    for finding in found:
        once.setdefault(finding.what, finding)  # report each cause only once
    return list(once.values())


def is_well(found: Iterable[Finding]) -> bool:
    """Return whether no problem remains."""
    return all(finding.state != "problem" for finding in found)


def check_engine(context: Context) -> Iterator[Finding]:
    """Check which engine is used, and which limits it does not enforce."""
    if (reached := context.find_engine()) is None:
        yield _without_engine(context)
        return
    status = engine_status(context)
    words = [f"{status.flavour} {status.version}", *(["rootless"] if status.rootless else []), f"API {status.api}"]
    yield ok("engine", f"{', '.join(words)}: {status.host} ({status.origin})")
    if ignored := read_engine_info(reached.client, status.flavour).unenforced:
        what = f"this engine accepts {', '.join(ignored)} but does not enforce them: it has no cgroup for that"
        yield note("engine", what, f"enable cgroups version 2: {_CGROUPS}")
    if reached.traits.selinux:
        what = "SELinux is enabled: mounts are relabelled (z), except the home and system folders"
        yield note("engine", what, "use chcon or a policy for programs that need those")


def _without_engine(context: Context) -> Finding:
    """Return what runs programs on a machine without an engine."""
    traits = find_traits(context)
    if not traits.why_not:
        return ok("engine", f"none; programs run by bubblewrap {'.'.join(map(str, traits.version))}")
    what, _, fix = traits.why_not.partition("; ")
    other = engine_fix(inspect_machine(context.call.uid, context.call.env.get("PATH")))
    return problem("engine", f"no container engine answers, and {what}", ", or: ".join(filter(None, (fix, other))))


_CGROUPS = "https://rootlesscontaine.rs/getting-started/common/cgroup2/"


def check_path(context: Context) -> Iterator[Finding]:
    """Check that the shims are on PATH."""
    shown = context.shown(context.places.bin)
    if is_on_path(context.places.bin, context.call.env.get("PATH", "")):
        yield ok("path", f"{shown} is on PATH")
    else:
        yield problem("path", f"{shown} is not on PATH", "applaunch ensurepath, and open a new terminal")


def check_catalogs(context: Context) -> Iterator[Finding]:
    """Check that every catalog, the settings and every app are valid, and that installed apps are in a catalog."""
    found = list(_broken_files(context))
    if not found:
        loaded = context.read_catalogs()
        found = list(_broken_apps(context, loaded)) or list(_outdated_apps(context, loaded))
    yield from found
    if is_well(found):
        yield ok("catalog", f"{len(app_names(loaded.catalogs))} apps in {count(len(loaded.catalogs), 'file')}")


def check_project(context: Context) -> Iterator[Finding]:
    """Check that the project of the current folder is used, valid and trusted."""
    if not (found := find(context.call.home)):
        return
    shown = context.shown(found)
    if why := project_cache.refusal_reason(found, context.places, context.call.home):
        yield note("project", f"{shown}: ignored, since it {why}", "applaunch trust --owner")
        return
    try:
        is_trusted = project_trust.review_project(
            context, project_trust.find_project_file(context, found).path
        ).is_trusted
    except UserError as error:
        yield note("project", f"{error.where}: ignored: {error.what}", error.fix)
        return
    yield (
        ok("project", f"{shown} is trusted")
        if is_trusted
        else note("project", f"{shown}: it is not trusted, so commands that it changes do not run", "applaunch trust")
    )


def check_remotes(context: Context) -> Iterator[Finding]:
    """Check the known state of each remote, without network requests."""
    every = [remote_config.seen(context, each) for each in remote_config.remotes(context) if each.enabled]
    for seen in every:
        if seen.state != "ok":
            yield note("remotes", f"{seen.name}: {seen.state}: {seen.words}", f"applaunch remote update {seen.name}")
        elif seen.checked is not None and context.now - seen.checked > _OLD:
            what = f"{seen.name}: last checked {describe_seconds(context.now - seen.checked)} ago"
            yield note("remotes", what, f"applaunch remote update {seen.name}")
    if every and all(seen.state == "ok" for seen in every):
        yield ok("remotes", count(len(every), "remote"))


_OLD = 30 * 24 * 3600  # seconds


CHECKS: tuple[tuple[str, Check], ...] = (
    ("engine", check_engine),
    ("path", check_path),
    ("modes", check_modes.check_modes),
    ("record", check_state.check_record),
    ("catalog", check_catalogs),
    ("project", check_project),
    ("remotes", check_remotes),
    ("shims", check_state.check_shims),
    ("launch", check_state.check_launch_files),
    ("sandbox", check_sandbox.check_sandbox),
    ("files", check_leftovers.check_unfinished_files),
    ("containers", check_leftovers.check_containers),
    ("warm", check_warm.check_warm_containers),
)
"""In the order of the report; an early repair is in effect for later checks."""


def _broken_files(context: Context) -> Iterator[Finding]:
    for layer, where in catalog_set.catalog_paths(context.places):
        try:
            if (text := catalog_set.read_catalog_text(layer, where, context.call.home)) is not None:
                Catalog.parse(text, layer, context.shown(where)).check()
        except UserError as error:
            yield _problem_of(context, "catalog", error)


def _broken_apps(context: Context, loaded: CatalogSet) -> Iterator[Finding]:
    deployed = context.record.deployed()
    for name in app_names(loaded.catalogs):
        heard = loaded.heard_by(deployed[name].published) if name in deployed else loaded
        if not any(name in each.apps for each in heard.catalogs):
            continue  # installed, but no longer in its catalog
        try:
            for command in (app := resolve(heard.catalogs, name)).command_names:
                app.entry(command)
        except (UserError, InvalidValueError) as error:
            found = _problem_of(context, "catalog", error)
            others = next(reversed(source_layers(loaded.catalogs, name)), "") in {each.name for each in loaded.remotes}
            yield found._replace(state="note") if others else found  # only its publisher can fix it


def _outdated_apps(context: Context, loaded: CatalogSet) -> Iterator[Finding]:
    """Yield the installed apps that the catalogs no longer have, or define differently."""
    for name, deployment in context.record.deployed().items():
        layers = loaded.heard_by(deployment.published).catalogs
        source = source_of(deployment.published, name)
        if source and source not in source_layers(layers, name):
            fix = f"install it from another remote: applaunch add REMOTE/{name}, or: applaunch remove {name}"
            yield note("catalog", f"{name} came from {source}, which no longer has it", fix)
        elif name not in app_names(layers):
            fix = f"applaunch remove {name}, or define it again: applaunch edit {name}"
            yield problem("catalog", f"{name} is installed but no longer in any catalog", fix)
        elif differs := _differs(resolve(layers, name), deployment):
            yield note("catalog", f"{name}: {differs}", f"applaunch add {name}")


def _differs(app: ResolvedApp, deployment: Deployment) -> str:
    """Return how the catalogs differ from what was installed, or ""."""
    image = app.entry(app.command_names[0]).image
    if image != deployment.image:
        return f"the catalogs have {image}, but {deployment.image} is installed"
    installed = tuple(command.name for command in deployment.commands)
    if set(app.exposed_names) != set(installed):
        return f"the catalogs have {', '.join(app.exposed_names)}, but {', '.join(installed)} are installed"
    return ""


def _run_check(context: Context, name: str, check: Check, *, fix: bool) -> list[Finding]:
    found: list[Finding] = []
    try:
        for finding in check(context):
            found.append(finding)  # noqa: PERF402  keep the findings from before an error
    except UserError as error:
        found.append(_problem_of(context, name, error))
    return [_repaired(finding) if fix else finding for finding in found]


def _repaired(finding: Finding) -> Finding:
    if finding.repair is None:
        return finding
    try:
        return Finding(finding.check, f"{finding.what}: {finding.repair()}", "fixed")
    except UserError as error:
        return problem(finding.check, f"{finding.what}: {error.where}: {error.what}", error.fix)


def _problem_of(context: Context, name: str, error: UserError | InvalidValueError) -> Finding:
    what = f"{context.shown(error.where)}: {error.what}" if isinstance(error, UserError) else error.what
    return problem(name, what.removeprefix(f"{name}: "), error.fix)
