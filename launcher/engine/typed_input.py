"""When to read what is typed on a terminal for a program that has no terminal itself (its output goes elsewhere)."""

from __future__ import annotations

from launcher.core.run.process_states import wants_input
from launcher.errors import EngineError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.engine.engine_protocol import Console, Engine


class TypedInput:
    """Whether typed lines are for the program.

    A line that the program does not ask for stays in the terminal, for the shell or a pager. Whether it asks is known
    if the engine shows what its processes wait for; otherwise each line is the program's, as with ``docker run -i``.
    """

    def __init__(self, engine: Engine, console: Console, container: str) -> None:
        """Ask *engine* about the program in *container*."""
        self._engine, self._console, self._container = engine, console, container

    def is_ours(self) -> bool:
        """Return whether a line that was typed is to be read now."""
        if not self._console.has_input():
            return False
        try:
            return wants_input(self._engine.processes(self._container)) is not False
        except EngineError:
            return True
