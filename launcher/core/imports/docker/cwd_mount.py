"""The volumes and the working directory of a command line as `mount_cwd`, `working_dir` and `volumes`."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from launcher.core.catalog.keys import KEYS
from launcher.core.imports.docker.mount_options import Bind
from launcher.core.imports.docker.option_values import Caller, Value
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.mount import Mount


class MountKeys(NamedTuple):
    """The catalog keys, and the notes for each volume, in order, and for the working directory."""

    keys: dict[str, Any]
    told: tuple[tuple[str, str], ...]  # key and remark; an empty key: refused, for that reason
    folder_told: tuple[str, str] = ("", "")


def decide_mounts(binds: Sequence[Bind], workdir: Value | None, caller: Caller, *, is_host: bool) -> MountKeys:
    """Decide `mount_cwd`, `working_dir` and `volumes`."""
    targets = [_where(bind.target, caller) for bind in binds]
    again = [bool(target) and target in targets[index + 1 :] for index, target in enumerate(targets)]
    main = _main([None if twice else bind for bind, twice in zip(binds, again, strict=True)], workdir)
    volumes: list[Any] = []
    told: list[tuple[str, str]] = []
    keys: dict[str, Any] = {"mount_cwd": "none"}
    for index, bind in enumerate(binds):
        if again[index]:
            told.append(("", "a later volume has the same target"))
            continue
        try:
            if index == main:
                keys |= _folder(bind, caller)
                told.append(("mount_cwd", _remark(bind, workdir)))
            else:
                said = bind.raw(_target(bind.target, caller, is_host=is_host), caller)
                KEYS["volumes"].parse([said])
                volumes.append(said)
                told.append(("volumes", _EVERYWHERE if bind.is_folder else ""))
        except InvalidValueError as wrong:
            told.append(("", str(wrong)))
            main = None if index == main else main
    about = ("", "")
    if workdir is not None and main is None:
        keys, about = _working_dir(keys, workdir, caller)
    elif workdir is not None and main is not None:
        about = _about(binds[main], workdir)
    return MountKeys(keys | ({"volumes": volumes} if volumes else {}), tuple(told), about)


_EVERYWHERE = "the current folder of each call; a system folder is refused"


def _main(binds: Sequence[Bind | None], workdir: Value | None) -> int | None:
    """Return the index of the volume that becomes `mount_cwd`: the current folder, in which the program starts.

    Without ``-w`` the program starts where the image says, and the folder is a volume like any other.
    """
    for index, bind in enumerate(binds):
        if bind is None or not bind.is_folder:
            continue
        at_own_path = bind.target.kinds == ("pwd",)
        if at_own_path or (workdir is not None and bind.target.pieces == workdir.pieces):
            return index
    return None


def _folder(bind: Bind, caller: Caller) -> dict[str, Any]:
    keys: dict[str, Any] = {"mount_cwd": "ro" if bind.read_only else "rw"}
    if bind.target.kinds == ("pwd",):
        return keys
    target = bind.target.constant(caller)
    return keys | {"working_dir": Mount.parse({"source": "/", "target": target}).target}


def _remark(bind: Bind, workdir: Value | None) -> str:
    remarks = []
    if workdir is None:
        remarks.append("the program starts in it, not in the image's working directory")
    if bind.relabel:
        remarks.append("applaunch relabels for SELinux itself")
    return "; ".join(remarks)


def _about(bind: Bind, workdir: Value) -> tuple[str, str]:
    if bind.target.pieces == workdir.pieces:
        return "working_dir", ""
    return "", "the program starts in the current folder, mounted at its own path"


def _working_dir(keys: dict[str, Any], workdir: Value, caller: Caller) -> tuple[dict[str, Any], tuple[str, str]]:
    try:
        said = {"working_dir": workdir.template(caller)}
        KEYS["working_dir"].parse(said["working_dir"])
    except InvalidValueError as wrong:
        return keys, ("", str(wrong))
    return keys | said, ("working_dir", "")


def _target(target: Value, caller: Caller, *, is_host: bool) -> str:
    """Return the target of a volume; with ``user = "host"`` a path below the caller's home becomes ``~``."""
    if is_host and target.kinds[:1] == ("home",):
        rest = target._replace(pieces=target.pieces[1:]).constant(caller)
        if rest.startswith("/"):
            return "~" + rest
    return target.constant(caller)


def _where(target: Value, caller: Caller) -> str:
    try:
        return target.constant(caller).rstrip("/")
    except InvalidValueError:
        return ""
