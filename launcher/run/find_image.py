"""Finds the image of a launch, or pulls it, and holds the commands of its app on what was found."""

from __future__ import annotations

import sys

from launcher.core.values.deployment_tag import is_built
from launcher.core.values.reference import Reference, repo_of
from launcher.core.values.resolved_image import ResolvedImage
from launcher.engine import credentials
from launcher.errors import ImageMissingError, StateError
from launcher.fast_stdlib import suppress
from launcher.host import process
from launcher.host.pull_progress import choose_progress
from launcher.state import launch_files, write_launch_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.catalog.entry import CatalogEntry
    from launcher.core.values.invocation import Invocation
    from launcher.engine.local_images import ImageFacts
    from launcher.host.locations import Places
    from launcher.run.engine_connection import EngineConnection
    from launcher.run.launch import Launch
    from launcher.state.launch_files import LaunchFile


def find_image(launch: Launch) -> Launch:
    """Return *launch* on an image that the engine has, pulled now if need be, and hold its app on it."""
    entry = launch.entry
    if entry.pull_policy != "always":
        facts = launch.engine.store.inspect(launch.pin.reference(entry.image))
        if facts:
            return _on_image(launch, image_of(facts, entry.image))
    _refuse_built(entry)
    if entry.pull_policy == "never":
        fix = "pull_policy = 'never' keeps it from being pulled"
        raise ImageMissingError(entry.image, "the engine has no such image", fix)
    return _on_image(launch, pull_image(launch.engine, entry.name, entry.image, launch.call, entry.platform))


def recover_image(launch: Launch, missing: ImageMissingError) -> Launch:
    """Return *launch* on its image again, which the engine no longer knows by its digest; pull it if it is gone.

    Raises *missing* if it may not be pulled.
    """
    entry, pin = launch.entry, launch.pin
    if pin.image_id and not pin.loaded and launch.engine.store.inspect(pin.image_id):  # only its name is gone
        return _on_image(launch, pin._replace(loaded=True))
    if entry.pull_policy == "never":
        raise missing
    _refuse_built(entry)
    image = pin.source(entry.image)
    return _on_image(launch, pull_image(launch.engine, entry.name, image, launch.call, entry.platform))


def hold_image(file: LaunchFile, pin: ResolvedImage, engine: EngineConnection) -> None:
    """Set the image of all commands of the app of *file* to *pin*; do nothing for an app that is not installed.

    A command whose launch file names another image, since it was not called after an edit, stays as it is.
    """
    if file.tag:
        tag_image(engine, pin.image_id, file.tag)
    hold_commands(file, pin, engine.places)


def hold_commands(file: LaunchFile, pin: ResolvedImage, places: Places) -> None:
    """Write *pin* into the launch files of all commands of the app of *file*; see `hold_image`."""
    folder = file.folder or places.current
    for command in file.commands:
        before = launch_files.read(folder, command)
        if before and before.image == file.image:
            with suppress(StateError):  # in a home that cannot be written, it is looked for at each call
                write_launch_file.write(folder, before.with_image(pin._replace(pulled=pin.pulled or before.pin.pulled)))


def pull_image(engine: EngineConnection, name: str, image: str, call: Invocation, platform: str = "") -> ResolvedImage:
    """Pull *image* for *name*, show the progress on stderr, and return the image."""
    ref = Reference.parse(image)
    shown = choose_progress(write_stderr, columns_and_rows, tty=process.is_terminal(2), term=call.env.get("TERM", ""))
    shown.begin(name, image)
    login = credentials.find_login(ref, call.env, call.home, call.uid)
    done = engine.store.pull(ref, platform, login, shown.show)
    shown.end(done)
    facts = engine.store.inspect(ref.exact)
    if facts is None:
        raise ImageMissingError(image, "the engine lost it right after the pull", "try again")
    return ResolvedImage(done.digest, facts.id, pulled=True, platform=facts.platform)


def image_of(facts: ImageFacts, image: str) -> ResolvedImage:
    """Return the image that the engine has as *image*, and that applaunch did not pull."""
    return ResolvedImage(facts.digest_in(repo_of(image)), facts.id, platform=facts.platform)


def tag_image(engine: EngineConnection, image_id: str, tag: str) -> None:
    """Give an image the *tag* of its deployment, if it is still there."""
    with suppress(ImageMissingError):
        engine.store.tag(image_id, tag)


def write_stderr(text: str) -> None:
    """Write *text* to stderr at once, if anybody reads it."""
    stream = sys.stderr
    if stream is not None:
        with suppress(OSError, ValueError):
            stream.write(text)
            stream.flush()


def columns_and_rows() -> tuple[int, int]:
    """Return the size of the terminal."""
    rows, columns = process.terminal_size()
    return columns or 80, rows or 24


def _on_image(launch: Launch, pin: ResolvedImage) -> Launch:
    hold_image(launch.file, pin, launch.engine)
    return launch._replace(pin=pin)


def _refuse_built(entry: CatalogEntry) -> None:
    """Raise for an image that no registry has: a management command builds it."""
    if is_built(entry.image):
        raise ImageMissingError(entry.name, "its image is not built", f"applaunch add {entry.app}")
