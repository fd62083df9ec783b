"""The plan: what exactly will run, decided before anything does."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from launcher.core import protected
from launcher.core.call import Invocation
from launcher.core.entry import CatalogEntry
from launcher.core.environment import chosen
from launcher.core.identity import ROOTS_OWN, Account, Identity, home_of, identity
from launcher.core.interpolate import interpolated
from launcher.core.mount import Mount
from launcher.core.spec import RunSpec
from launcher.core.traits import EngineTraits
from launcher.core.wrong import Wrong
from launcher.errors import CannotRun, CatalogError

Placed = TypeVar("Placed", Mount, protected.Cover)

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_.-]")
"""What a command's name may hold and a container's may not (docker: ``[a-zA-Z0-9][a-zA-Z0-9_.-]+``)."""

Kinds = Mapping[str, str]
"""Paths that exist on the host: "folder" or "file"; what is missing is not in it."""


def sources(entry: CatalogEntry, call: Invocation) -> tuple[str, ...]:
    """Return the paths of the host that `plan` wants to know about."""
    binds = [mount.source for mount in _volumes(entry, call) if mount.kind == "bind"]
    secrets = [cover.source for mount in _folder(entry, call) for cover in protected.covers(mount, call.home, binds)]
    return (*binds, *secrets)


def plan(  # noqa: PLR0913  the facts that a run depends on, each from another room
    entry: CatalogEntry,
    call: Invocation,
    traits: EngineTraits,
    kinds: Kinds,
    *,
    image: str = "",
    account: Account | None = None,
    run: str = "",
) -> RunSpec:
    """Decide how to run *entry* for this *call*; *image* is the digest that was installed, where there is one.

    Raises `CannotRun` where a volume's source is missing or the current folder must not be mounted.
    """
    who = identity(_expanded(entry, entry.user, call), call, traits)
    folder = tuple(_folder(entry, call))
    if folder:
        protected.refuse_system(call.cwd, entry.name)
    volumes = tuple(_present(_volumes(entry, call), kinds, entry))
    named = [mount.source for mount in volumes]
    hidden = _beside(volumes, [cover for mount in folder for cover in protected.covers(mount, call.home, named)])
    visible = _beside(volumes, folder)
    mounts = (*visible, *_files_hidden(hidden, kinds), *volumes, *_beside(volumes, _account(who, account)))
    return RunSpec(
        image=image or entry.image,
        name=f"applaunch-{_NOT_IN_NAMES.sub('_', entry.name)}-{run}" if run else "",
        entrypoint=entry.entrypoint,
        command=_command(entry, call),
        mounts=mounts,
        tmpfs=(*_home(entry, call, who, mounts), *_folders_hidden(hidden, kinds), *entry.tmpfs),
        user=who.user,
        userns_mode=who.userns_mode,
        group_add=(*who.group_add, *entry.group_add),
        working_dir=_working_dir(entry, call) or (call.cwd if folder else ""),
        environment=_environment(entry, call, who),
        network_mode=entry.network_mode,
        ports=entry.ports,
        tty=entry.tty if isinstance(entry.tty, bool) else call.is_interactive,
        stdin=entry.stdin == "always" or (entry.stdin == "auto" and call.stdin_open),
        init=entry.init,
        read_only=entry.read_only,
        cap_add=(*(ROOTS_OWN if entry.user == "host" and call.uid == 0 else ()), *entry.cap_add),
        cap_drop=entry.cap_drop if entry.cap_drop is not None else ("ALL",) if entry.user != "image" else (),
        security_opt=_security(entry),
        shm_size=entry.shm_size,
        ulimits=entry.ulimits,
        mem_limit=entry.mem_limit,
        cpus=entry.cpus,
        pids_limit=entry.pids_limit,
        stop_signal=entry.stop_signal,
        stop_grace_period=entry.stop_grace_period,
        hostname=entry.hostname,
        dns=entry.dns,
        extra_hosts=entry.extra_hosts,
        platform=entry.platform,
        labels=_labels(entry, call, run),
        size=(call.rows, call.columns),
    )


def _command(entry: CatalogEntry, call: Invocation) -> tuple[str, ...] | None:
    """Return argv after the entrypoint; None keeps the image's CMD, which any argument replaces (docker)."""
    for number, arg in enumerate(call.args, 1):
        _refuse_bytes(arg, f"argument {number}", entry)
    command = (*(entry.command or ()), *call.args)
    return command or (() if entry.entrypoint is not None else None)


def _refuse_bytes(text: str, what: str, entry: CatalogEntry) -> None:
    """Raise where *text* holds bytes that are no UTF-8 (Python keeps them as surrogates): the engine's JSON cannot."""
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        fix = "rename the file, or reach it through a folder"
        raise CannotRun(entry.name, f"{what} is not UTF-8 and no engine can carry it", fix)


def _folder(entry: CatalogEntry, call: Invocation) -> Iterator[Mount]:
    if entry.mount_cwd != "none":
        _refuse_bytes(call.cwd, "the current folder's name", entry)
        yield Mount(call.cwd, _working_dir(entry, call) or call.cwd, read_only=entry.mount_cwd == "ro")


