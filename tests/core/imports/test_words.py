"""The lexers of sh and fish."""

import pytest

from launcher.core.imports.shell import fish_lexer, sh_lexer
from launcher.core.imports.shell.tokens import Broken, Mark, Word


def shown(found):
    """Return tokens in a form that is short to compare."""
    result = []
    for token in found:
        if isinstance(token, Word):
            result.append([(part.kind, part.text) for part in token.parts])
        else:
            result.append(token.text if isinstance(token, Mark) else ("broken", token.why))
    return result


def text(word):
    return [("text", word)]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("a b\tc", [text("a"), text("b"), text("c")]),
        ("'a b' \"c d\" e\\ f", [text("a b"), text("c d"), text("e f")]),
        ("a'b'\"c\"d", [text("abcd")]),
        ("'' \"\"", [[], []]),
        (r"'a\b' " + r'"a\b\"\$\\\`"', [text(r"a\b"), text('a\\b"$\\`')]),
        ("a\\\nb 'c\nd'", [text("ab"), text("c\nd")]),
        (r"$'a\tb\'\x41\u00e9\101\cA\e'", [text("a\tb'Aé" + "A\x01\x1b")]),
        ("a # b\nc#d", [text("a"), "\n", text("c#d")]),
        ("$A ${B} ${C:-d} ${E?} ${F:?g}", [[("variable", name)] for name in ("A", "B", "C:-d", "E?", "F:?g")]),
        ("$(a 'b)' \"$(c)\") `d`", [[("command", "a 'b)' \"$(c)\"")], [("command", "d")]]),
        ('"x$A y"', [[("text", "x"), ("variable", "A"), ("text", " y")]]),
        ("'$A'", [text("$A")]),
        ('"$@" $* "${@}"', [[("arguments", "@")], [("arguments", "*")], [("arguments", "@")]]),
        (
            "a;b&c|d&&e||f",
            [text("a"), ";", text("b"), "&", text("c"), "|", text("d"), "&&", text("e"), "||", text("f")],
        ),
        ("$", [text("$")]),
        ("a$ b", [text("a$"), text("b")]),
    ],
)
def test_words_of_bash_and_zsh(written, words):
    assert shown(sh_lexer.tokenize(written)) == words


@pytest.mark.parametrize("written", ["$1", "$?", "$$", "$((1+2))", "${A%b}", "${A[1]}", "{a,b}", "{1..3}", "~bob"])
def test_an_unknown_expansion_is_kept_as_one_part(written):
    (word,) = sh_lexer.tokenize(written)

    assert [part.kind for part in word.parts] == ["strange"]
    assert word.source == written


@pytest.mark.parametrize(
    ("written", "kinds"),
    [("~/a", ["tilde", "text"]), ("A=~/b", ["text", "tilde", "text"]), ("'~/a'", ["text"]), ("a~", ["text"])],
)
def test_a_tilde_is_a_home_where_a_shell_expands_it(written, kinds):
    (word,) = sh_lexer.tokenize(written)

    assert [part.kind for part in word.parts] == kinds


def test_a_redirection_is_a_mark():
    assert shown(sh_lexer.tokenize("a 2>&1 >b")) == [text("a"), "2>&", text("1"), ">", text("b")]


def test_the_body_of_a_here_document_is_not_a_command():
    found = sh_lexer.tokenize("cat <<EOF <<-'B'\nalias x='docker run y\nEOF\n\tmore'\n\tB\nnext")

    assert shown(found)[-2:] == ["\n", text("next")]
    assert found[-1].line == 6


@pytest.mark.parametrize("written", ["'a", '"a', "$(a", "${a", "`a", "$'a", '"$(a"', "<(a"])
def test_an_unclosed_quote_breaks_only_its_line(written):
    found = sh_lexer.tokenize(f"before\n{written}\nafter")

    assert [type(each) for each in found] == [Word, Mark, Broken, Mark, Word]
    assert found[2].line == 2
    assert "never closed" in found[2].why


def test_lines_are_counted_through_quotes_and_continued_lines():
    found = [each for each in sh_lexer.tokenize("a 'b\nc' \\\n d\ne") if isinstance(each, Word)]

    assert [(each.literal, each.line) for each in found] == [("a", 1), ("b\nc", 1), ("d", 3), ("e", 4)]


def test_a_text_with_many_broken_lines_is_abandoned():
    found = sh_lexer.tokenize('"$(\n' * 1000)

    assert isinstance(found[-1], Broken)
    assert len(found) < 100


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("a 'b c' \"d e\"", [text("a"), text("b c"), text("d e")]),
        (r"'it\'s' '\\' '\n'", [text("it's"), text("\\"), text(r"\n")]),
        (r'a\ b \n \x41 "\n\$"', [text("a b"), text("\n"), text("A"), text("\\n$")]),
        ('$A $argv "$B"', [[("variable", "A")], [("arguments", "argv")], [("variable", "B")]]),
        (
            '(pwd):/x $(pwd) "$(id -u)"',
            [[("command", "pwd"), ("text", ":/x")], [("command", "pwd")], [("command", "id -u")]],
        ),
        ("~/a 'x~'", [[("tilde", "~"), ("text", "/a")], text("x~")]),
        ("a; b # c\nd", [text("a"), ";", text("b"), "\n", text("d")]),
        ("a | b; and c", [text("a"), "|", text("b"), ";", text("and"), text("c")]),
    ],
)
def test_words_of_fish(written, words):
    assert shown(fish_lexer.tokenize(written)) == words


@pytest.mark.parametrize("written", ["$argv[1]", "$A[1..2]", "$$A", "{a,b}"])
def test_an_unknown_expansion_of_fish_is_kept_as_one_part(written):
    (word,) = fish_lexer.tokenize(written)

    assert [part.kind for part in word.parts] == ["strange"]


@pytest.mark.parametrize("written", ["'a", '"a', "(a", "$(a"])
def test_an_unclosed_quote_of_fish_breaks_only_its_line(written):
    found = fish_lexer.tokenize(f"before\n{written}\nafter")

    assert [type(each) for each in found] == [Word, Mark, Broken, Mark, Word]
