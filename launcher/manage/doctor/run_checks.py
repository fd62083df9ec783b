"""The examination: everything that can be amiss looked at in order, and mended on request."""

import contextlib
from collections.abc import Callable, Iterable, Iterator

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.merge import ResolvedApp, app_names, resolve
from launcher.core.catalog.published_snapshot import source_layers, source_of
from launcher.core.deploy.record import Deployment
from launcher.core.values.duration import describe_seconds
from launcher.core.values.invalid_value import InvalidValueError
from launcher.engine.engine_info import read_engine_info
from launcher.errors import UserError
from launcher.host.find_project import find
from launcher.manage.context import Context
from launcher.manage.doctor import check_leftovers, check_modes, check_warm
from launcher.manage.doctor import check_state as deployed
from launcher.manage.doctor.finding import Finding, count, note, ok, problem
from launcher.manage.machine.engine_commands import engine_status
from launcher.manage.machine.path_setup import is_on_path
from launcher.manage.projects import project_trust
from launcher.manage.remotes import remote_config
from launcher.run import catalog_set, project_cache
from launcher.run.catalog_set import CatalogSet

Check = Callable[[Context], Iterable[Finding]]


def run_checks(desk: Context, *, fix: bool) -> list[Finding]:
    """Look at everything and return what was found; with *fix*, repair what can be mended."""
    with desk.record.alone(desk.command_line) if fix else contextlib.nullcontext():
        found = [finding for name, check in CHECKS for finding in _examined(desk, name, check, fix=fix)]
    once: dict[str, Finding] = {}
    for finding in found:
        once.setdefault(finding.what, finding)  # one cause, one line
    return list(once.values())


def is_well(found: Iterable[Finding]) -> bool:
    """Tell whether no problem remains."""
    return all(finding.state != "problem" for finding in found)


def check_engine(desk: Context) -> Iterator[Finding]:
    """Look which engine is in force."""
    found = engine_status(desk)
    words = [f"{found.flavour} {found.version}", *(["rootless"] if found.rootless else []), f"API {found.api}"]
    yield ok("engine", f"{', '.join(words)}: {found.host} ({found.origin})")
    if ignored := read_engine_info(desk.engine().client, found.flavour).unenforced:
        what = f"this engine takes {', '.join(ignored)} and does not enforce them: it may use no cgroup for that"
        yield note("engine", what, f"give it cgroups of version 2: {_CGROUPS}")
    if desk.engine().traits.selinux:
        what = "SELinux is in force: what is mounted gets the shared label (z), a home or a folder of the system never"
        yield note("engine", what, "chcon or a policy of yours, for programs that need one of those")


_CGROUPS = "https://rootlesscontaine.rs/getting-started/common/cgroup2/"


def check_path(desk: Context) -> Iterator[Finding]:
    """Look whether the shims are on PATH."""
    shown = desk.shown(desk.places.bin)
    if is_on_path(desk.places.bin, desk.call.env.get("PATH", "")):
        yield ok("path", f"{shown} is on PATH")
    else:
        yield problem("path", f"{shown} is not on PATH", "applaunch ensurepath, and open a new terminal")


def check_catalogs(desk: Context) -> Iterator[Finding]:
    """Look whether every catalog, the settings and every app can be followed, and whether installed apps are there."""
    found = list(_broken_files(desk))
    if not found:
        shelf = desk.read_catalogs()
        found = list(_broken_apps(desk, shelf)) or list(_unlike_catalog(desk, shelf))
    yield from found
    if is_well(found):
        yield ok("catalog", f"{len(app_names(shelf.catalogs))} apps in {count(len(shelf.catalogs), 'file')}")


def check_project(desk: Context) -> Iterator[Finding]:
    """Look whether the project of the current folder counts, can be followed and is trusted: a script is not told."""
    if not (found := find(desk.call.home)):
        return
    shown = desk.shown(found)
    if why := project_cache.refusal(found, desk.places, desk.call.home):
        yield note("project", f"{shown}: ignored, since it {why}", "applaunch trust --owner")
        return
    try:
        is_trusted = project_trust.review_project(desk, project_trust.find_project_file(desk, found).path).is_trusted
    except UserError as trouble:
        yield note("project", f"{trouble.where}: ignored: {trouble.what}", trouble.fix)
        return
    yield (
        ok("project", f"{shown} is trusted")
        if is_trusted
        else note("project", f"{shown}: nobody trusts it, so commands that it changes do not run", "applaunch trust")
    )


