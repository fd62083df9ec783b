"""Repeats a run in a sandbox as it was planned before, if nothing that the plan rests on has changed.

Most calls of a command are like one before: the same folder, the same environment, other arguments. The plan of such a
call was saved (`launcher.run.save_plan`), with all that it was made from: variables, and the state of files and
folders. If all of it is the same, the plan is the same, so it need not be made again. That takes 13 modules in the
place of 70. Whatever is not exactly as it was, and whatever this module does not understand, is planned as ever.

Nothing here decides what runs: a saved plan is only ever compared.
"""

from __future__ import annotations

from launcher import __version__
from launcher.errors import UserError
from launcher.fast_stdlib import NamedTuple, os
from launcher.sandbox.run_sandbox import Bind, SandboxStart, Text, run_sandbox
from launcher.state import saved_plans

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from launcher.sandbox.kept_network import Network
    from launcher.sandbox.run_sandbox import SandboxEnd
    from launcher.state.saved_plans import SavedPlan

HOSTNAME, PID = "\0hostname", "\0pid"
"""Stand for the hostname in a saved plan, of which each run has its own, and for the process that holds a network."""


class Replayed(NamedTuple):
    """A run that was repeated: how it ended, and what it was planned as."""

    plan: SavedPlan
    end: SandboxEnd

    @property
    def cwd(self) -> str:
        """The folder that it was called in."""
        return str(self.plan.process[_CWD])


def replay(argv: Sequence[str], env: Mapping[str, str]) -> Replayed | None:
    """Run the command that *argv* names as it was planned before; None if it has to be planned, and nothing was done.

    Raises BrokenPipeError as any run.
    """
    folder, name = find_plans(env), argv[0].rpartition("/")[2]
    if not folder or os.path.islink(argv[0]) or not _is_plain_process():
        return None
    try:
        facts = describe_call(argv[1:])
    except OSError:  # the folder is gone
        return None
    for plan in saved_plans.read(folder, name):
        if plan.process == facts and is_current(plan, env) and stays_inside(argv[1:], plan):
            return _run(plan, argv[1:])
    return None


def find_plans(env: Mapping[str, str]) -> str:
    """Return the folder of saved plans, "" if only the whole rules for folders can tell (`locations.places`)."""
    home, cache = env.get("HOME", ""), env.get("XDG_CACHE_HOME", "")
    if not home.startswith("/") or (cache and not cache.startswith("/")):
        return ""
    return f"{cache.rstrip('/') or home.rstrip('/') + '/.cache'}/applaunch/plans"


def _is_plain_process() -> bool:
    """Return whether descriptors 0 to 2 are open and the umask leaves the owner all permissions, as nearly always."""
    descriptor = os.open(os.devnull, os.O_RDWR)
    os.close(descriptor)
    mask = os.umask(0o077)
    os.umask(mask)
    return descriptor > _STDERR and not mask & 0o700


_STDERR = 2


def describe_call(args: Sequence[str]) -> list[Any]:
    """Return the facts of this process and call that a plan rests on: any argument replaces an image's CMD."""
    at_terminal = os.isatty(0) and os.isatty(1)
    reads = not os.path.samestat(os.fstat(0), os.stat(os.devnull))
    return [__version__, os.getuid(), os.getgid(), os.getgroups(), os.getcwd(), at_terminal, reads, bool(args)]


_CWD = 4


def is_current(plan: SavedPlan, env: Mapping[str, str]) -> bool:
    """Return whether all that *plan* rests on is as it was."""
    prefixes = tuple(plan.prefixes)
    return (
        all(env.get(name) == value for name, value in plan.variables.items())
        and {name: env[name] for name in env if name.startswith(prefixes)} == plan.prefixed
        and all(describe_file(path) == state for path, state in plan.files.items())
        and all(identify(path) == state for path, state in plan.paths.items())
    )


def describe_file(path: str) -> list[int]:
    """Return what changes whenever the file or folder at *path* does; [] if it is not there."""
    try:
        seen = os.stat(path)
    except (OSError, ValueError):
        return []
    return [seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_mode, seen.st_uid]


def identify(path: str) -> list[int]:
    """Return which file or folder is at *path*, and whose, whatever its contents; [] if there is none."""
    try:
        seen = os.stat(path)
    except (OSError, ValueError):
        return []
    return [seen.st_dev, seen.st_ino, seen.st_mode & 0o170000, seen.st_uid]


def stays_inside(args: Sequence[str], plan: SavedPlan) -> bool:
    """Return whether no argument can name a path outside the current folder, which alone could change the plan."""
    return not plan.reads_paths or all(map(is_inside, args))


