"""The user of a container: the catalog's `user` in the terms of this engine."""

from __future__ import annotations

from launcher.fast_stdlib import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.run.engine_traits import EngineTraits
    from launcher.core.values.invocation import Invocation

ROOT_CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER")
"""The capabilities that root keeps if root is the caller: those over the files that it is given."""


class Account(NamedTuple):
    """Files of this machine that give the caller a name inside: the image's own, after one more line.

    "" for a file of the image that stays as it is.
    """

    passwd: str
    group: str


class ContainerUser(NamedTuple):
    """The user of a container, in the engine's words."""

    user: str = ""
    userns_mode: str = ""
    group_add: tuple[str, ...] = ()
    inside: tuple[int, int] | None = None  # the caller's uid and gid as the program sees them; None: not the caller
    needs_account: bool = False  # the image may have no line for this uid: it gets one
    keeps_accounts: bool = False  # but not over files that the image has: root's useradd and apt change them
    account: Account | None = None


def container_user(user: str, call: Invocation, traits: EngineTraits) -> ContainerUser:
    """Return who the program is; *user* is the entry's, filled in (measured for each engine: engine-notes.md, 4.3).

    With ``host``, files come out owned by the caller: on a rootless docker root inside *is* the caller; a rootless
    podman keeps the id; an engine that remaps users is told not to; everywhere else the ids are the caller's.
    """
    if user == "image":
        return ContainerUser()
    if user != "host":
        return ContainerUser(user, "host" if traits.userns else "")
    if traits.rootless and traits.flavour == "podman":
        return ContainerUser(userns_mode="keep-id", inside=(call.uid, call.gid), needs_account=True)
    if traits.rootless:
        return ContainerUser("0:0", inside=(0, 0), needs_account=True)
    groups = tuple(str(group) for group in call.groups if group != call.gid)
    mode = "host" if traits.userns else ""
    ids = call.uid, call.gid
    return ContainerUser(f"{ids[0]}:{ids[1]}", mode, groups, ids, needs_account=True, keeps_accounts=ids[0] == 0)


def home_of(call: Invocation) -> str:
    """Return the path of the caller's home in the container: the same as outside, if a home can be there."""
    top = call.home.strip("/").partition("/")[0] if call.home.startswith("/") else ""
    return f"/home/{call.user}" if top in _NO_PLACE else call.home


_NO_PLACE = ("", "dev", "proc", "sys")


def passwd_file(image: str, call: Invocation, who: ContainerUser) -> str:
    """Return the *image*'s passwd file with a line for the caller first, so that its uid and name are found."""
    uid, gid = who.inside or (call.uid, call.gid)
    name = _field(call.user)
    return f"{name}:x:{uid}:{gid}:{name}:{_field(home_of(call))}:/bin/sh\n{image}"


def group_file(image: str, call: Invocation, who: ContainerUser) -> str:
    """Return the *image*'s group file with the caller's group first."""
    _, gid = who.inside or (call.uid, call.gid)
    return f"{_field(call.user)}:x:{gid}:\n{image}"


def _field(text: str) -> str:
    return text.replace(":", "_").replace("\n", "_")