def check_remotes(desk: Context) -> Iterator[Finding]:
    """Look how each remote stands, by what is known; no network is asked."""
    every = [remote_config.seen(desk, each) for each in remote_config.remotes(desk) if each.enabled]
    for seen in every:
        if seen.state != "ok":
            yield note("remotes", f"{seen.name}: {seen.state}: {seen.words}", f"applaunch remote update {seen.name}")
        elif seen.checked is not None and desk.now - seen.checked > _OLD:
            what = f"{seen.name}: was last seen to be the newest {describe_seconds(desk.now - seen.checked)} ago"
            yield note("remotes", what, f"applaunch remote update {seen.name}")
    if every and all(seen.state == "ok" for seen in every):
        yield ok("remotes", count(len(every), "remote"))


_OLD = 30 * 24 * 3600  # seconds


CHECKS: tuple[tuple[str, Check], ...] = (
    ("engine", check_engine),
    ("path", check_path),
    ("modes", check_modes.check_modes),
    ("record", deployed.check_record),
    ("catalog", check_catalogs),
    ("project", check_project),
    ("remotes", check_remotes),
    ("shims", deployed.check_shims),
    ("launch", deployed.check_launch_files),
    ("files", check_leftovers.check_unfinished_files),
    ("containers", check_leftovers.check_containers),
    ("warm", check_warm.check_warm_containers),
)
"""In the order that they are told; what is mended early is sound for those that follow."""


def _broken_files(desk: Context) -> Iterator[Finding]:
    for layer, where in catalog_set.paths(desk.places):
        try:
            if (text := catalog_set.text_of(layer, where, desk.call.home)) is not None:
                Catalog.parse(text, layer, desk.shown(where)).check()
        except UserError as trouble:
            yield _told(desk, "catalog", trouble)


def _broken_apps(desk: Context, shelf: CatalogSet) -> Iterator[Finding]:
    deployed = desk.record.deployed()
    for name in app_names(shelf.catalogs):
        heard = shelf.heard_by(deployed[name].published) if name in deployed else shelf
        if not any(name in each.apps for each in heard.catalogs):
            continue  # installed, and gone from where it came from
        try:
            for command in (app := resolve(heard.catalogs, name)).command_names:
                app.entry(command)
        except (UserError, InvalidValueError) as trouble:
            found = _told(desk, "catalog", trouble)
            others = next(reversed(source_layers(shelf.catalogs, name)), "") in {each.name for each in shelf.remotes}
            yield found._replace(state="note") if others else found  # who publishes it has to repair it


def _unlike_catalog(desk: Context, shelf: CatalogSet) -> Iterator[Finding]:
    """Yield the installed apps that the catalogs no longer have, or have otherwise."""
    for name, deployment in desk.record.deployed().items():
        layers = shelf.heard_by(deployment.published).catalogs
        source = source_of(deployment.published, name)
        if source and source not in source_layers(layers, name):
            fix = f"applaunch add REMOTE/{name} takes it from another, or: applaunch remove {name}"
            yield note("catalog", f"{name} came from {source}, which does not have it any more", fix)
        elif name not in app_names(layers):
            fix = f"applaunch remove {name}, or define it again: applaunch edit {name}"
            yield problem("catalog", f"{name} is installed, and gone from the catalogs", fix)
        elif differs := _differs(resolve(layers, name), deployment):
            yield note("catalog", f"{name}: {differs}", f"applaunch add {name}")


def _differs(app: ResolvedApp, deployment: Deployment) -> str:
    """Return how the catalogs differ from what was installed, "" where they do not."""
    image = app.entry(app.command_names[0]).image
    if image != deployment.image:
        return f"the catalogs name {image}, installed is {deployment.image}"
    installed = tuple(command.name for command in deployment.commands)
    if set(app.exposed_names) != set(installed):
        return f"the catalogs name {', '.join(app.exposed_names)}, installed are {', '.join(installed)}"
    return ""


def _examined(desk: Context, name: str, check: Check, *, fix: bool) -> list[Finding]:
    found: list[Finding] = []
    try:
        for finding in check(desk):
            found.append(finding)  # noqa: PERF402  what was found before the trouble counts
    except UserError as trouble:
        found.append(_told(desk, name, trouble))
    return [_repaired(finding) if fix else finding for finding in found]


def _repaired(finding: Finding) -> Finding:
    if finding.repair is None:
        return finding
    try:
        return Finding(finding.check, f"{finding.what}: {finding.repair()}", "fixed")
    except UserError as trouble:
        return problem(finding.check, f"{finding.what}: {trouble.where}: {trouble.what}", trouble.fix)


def _told(desk: Context, name: str, trouble: UserError | InvalidValueError) -> Finding:
    what = f"{desk.shown(trouble.where)}: {trouble.what}" if isinstance(trouble, UserError) else trouble.what
    return problem(name, what.removeprefix(f"{name}: "), trouble.fix)
