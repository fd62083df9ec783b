"""The kinds of error, the line that each prints, and its exit code.

A launch uses the exit codes of docker run: 125 if the launcher or the engine fails before the program
starts, 126 if the program may not run, 127 if there is no such program. A management command exits
with 1 for all of these, and with 2 for wrong usage.
"""


class UserError(Exception):
    """An error that the user can fix: *where* it is, *what* is wrong, and the *fix*, as one line."""

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
        """The error as it is printed on stderr: always one line, with control characters escaped."""
        return printable(f"applaunch: {self}")


class CatalogError(UserError):
    """A catalog or config.toml is invalid."""


class RemoteError(UserError):
    """A remote's catalog cannot be fetched or is not trusted."""


class HostError(UserError):
    """This machine refuses an operation on a file, a folder or the terminal."""


class StateError(UserError):
    """The record of deployments cannot be read or written."""


class EngineError(UserError):
    """The engine cannot be reached, or it reported a failure."""


class NoEngineError(EngineError):
    """This machine has no engine: none is named, and none answers at the usual sockets."""


class EngineLostError(EngineError):
    """The connection to the engine broke during a request, so the result of the request is unknown."""


class EngineStalledError(EngineLostError):
    """The engine did not answer in time."""


class SandboxError(UserError):
    """Bubblewrap is missing, or cannot start a program."""


class Interrupted(BaseException):
    """A signal ends this launch immediately: the program is not running yet, or the engine does not answer.

    The watcher removes what the engine still holds.
    """

    def __init__(self, number: int, why: str = "", *, typed: bool = False) -> None:
        """Keep the signal's *number* and the reason *why* the program itself could not handle it.

        *typed* means that it is a key typed on a raw terminal, which no other process has received.
        """
        super().__init__(number)
        self.number = number
        self.why = why
        self.typed = typed


class RegistryError(UserError):
    """A registry does not answer, refuses a request, or sends an invalid answer."""


class NotPublishedError(RegistryError):
    """The registry reports that it has no such tag, digest or repository."""


class PullNotFoundError(EngineError):
    """The engine reports that the registry has no such tag, digest or repository."""


class ImageMissingError(EngineError):
    """The engine does not have the image; a launch then pulls it."""


class ImageError(UserError):
    """An image has contents that cannot be unpacked, or more than the limits allow."""


class CannotRunError(UserError):
    """The program exists but may not run."""

    exit_code = 126


class ReplacedError(CannotRunError):
    """A file or folder was replaced between the plan and the start of a program that it is mounted for."""


class NotFoundError(UserError):
    """There is no such app or command, or the image has no such program."""

    exit_code = 127


class UsageError(UserError):
    """The command was used in a wrong way."""

    exit_code = 2


def printable(text: str) -> str:
    """Return *text* with every character escaped that could move the cursor or hide text.

    These are C0 and C1 control characters, line and paragraph separators, the bidirectional controls of
    Unicode (UAX #9), and characters that a terminal may not show (Default_Ignorable_Code_Point): a name
    in a catalog must not be able to forge terminal output.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(char) for char in text)


def _escape(char: str) -> str:
    if char.isprintable() and char not in _INVISIBLE and not _is_variation_selector(char):
        return char
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


_INVISIBLE = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"


def _is_variation_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
