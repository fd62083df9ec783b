import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher import errors
from launcher.errors import CannotRunError, NotFoundError, ReplacedError, UsageError, UserError, printable

BIDI = {*"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}


@given(st.text(st.characters() | st.sampled_from([*sorted(BIDI), "\x1b", "\x9b", "\r", "\n", "\u2028", "\ud800"])))
def test_printable_text_cannot_move_the_cursor_or_hide_text(text):
    shown = printable(text)

    assert not {*shown} & BIDI
    assert not [char for char in shown if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn")]
    assert len(shown.splitlines()) <= 1
    assert printable(shown) == shown
    shown.encode("utf-8")


@given(st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="\u115f\u1160\u3164\uffa0")))
def test_letters_of_every_language_are_shown_unchanged(text):
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("señal 視頻 🎬", "señal 視頻 🎬"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b2J", "\\x9b2J"),
        ("gpj\u202efdp", "gpj\\u202efdp"),
        ("\u2028", "\\u2028"),
        ("\udcff", "\\udcff"),
        ("\U000e0041", "\\U000e0041"),
        ("a\u3164b\ufe0fc\U000e0101", "a\\u3164b\\ufe0fc\\U000e0101"),
    ],
)
def test_a_deceptive_character_is_escaped(text, shown):
    assert printable(text) == shown


@given(st.text(), st.text(), st.text())
def test_an_error_is_always_one_line(where, what, fix):
    assert len(UserError(where, what, fix).line.splitlines()) == 1


def test_an_error_says_where_what_and_the_fix():
    assert UserError("jq", "no such app", "did you mean 'yq'?").line == "applaunch: jq: no such app; did you mean 'yq'?"
    assert UserError("jq", "no such app").line == "applaunch: jq: no such app"


def test_exit_codes_are_those_of_docker_run():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, UserError)]
    special = {CannotRunError: 126, ReplacedError: 126, NotFoundError: 127, UsageError: 2}

    assert {kind: kind.exit_code for kind in kinds} == {kind: special.get(kind, 125) for kind in kinds}