def _working_dir(entry: CatalogEntry, call: Invocation) -> str:
    folder = _inside(_expanded(entry, entry.working_dir, call), entry, call)
    if folder and not folder.startswith("/"):
        raise _relative(entry, "working_dir", entry.working_dir, folder)
    return folder


def _volumes(entry: CatalogEntry, call: Invocation) -> Iterator[Mount]:
    for mount in entry.volumes:
        source = _expanded(entry, mount.source, call, home=call.home) if mount.kind == "bind" else mount.source
        if mount.kind == "bind" and not source.startswith("/"):
            raise _relative(entry, "volumes", mount.source, source)  # an empty one would be the whole machine
        _refuse_bytes(source, "a volume's source", entry)
        yield mount._replace(source=source.rstrip("/") or "/", target=_inside(mount.target, entry, call))


def _relative(entry: CatalogEntry, key: str, text: str, value: str) -> CatalogError:
    what = f"{key}: {text!r} comes out as {value!r}, which is no absolute path"
    return CatalogError(f"[apps.{entry.app}]", what, "set the variable to an absolute path")


def _inside(path: str, entry: CatalogEntry, call: Invocation) -> str:
    """Return *path* with a leading ``~/`` made the home that the program has, which is the caller's."""
    if not path.startswith("~/"):
        return path
    if entry.user != "host":
        raise CatalogError(f"[apps.{entry.app}]", f"{path!r}: ~ is the caller's home", "write an absolute path")
    return home_of(call).rstrip("/") + path[1:]


def _present(volumes: Iterator[Mount], kinds: Kinds, entry: CatalogEntry) -> Iterator[Mount]:
    for mount in volumes:
        if mount.kind != "bind" or mount.source in kinds:
            yield mount
        elif mount.required:
            from shlex import quote  # noqa: PLC0415  someone is failing

            fix = f"mkdir -p {quote(mount.source)}"
            raise CannotRun(entry.name, f"the volume's source {mount.source} does not exist", fix)


def _beside(volumes: tuple[Mount, ...], others: Iterable[Placed]) -> list[Placed]:
    """Return the *others* whose place no volume takes: what an entry mounts by name wins, and no engine takes both."""
    taken = {mount.target for mount in volumes}
    return [other for other in others if other.target not in taken]


def _files_hidden(hidden: list[protected.Cover], kinds: Kinds) -> Iterator[Mount]:
    return (Mount("/dev/null", cover.target, read_only=True) for cover in hidden if kinds.get(cover.source) == "file")


def _folders_hidden(hidden: list[protected.Cover], kinds: Kinds) -> Iterator[tuple[str, str]]:
    return ((cover.target, "ro,mode=0555") for cover in hidden if kinds.get(cover.source) == "folder")


def _account(who: Identity, account: Account | None) -> tuple[Mount, ...]:
    if not who.needs_account or account is None:
        return ()
    return Mount(account.passwd, "/etc/passwd", read_only=True), Mount(account.group, "/etc/group", read_only=True)


def _home(
    entry: CatalogEntry, call: Invocation, who: Identity, mounts: tuple[Mount, ...]
) -> tuple[tuple[str, str], ...]:
    """Return a home of the caller's own, unless a mount is one, or it is root's, which every image has."""
    home = home_of(call)
    taken = {mount.target.rstrip("/") for mount in mounts} | {path.rstrip("/") for path, _ in entry.tmpfs}
    if who.inside is None or home in taken or (home == "/root" and who.inside[0] == 0):
        return ()
    uid, gid = who.inside
    return ((home, f"uid={uid},gid={gid},mode=0700,exec"),)


def _environment(entry: CatalogEntry, call: Invocation, who: Identity) -> tuple[tuple[str, str], ...]:
    variables = tuple(
        (name, value if value is None else _expanded(entry, value, call)) for name, value in entry.environment
    )
    own = {"HOME": home_of(call)} if who.inside else {}
    result = own | chosen(variables, call.env)
    for name, value in result.items():
        _refuse_bytes(value, f"the variable {name}", entry)
    return tuple(result.items())


def _security(entry: CatalogEntry) -> tuple[str, ...]:
    if any(option.startswith("no-new-privileges") for option in entry.security_opt):
        return entry.security_opt
    return ("no-new-privileges:true", *entry.security_opt)


def _labels(entry: CatalogEntry, call: Invocation, run: str) -> tuple[tuple[str, str], ...]:
    ours = {
        "applaunch.app": entry.app,
        "applaunch.command": entry.name,
        "applaunch.run": run,
        "applaunch.pid": str(call.pid),
        "applaunch.started": call.started,
    }
    return tuple((dict(entry.labels) | ours).items())


def _expanded(entry: CatalogEntry, text: str, call: Invocation, home: str = "") -> str:
    try:
        return interpolated(text, call.env, home)
    except Wrong as wrong:
        raise CatalogError(f"[apps.{entry.app}]", wrong.what, wrong.fix) from None
