"""What can go wrong, its one line, and its exit code.

Exit codes of a launch are docker run's: 125 when the launcher or the engine failed before the program
began, 126 when the program was found but may not run, 127 when there is no such program. A management
command turns every one of them into 1, and usage mistakes into 2.
"""


class UserError(Exception):
    """Something a person can mend: *where* it is, *what* is wrong, and the *fix*, as one line."""

    exit_code = 125

    def __init__(self, where: str, what: str, fix: str = "") -> None:
        """Keep the three parts; each is plain text without a line break or a full stop."""
        super().__init__(where, what, fix)
        self.where = where
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.fix}" if self.fix else f"{self.where}: {self.what}"

    @property
    def line(self) -> str:
        """The line that stderr shows, one line whatever the parts hold."""
        return printable(f"applaunch: {self}")


class CatalogError(UserError):
    """A catalog, or config.toml, says something that cannot be followed."""


class RemoteError(UserError):
    """Somebody else's catalog cannot be had, or may not be trusted."""


class HostError(UserError):
    """This machine refuses: a file, a folder, the terminal."""


class StateError(UserError):
    """The record of what is deployed cannot be read or written."""


class EngineError(UserError):
    """No engine answers, or it answered with a failure."""


class EngineLostError(EngineError):  # noqa: N818  the state of an engine, as ImageMissing is of an image
    """The engine went away in the middle of a request: nobody knows what became of it."""


class EngineStalledError(EngineLostError):
    """The engine did not answer in time."""


class Interrupted(BaseException):
    """A signal ends this launch at once: its program does not run yet, or the engine does not answer.

    Whatever the engine still holds is the watcher's to remove.
    """

    def __init__(self, number: int, why: str = "", *, typed: bool = False) -> None:
        """Keep the signal's *number* and *why* the program itself could not handle it.

        *typed*: it is a key that was typed on a raw terminal, so no other process has received it.
        """
        super().__init__(number)
        self.number = number
        self.why = why
        self.typed = typed


class RegistryError(UserError):
    """A registry that was asked without an engine does not answer, refuses, or says what cannot be true."""


class NotPublishedError(RegistryError):  # noqa: N818  the state of a name, which whoever publishes mends by publishing
    """A registry has no such tag, digest or repository, and says so."""


class ImageMissingError(EngineError):  # noqa: N818  the state of an image, which a launch mends by pulling
    """The engine has no such image."""


class CannotRunError(UserError):
    """The program was found, and may not run."""

    exit_code = 126


class NotFoundError(UserError):
    """There is no such app or command, or the image has no such program."""

    exit_code = 127


class UsageError(UserError):
    """The request itself makes no sense."""

    exit_code = 2


def printable(text: str) -> str:
    """Return *text* with every character that could move a cursor or hide text written as an escape.

    Covers C0 and C1 control characters, line and paragraph separators, the bidirectional controls of
    Unicode (UAX #9), and what a terminal may leave out (Default_Ignorable_Code_Point), so that a name from
    a catalog cannot forge what a terminal shows.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if char.isprintable() and char not in _UNSEEN and not _is_selector(char):
        return char
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


_UNSEEN = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"


def _is_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
