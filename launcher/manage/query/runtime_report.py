"""What runs an app's commands: bubblewrap or the engine, and why not bubblewrap."""

from typing import NamedTuple

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.sandbox.choose_runtime import BUBBLEWRAP, ENGINE, NO_TREE, wanted_runtime
from launcher.core.values.resolved_image import ResolvedImage
from launcher.errors import UserError
from launcher.manage.context import Context
from launcher.manage.images.why_no_tree import expected_call
from launcher.run.sandbox_launch import judge_call
from launcher.state.launch_files import LaunchFile


class RuntimeReport(NamedTuple):
    """What runs a command, if it is called now from here without arguments."""

    runtime: str
    """``engine`` or ``bubblewrap``."""
    why: str
    """Why not bubblewrap, in one line; "" if nothing prevents it."""
    is_refused: bool = False
    """Whether the user demands bubblewrap, which cannot run it."""

    @property
    def words(self) -> str:
        """The report as one line."""
        if self.is_refused:
            return f"{BUBBLEWRAP}, which cannot run it: {self.why}"
        return f"{'the engine' if self.runtime == ENGINE else self.runtime}{self.why and ': '}{self.why}"


def report_runtime(
    context: Context, entry: CatalogEntry, pin: ResolvedImage, *, has_engine: bool = True
) -> RuntimeReport:
    """Return what runs *entry*, whose app is held on *pin*, if it is called now; nothing is pulled or unpacked.

    *has_engine* tells whether one answers; without one, ``auto`` means bubblewrap.
    """
    setting = context.read_catalogs(published=False).settings.runtime
    wanted = wanted_runtime(entry, setting)
    if wanted == ENGINE:
        return RuntimeReport(ENGINE, f"runtime = 'engine'{'' if entry.runtime == ENGINE else ' in your settings'}")
    file = LaunchFile(entry.app, entry.name, entry, entry.image, pin)
    try:
        why = judge_call(file, entry, expected_call(entry, context.call), context.places).why
    except UserError as error:  # a variable of the entry is not set, or the engine's context is unknown
        return RuntimeReport(ENGINE, f"{error.where}: {error.what}")
    if not why or (why == NO_TREE and (wanted == BUBBLEWRAP or not has_engine)):
        return RuntimeReport(BUBBLEWRAP, why and "its image is unpacked at the first call")
    return RuntimeReport(BUBBLEWRAP if wanted == BUBBLEWRAP else ENGINE, why, is_refused=wanted == BUBBLEWRAP)
