"""Running from the people's door: a program, its shell, or only the line that would run it."""

import os
import sys
import time
from collections.abc import Sequence
from typing import Any, NoReturn

import launcher
from launcher.core.catalog.entry import CatalogEntry
from launcher.core.catalog.merge import owner_of
from launcher.core.run.docker_command import docker_line
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.plan import plan
from launcher.core.run.shim_chain import refuse_loop
from launcher.core.values.reference import with_tag
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import CannotRunError, EngineError, NotFoundError, UsageError
from launcher.manage.change.choose_source import parse_requested_app, restrict_to_source
from launcher.manage.context import Context
from launcher.run import shim
from launcher.run.compile_launch_file import not_installed, on_image
from launcher.run.engine_connection import held
from launcher.run.plan_facts import looked, spec_of
from launcher.state.launch_files import LaunchFile

_SHELLS = ("bash", "ash", "sh")


def run(name: str, args: Sequence[str]) -> int:
    """Run the command *name*, installed or not, and return its exit code."""
    desk = Context.open()
    if not {"@", "/"} & {*name}:
        return shim.called(name, args, desk.places, desk.call.home)
    known, entry = _looked_up(desk, name)
    refuse_loop(known.command, desk.call.env)
    return shim.carried_out(known, entry, args, desk.places)


def timed(name: str, args: Sequence[str], *, as_json: bool) -> NoReturn:
    """Run the command *name* as its shim would, with a stopwatch; its figures come on stderr.

    This process becomes what a shim's is: the exit code, the streams and the signals are a launch's.
    """
    package = os.path.dirname(launcher.__path__[0])
    words = (str(time.monotonic()), "json" if as_json else "table", name, *args)
    os.execv(sys.executable, [sys.executable, "-IS", "-c", _TIMED.format(package=package), *words])  # noqa: S606  no shell is wanted


_TIMED = """\
import sys
sys.path.append({package!r})
from launcher import quick
quick.load(quick.read())
import launcher.run.shim, launcher.run.engine_connection, launcher.run.launch, launcher.engine.wire_engine
import time
loaded = time.monotonic()
from launcher.manage.run.launch_timing import main
sys.exit(main(sys.argv[1:], loaded))
"""


def shell(name: str) -> int:
    """Run the image's shell in the place of the program: its mounts, user and environment."""
    known, entry = _looked_up(desk := Context.open(), name)
    for program in _SHELLS:
        try:
            return shim.carried_out(known, entry._replace(entrypoint=(program,), command=None), (), desk.places)
        except NotFoundError:
            continue
    raise CannotRunError(name, f"its image has no shell ({', '.join(_SHELLS)})", f"applaunch run {name}")


def line(name: str, args: Sequence[str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the request, and the words of the `docker run` line that does what *name* with *args* would do.

    Works with the engine down: then as a rootful docker would be asked.
    """
    known, entry = _looked_up(desk := Context.open(), name)
    call = shim.called_with(known, args, desk.places)._replace(name=name)
    try:
        reached = desk.engine()
        there = None if known.image_id else reached.store.inspect(entry.image)
        spec = spec_of(entry, call, reached, held(there, entry.image) if there else known.pin)
        program = reached.traits.flavour
    except EngineError:
        call, facts = looked(entry, call)
        spec = plan(entry, call, EngineTraits(), facts, image=known.pin.reference(entry.image))
        program = "docker"
    return spec._asdict(), docker_line(spec, program)


def _looked_up(desk: Context, name: str) -> tuple[LaunchFile, CatalogEntry]:
    """Return what *name* stands for; ``NAME@TAG`` and ``REMOTE/NAME`` are no deployment, whatever is installed."""
    base, _, tag = name.partition("@")
    wanted = parse_requested_app(base)
    if wanted.source:
        shelf = restrict_to_source(desk.shelf(), wanted)
        known = not_installed(wanted.app, owner_of(shelf.catalogs, wanted.app), shelf, desk.places)
    else:
        known = shim.looked_up(base, desk.places, desk.call.home)
    entry = shim.entry_of(known)
    if not tag:
        return known, entry
    try:
        image = with_tag(entry.image, tag)
    except ValueError as error:
        raise UsageError("", str(error), f"applaunch tags {base}") from None
    return on_image(known, image, ResolvedImage(), "")._replace(commands=()), entry._replace(image=image, warm=0.0)
