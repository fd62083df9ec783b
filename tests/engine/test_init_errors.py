import pytest

from launcher.engine.init_errors import InitErrorFilter
from launcher.errors import CannotRunError, NotFoundError

TINI = b"[FATAL tini (7)] exec nope failed: No such file or directory\n"
DENIED = b"[FATAL tini (7)] exec /etc/passwd failed: Permission denied\r\n"
CATATONIT = b"ERROR (catatonit:6): failed to exec pid1: No such file or directory\n"


def told(*pieces):
    """Return an opening after *pieces* of error output, and what it let through."""
    opening = InitErrorFilter()
    return opening, b"".join(bytes(opening.feed(piece)) for piece in pieces)


@pytest.mark.parametrize(
    ("said", "code", "kind"), [(TINI, 127, NotFoundError), (DENIED, 126, CannotRunError), (CATATONIT, 1, NotFoundError)]
)
def test_the_messages_of_an_init_are_held_back_and_translated(said, code, kind):
    for cut in (0, 1, 9, len(said)):
        opening, shown = told(said[:cut], said[cut:])

        assert shown == b""
        assert isinstance(opening.error(code, "nope"), kind)


@pytest.mark.parametrize("said", [b"", b"hello", b"[warn] x", b"ERROR: x", b"[FATAL error\n", b"\x00"])
def test_the_output_of_a_program_is_passed_on_immediately(said):
    opening, shown = told(said[:3], said[3:], b"more")

    assert shown == said + b"more"
    assert opening.held == b""


def test_output_that_only_begins_like_an_inits_is_the_programs():
    opening, shown = told(TINI + b"and more\n")

    assert shown == b""
    assert opening.held == TINI + b"and more\n"
    assert opening.error(127, "x") is None
    assert told(TINI)[0].error(0, "x") is None
