"""Run a command or a shell in its image from `applaunch`, or show its `docker run` command line."""

import os
import sys
import time
from collections.abc import Sequence
from typing import Any, NoReturn

import launcher
from launcher.core.catalog import key_parsers
from launcher.core.catalog.merge import owner_of
from launcher.core.run.container_user import container_user
from launcher.core.run.docker_command import docker_command
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.expand import with_user
from launcher.core.run.plan import HostFacts, plan
from launcher.core.run.shim_chain import refuse_loop
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.reference import with_tag
from launcher.core.values.resolved_image import ResolvedImage
from launcher.engine.endpoint import read_proxies
from launcher.errors import CannotRunError, EngineError, NotFoundError, UsageError
from launcher.manage.change.choose_source import parse_requested_app, restrict_to_source
from launcher.manage.context import Context
from launcher.run import full_launch
from launcher.run.compile_launch_file import compile_uninstalled, with_image
from launcher.run.find_image import image_of
from launcher.run.launch import Launch, read_call
from launcher.run.lookup import find_command
from launcher.run.plan_facts import inspect_call, plan_launch
from launcher.run.run_call import run_call
from launcher.state.launch_files import LaunchFile

_SHELLS = ("bash", "ash", "sh")


def run(name: str, args: Sequence[str], runtime: str = "") -> int:
    """Run the command *name*, installed or not, and return its exit code; *runtime* replaces what its entry says."""
    context = Context.open()
    file = with_runtime(find_file(context, name), runtime)
    refuse_loop(file.command, context.call.env)
    return full_launch.end_like(run_call(file, args, context.places))


def with_runtime(file: LaunchFile, runtime: str) -> LaunchFile:
    """Return *file* with the *runtime* that was typed ("": what its entry says); raises `UsageError`."""
    if not runtime:
        return file
    try:
        return file._replace(entry=file.entry._replace(runtime=key_parsers.runtime(runtime)))
    except InvalidValueError as wrong:
        raise UsageError("", f"--runtime: {wrong.what}", wrong.fix) from None


def run_timed(name: str, args: Sequence[str], runtime: str = "", *, as_json: bool) -> NoReturn:
    """Run the command *name* like its shim, with a stopwatch that prints on stderr; raises `UsageError`.

    Replaces this process, so that the exit code, streams and signals are those of a launch.
    """
    if runtime:
        with_runtime(find_file(Context.open(), name), runtime)
    package = os.path.dirname(launcher.__path__[0])
    words = (str(time.monotonic()), "json" if as_json else "table", runtime, name, *args)
    os.execv(sys.executable, [sys.executable, "-IS", "-c", _TIMED.format(package=package), *words])  # noqa: S606  no shell is needed


_TIMED = """\
import sys
sys.path.append({package!r})
from launcher.run.load_modules import REPEAT, load_modules
load_modules(REPEAT)
import time
loaded = time.monotonic()
from launcher.manage.run.launch_timing import main
sys.exit(main(sys.argv[1:], loaded))
"""


def run_shell(name: str) -> int:
    """Run the image's shell instead of the program, with its mounts, user and environment."""
    file = find_file(context := Context.open(), name)
    for program in _SHELLS:
        entry = file.entry._replace(entrypoint=(program,), command=None)
        try:
            return full_launch.end_like(run_call(file, (), context.places, entry))
        except NotFoundError:
            continue
    raise CannotRunError(name, f"its image has no shell ({', '.join(_SHELLS)})", f"applaunch run {name}")


def docker_run_line(
    context: Context, file: LaunchFile, name: str, args: Sequence[str]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the request, and the words of the `docker run` command line for *file*, typed as *name*, with *args*.

    If no engine answers, the line is for a rootful docker.
    """
    call = read_call(file, args, context.places)._replace(name=name)
    entry = with_user(file.entry, call)
    try:
        engine = context.engine()
        there = None if file.pin.image_id else engine.store.inspect(entry.image)
        pin = image_of(there, entry.image) if there else file.pin
        spec, _ = plan_launch(Launch(file, entry, call, engine, pin))
        program = engine.traits.flavour
        added = read_proxies(call.env, call.home, engine.endpoint.host) if program == "docker" else {}
    except EngineError:
        call, facts = inspect_call(entry, call)
        host = HostFacts(EngineTraits(), facts, image=file.pin.reference(entry.image))
        spec = plan(entry, call, container_user(entry.user, call, host.traits), host)
        program, added = "docker", {}
    said = [(name, value) for name, value in spec.environment if added.get(name) != value]  # docker run adds the others
    return spec._asdict(), docker_command(spec._replace(environment=tuple(said)), program)


def find_file(context: Context, name: str) -> LaunchFile:
    """Return the launch file of *name*; ``NAME@TAG`` and ``REMOTE/NAME`` never use the installed deployment."""
    base, _, tag = name.partition("@")
    wanted = parse_requested_app(base)
    if wanted.source:
        loaded = restrict_to_source(context.read_catalogs(), wanted)
        file = compile_uninstalled(wanted.app, owner_of(loaded.catalogs, wanted.app), loaded, context.places)
    else:
        file = find_command(base, context.places, context.call.home)
    if not tag:
        return file
    try:
        image = with_tag(file.entry.image, tag)
    except ValueError as error:
        raise UsageError("", str(error), f"applaunch tags {base}") from None
    other = with_image(file, image, ResolvedImage(), "")
    return other._replace(commands=(), entry=other.entry._replace(warm=0.0))
