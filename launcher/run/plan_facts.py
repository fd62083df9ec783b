"""Plans a launch on this machine: gathers the facts that the plan needs, and checks the mounts once they are made."""

from __future__ import annotations

import os

from launcher.core.run.container_user import Account, container_user, group_file, passwd_file
from launcher.core.run.host_names import finds_itself
from launcher.core.run.mount_plan import inspected_paths, persisted_mounts
from launcher.core.run.plan import HostFacts, is_apart, plan
from launcher.core.values.environment import uncommon_locales
from launcher.engine.endpoint import read_proxies
from launcher.errors import HostError, printable
from launcher.fast_stdlib import NamedTuple
from launcher.host import path_check
from launcher.host.terminal import write_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.policy.path_args import PathFacts
    from launcher.core.run.container_user import ContainerUser
    from launcher.core.run.engine_traits import EngineTraits
    from launcher.core.values.invocation import Invocation
    from launcher.core.values.run_spec import RunSpec
    from launcher.engine.engine_protocol import Engine
    from launcher.host.locations import Places
    from launcher.host.path_check import MountCheck
    from launcher.run.launch import Engines, Launch
    from launcher.run.sandbox_launch import SandboxLaunch


class Runner(NamedTuple):
    """What a plan needs to know about what runs the program: an engine, or bubblewrap."""

    traits: EngineTraits
    socket: str
    """The engine's local socket, which is a secret; "" if there is none."""
    read_accounts: Callable[[], tuple[str, str]]
    """Returns the text of the image's passwd and group files."""
    present_locales: Callable[[Collection[str]], Collection[str]]
    """Returns those of a list of locales that the image has."""
    machine: str = ""
    """The address of this machine in the program's network; "": the runner finds it, or nobody does."""
    host: str = ""
    """The engine's address; "" for bubblewrap."""


def plan_launch(launch: Launch) -> tuple[RunSpec, PathFacts]:
    """Return what exactly an engine runs, and the facts about paths that it rests on."""
    engine, image = launch.engine, launch.pin.reference(launch.entry.image)

    def read_image_accounts() -> tuple[str, str]:
        from launcher.engine.accounts import read_accounts  # noqa: PLC0415  once for an image

        return read_accounts(engine.client, image)

    def present_in_image(locales: Collection[str]) -> Collection[str]:
        from launcher.engine.image_locales import present_locales  # noqa: PLC0415  once for an image

        return present_locales(engine.client, image, locales)

    socket = engine.endpoint.socket
    machine = _machine() if socket and not finds_itself(engine.traits) else ""
    host = engine.endpoint.host
    return plan_run(launch, Runner(engine.traits, socket, read_image_accounts, present_in_image, machine, host))


def _machine() -> str:
    from launcher.sandbox.machine_address import find_address  # noqa: PLC0415  few engines

    return find_address()


def plan_run(launch: Launch | SandboxLaunch, runner: Runner) -> tuple[RunSpec, PathFacts]:
    """Return what exactly runs, and the facts about paths that it rests on; make the folders that the app keeps."""
    entry = launch.entry
    who = container_user(entry.user, launch.call, runner.traits)
    if who.needs_account and launch.pin.image_id:
        who = who._replace(account=_account(launch, who, runner.read_accounts))
    for kept in persisted_mounts(entry, launch.call) if entry.persist else ():
        _make_folder(kept.source)
    call, facts = inspect_call(entry, launch.call, runner.socket)
    host = HostFacts(
        runner.traits,
        facts,
        image=launch.pin.reference(entry.image),
        machine=runner.machine,
        hosts=_hosts(launch.places, runner) if is_apart(entry, runner.traits) else "",
        run=os.urandom(8).hex(),
        proxies=read_proxies(launch.call.env, launch.call.home, runner.host),
        locales=_locales(launch, runner) if launch.pin.image_id else {},
    )
    return plan(entry, call, who, host), facts


def inspect_call(entry: CatalogEntry, call: Invocation, socket: str = "") -> tuple[Invocation, PathFacts]:
    """Return *call*, its secrets by their paths on this machine, and what is at each path that matters.

    The *socket* of the engine is a secret: a program that reaches it can do all that the engine can.
    """
    secrets, startup = path_check.existing_paths(
        call.home, (*call.secrets, *((socket,) if socket else ())), call.startup
    )
    call = call._replace(secrets=secrets, startup=startup)
    return call, path_check.inspect_paths(inspected_paths(entry, call))