def is_inside(arg: str) -> bool:
    """Return whether *arg* names nothing outside the current folder, as a whole or after a ``=``."""
    option, equals, value = arg.partition("=")
    for word in (arg, value) if equals and "/" not in option else (arg,):
        if word.startswith(("/", "file://")) or ".." in word or _is_glued(word):
            return False
        folder = ""
        for name in word.split("/") if not word.startswith("-") else ():
            folder = f"{folder}{name}/"
            if os.path.islink(folder[:-1]):
                return False
    return "\0" not in arg


def _is_glued(word: str) -> bool:
    """Return whether *word* may hold an absolute path behind something (`path_args`, which knows the exact forms)."""
    return "://" not in word and ((word.startswith(("@/", "-")) and "/" in word[1:3]) or ":/" in word or ",/" in word)


def may_need_hint(args: Sequence[str]) -> bool:
    """Return whether a program may fail because one of *args* names a path or a network that it does not reach."""
    return any(any(word in arg for word in _NETWORK) or not is_inside(arg) for arg in args)


_NETWORK = ("://", "localhost", "127.", "::1")
NO_HINT = (125, 126, 127)
"""After a program's own exit codes of this kind, a line of ours could be taken for the cause."""


def writes_file(plan: SavedPlan) -> bool:
    """Return whether *plan* mounts a single file that the program can write, which it cannot replace."""
    binds = [word for word in plan.start["options"] if not isinstance(word, str) and word[0] == "bind"]
    return any(identify(bind[1])[2:] == _FILE for bind in binds)


_FILE = [0o100000]


def names_new_file(args: Sequence[str]) -> bool:
    """Return whether one of *args* names a file outside the current folder that is not there, in a folder that is."""
    return any(_is_new(arg) or _is_new(arg.partition("=")[2]) for arg in args if "/" in arg and not is_inside(arg))


def _is_new(path: str) -> bool:
    """Return whether *path* names a file that is not there, in a folder that is."""
    folder, slash, name = path.rpartition("/")
    return bool(slash and name) and not describe_file(path) and bool(describe_file(folder or "/"))


def _run(plan: SavedPlan, args: Sequence[str]) -> Replayed | None:
    held: list[int] = []
    try:
        start = _prepare(plan, args, held)
        return Replayed(plan, run_sandbox(start)) if start else None
    except UserError:  # it has not begun: planned as ever, it may run otherwise, or tell why not
        return None
    finally:
        for descriptor in held:
            os.close(descriptor)


def _prepare(plan: SavedPlan, args: Sequence[str], held: list[int]) -> SandboxStart | None:
    """Return the start of *plan* with *args*, its tree and its network among those *held*; None if one is gone."""
    try:
        held.append(saved_plans.hold(plan.tree))
        return _fill_in(plan, args, held)
    except OSError:
        return None


def _fill_in(plan: SavedPlan, args: Sequence[str], held: list[int]) -> SandboxStart | None:
    """Return the start of *plan* with *args*; None if its network differs from the one of the plan.

    The descriptor that keeps the network is added to those *held* while the program runs.
    """
    filled = {HOSTNAME: os.urandom(6).hex()}
    if plan.making:
        from launcher.sandbox.network_record import hold_record  # noqa: PLC0415  few apps

        network = (hold_record(plan.network) if plan.network else None) or _make_network(plan.making)
        held.append(network.lock)
        if (network.forwarder, network.machine) != (plan.forwarder, plan.machine):
            return None
        filled[PID] = str(network.pid)
    fields = dict(plan.start)
    options = tuple([_option(word, filled) for word in fields.pop("options")])
    before = tuple([filled.get(word, word) for word in fields.pop("before")])
    program = (*fields.pop("program"), *args)
    return SandboxStart(options=options, program=program, before=before, **fields)


def _make_network(making: Sequence[Any]) -> Network:
    """Make the network that an app's first run in some minutes needs; raises `SandboxError`."""
    from launcher.core.sandbox.network_terms import NetworkTerms  # noqa: PLC0415  not while one is kept
    from launcher.core.sandbox.sandbox_traits import SandboxTraits  # noqa: PLC0415  as above
    from launcher.sandbox.kept_network import join_network  # noqa: PLC0415  as above

    folder, name, program, nsenter, share, localhost, seconds, most = making
    traits = SandboxTraits(network=program, nsenter=nsenter)
    terms = NetworkTerms(share, localhost=localhost, seconds=seconds, most=most)
    return join_network(folder, name, traits, terms)


def _option(word: str | list[Any], filled: Mapping[str, str]) -> str | Bind | Text:
    """Return an option of bwrap as it was saved, with what each run has its own of *filled* in."""
    if isinstance(word, str):
        return filled.get(word, word)
    if len(word) == len(Bind._fields):
        return Bind(*word)
    target, text = word
    return Text(target, text.replace(HOSTNAME, filled[HOSTNAME]))
