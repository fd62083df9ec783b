"""The command line that a call stands for: `docker run`, or `bwrap` if bubblewrap is to run it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from launcher.core.sandbox.choose_runtime import BUBBLEWRAP, NO_TREE, choose_runtime, wanted_runtime
from launcher.core.sandbox.same_run import BRIDGES
from launcher.core.values.redaction import mask_proxy
from launcher.errors import CannotRunError
from launcher.manage.context import Context
from launcher.manage.run.run_command import docker_run_line, find_file, with_runtime
from launcher.run.launch import read_call
from launcher.run.plan_sandbox import plan_sandbox
from launcher.run.sandbox_launch import SandboxLaunch, judge_call
from launcher.sandbox.run_sandbox import Bind, Text
from launcher.state.launch_files import LaunchFile

FILTER_DESCRIPTOR = 9
"""The descriptor on which bwrap reads the filter of system calls."""


class CommandLine(NamedTuple):
    """The command line that a launch stands for."""

    request: dict[str, Any]
    words: tuple[str, ...]
    filter_path: str = ""
    """The file to open as `FILTER_DESCRIPTOR`; "" for an engine."""
    note: str = ""
    """What the line leaves out."""


def show_launch(name: str, args: Sequence[str], runtime: str = "") -> CommandLine:
    """Return the command line for *name* with *args*: that of bwrap if its runtime is ``bubblewrap``, else docker's.

    Nothing is started. Raises `CannotRunError` if bubblewrap cannot run it, or its image is not unpacked.
    """
    file = with_runtime(find_file(context := Context.open(), name), runtime)
    if wanted_runtime(file.entry, file.settings.runtime) == BUBBLEWRAP:
        return _without_passwords(_bwrap_line(context, file, name, args))
    return _without_passwords(CommandLine(*docker_run_line(context, file, name, args)))


def _without_passwords(line: CommandLine) -> CommandLine:
    """Return *line* with the passwords of proxies masked."""
    shown = [(name, value, mask_proxy(name, value)) for name, value in line.request["environment"]]
    masked = {value: mask for _, value, mask in shown if mask != value}
    masked |= {f"{name}={value}": f"{name}={mask}" for name, value, mask in shown}
    request = line.request | {"environment": tuple((name, mask) for name, _, mask in shown)}
    return line._replace(request=request, words=tuple(masked.get(word, word) for word in line.words))


def _bwrap_line(context: Context, file: LaunchFile, name: str, args: Sequence[str]) -> CommandLine:
    found = judge_call(file, file.entry, read_call(file, args, context.places), context.places)
    choose_runtime(BUBBLEWRAP, found.why, file.entry)
    if found.tree is None:
        raise CannotRunError(name, NO_TREE, f"applaunch pull {file.app}")
    launch = SandboxLaunch(file, found.entry, found.call, context.places, file.pin, found.tree, found.traits)
    spec, _, start, *_ = plan_sandbox(launch)
    limits = [f"--{limit}={soft}:{hard}" for limit, soft, hard in start.limits]
    words = (
        *(("prlimit", *limits) if limits else ()),
        *start.before,
        start.bwrap,
        *("--seccomp", str(FILTER_DESCRIPTOR)),
        *_plain(start.options),
        "--",
        start.program[0],
        "2",  # the descriptor of stderr
        *start.program[1:],
    )
    own = file.entry.network_mode in BRIDGES
    return CommandLine(spec._asdict(), words, start.seccomp, _NO_NETWORK.format(launch.traits.network) if own else "")


_NO_NETWORK = "this line has no network: applaunch first enters the one that {} makes for the app"


def _plain(options: Iterable[str | Bind | Text]) -> Iterator[str]:
    """Yield bwrap's options as words; a file that is made for one run is left out."""
    for option in options:
        if isinstance(option, str):
            yield option
        elif isinstance(option, Bind):
            yield from (f"--{option.option}", option.source, option.target)