def note_secrets(launch: Launch | SandboxLaunch, spec: RunSpec) -> None:
    """Print a note, the first time, for each secret that the program can read."""
    for path in spec.secrets:
        from launcher.host import notices  # noqa: PLC0415  few launches

        if notices.note_once(launch.places.noted, f"{launch.entry.app} {path}"):
            write_message(printable(f"applaunch: {launch.entry.name}: note: it can read {path}, which is secret"))


def note_startup(launch: Launch | SandboxLaunch, before: PathFacts) -> None:
    """Print a note for each start-up file that the program has made: one that is not there cannot be protected."""
    call = launch.call
    (there,) = path_check.existing_paths(call.home, call.startup)
    for path in path_check.inspect_paths([path for path in there if path not in before]):
        write_message(
            printable(f"applaunch: {launch.entry.name}: note: it made {path}, which your shell or desktop runs")
        )


def check_mounts(engines: Engines, mounts: MountCheck) -> Engines:
    """Return *engines*, each of which starts the program only if the *mounts* are what was planned."""
    return tuple([_checked(make, mounts) for make in engines])


def _checked(make: Callable[[], Engine], mounts: MountCheck) -> Callable[[], Engine]:
    return lambda: _Checked(make(), mounts)


class _Checked:
    """An engine that checks the mounts before a program starts, and after, before anybody hears of it."""

    def __init__(self, engine: Engine, mounts: MountCheck) -> None:
        self._engine, self._mounts = engine, mounts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def start(self, container: str) -> None:
        self._mounts.check()
        self._engine.start(container)
        self._mounts.check()  # a session that fails here removes the container


def _locales(launch: Launch | SandboxLaunch, runner: Runner) -> dict[str, str]:
    """Return for each locale of the caller the one that programs get: C.UTF-8 for one that the image does not have."""
    wanted, found = uncommon_locales(launch.call.env), {}
    folder = f"{launch.places.accounts}/{_key(launch)}-locales"
    for locale in wanted:
        try:
            with open(f"{folder}/{locale}", encoding="ascii") as file:
                found[locale] = file.read()
        except (OSError, ValueError):
            from launcher.run.find_locales import find_locales  # noqa: PLC0415  once for an image and a locale

            return find_locales(folder, wanted, runner.present_locales)
    return found


def _key(launch: Launch | SandboxLaunch) -> str:
    return launch.pin.image_id.rpartition(":")[2][:24]


def _account(
    launch: Launch | SandboxLaunch, who: ContainerUser, read_accounts: Callable[[], tuple[str, str]]
) -> Account | None:
    """Return the passwd and group files that give the caller a name in the image, made if they are missing.

    They are kept by image, uid and gid, and hold the image's own lines after the caller's. An empty file stands for one
    of the image's that stays as it is.
    """
    uid, gid = who.inside or (launch.call.uid, launch.call.gid)
    key = f"{_key(launch)}-{uid}-{gid}{'-kept' if who.keeps_accounts else ''}"
    folder = f"{launch.places.accounts}/{key}"
    made = Account(f"{folder}/passwd", f"{folder}/group")
    if not os.path.exists(made.group):
        from launcher.host import files  # noqa: PLC0415  once for an image

        users, groups = read_accounts()
        passwd = "" if users and who.keeps_accounts else passwd_file(users, launch.call, who)
        group = "" if groups and who.keeps_accounts else group_file(groups, launch.call, who)
        try:
            files.create(made.passwd, passwd)  # never replaced: another launch may mount it
            files.create(made.group, group)  # last: it says that both are there
        except HostError:
            return None  # if the cache cannot be written, the program runs without a name
    return Account(*[path if os.path.getsize(path) else "" for path in made]) if who.keeps_accounts else made


def _hosts(places: Places, runner: Runner) -> str:
    """Return the path of the /etc/hosts of programs without a network, made if it is missing.

    Return "" if it cannot be made, or the engine is on another machine.
    """
    path = places.hosts
    if not runner.socket or os.path.exists(path):
        return path if runner.socket else ""
    from launcher.host import files  # noqa: PLC0415  once for a user

    try:
        files.create(path, LOCAL_HOSTS)
    except HostError:
        return ""
    return path


LOCAL_HOSTS = """\
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
ff00::0\tip6-mcastprefix
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
"""
"""The lines of every container's /etc/hosts (moby, libnetwork/etchosts)."""


def _make_folder(folder: str) -> None:
    """Make a folder that an app keeps, for its owner alone; raises `HostError`."""
    if not os.path.isdir(folder):
        from launcher.host import files  # noqa: PLC0415  once for an app

        files.make_folder(folder, 0o700)
