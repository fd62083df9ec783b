import pytest

from launcher.core.values.environment import PASSED_BY_DEFAULT, read_environment, select_variables, uncommon_locales
from launcher.core.values.invalid_value import InvalidValueError


@pytest.mark.parametrize(
    ("value", "variables"),
    [
        ({}, ()),
        ({"A": "1", "B": 2, "C": 1.5, "D": ""}, (("A", "1"), ("B", "2"), ("C", "1.5"), ("D", ""))),
        (["A=1", "B=", "C=x=y"], (("A", "1"), ("B", ""), ("C", "x=y"))),
        (["TZ", "AWS_*"], (("TZ", None), ("AWS_*", None))),
        ({"A": "${B:-c} $$d"}, (("A", "${B:-c} $$d"),)),
    ],
)
def test_environment_accepts_both_forms_of_compose(value, variables):
    assert read_environment(value) == variables


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("A=1", """'A=1' is neither a table nor an array; write { NAME = "value" } or ["NAME=value", "TZ"]"""),
        ({"A": True}, "the variable 'A' is not a string or a number; put it in quotes"),
        ({"A": ["x"]}, "the variable 'A' is not a string or a number; put it in quotes"),
        ({"A-B": "1"}, "'A-B' cannot name a variable; use letters, digits and _"),
        ({"A*": "1"}, "'A*' cannot name a variable; use letters, digits and _"),
        (["=1"], "'' cannot name a variable; use letters, digits and _"),
        (["*"], "'*' cannot name a variable; use letters, digits and _, with a * at the end at most"),
        (["A*B"], "'A*B' cannot name a variable; use letters, digits and _, with a * at the end at most"),
        (["1A"], "'1A' cannot name a variable; use letters, digits and _, with a * at the end at most"),
        ([1], "1 is not a variable; write 'NAME=value' or 'NAME'"),
        (["A=$B"], "'$B' has a stray '$'; write ${NAME}, or $$ for a dollar sign"),
        ({"A": "$(id)"}, "'$(id)' has a stray '$'; write ${NAME}, or $$ for a dollar sign"),
    ],
)
def test_an_invalid_environment_is_refused_with_the_valid_form(value, message):
    with pytest.raises(InvalidValueError) as refused:
        read_environment(value)

    assert str(refused.value) == message


def test_only_terminal_language_time_zone_and_proxy_variables_pass_by_default():
    caller = {
        "TERM": "xterm",
        "LC_TIME": "C",
        "TZ": "UTC",
        "https_proxy": "http://p",
        "AWS_SECRET": "s",
        "HOME": "/home/ana",
        "PATH": "/bin",
        "LC": "no",
    }

    assert select_variables((), caller) == {"TERM": "xterm", "LC_TIME": "C", "TZ": "UTC", "https_proxy": "http://p"}
    assert "HOME" not in PASSED_BY_DEFAULT


@pytest.mark.parametrize(
    ("term", "given"),
    [
        *((term, "xterm-256color") for term in ("xterm-kitty", "xterm-ghostty", "foot-extra", "alacritty", "wezterm")),
        *(
            (term, term)
            for term in ("xterm", "xterm-256color", "screen", "tmux-256color", "linux", "vt100", "dumb", "")
        ),
    ],
)
def test_a_terminal_that_images_do_not_know_is_told_as_one_that_they_know(term, given):
    assert select_variables((), {"TERM": term}) == {"TERM": given}
    assert select_variables((("TERM", None),), {"TERM": term}) == {"TERM": term}


def test_a_pattern_passes_valid_names_with_that_prefix():
    caller = {"AWS_A": "1", "AWS_": "2", "AWS": "3", "AWS_[x]": "4", "BASH_FUNC_AWS_%%": "5"}

    assert select_variables((("AWS_*", None),), caller) == {"AWS_A": "1", "AWS_": "2"}


def test_the_last_value_of_a_variable_wins():
    caller = {"TZ": "UTC", "AWS_A": "callers"}

    assert select_variables((("TZ", "CET"),), caller)["TZ"] == "CET"
    assert select_variables((("AWS_*", None), ("AWS_A", "ours")), caller)["AWS_A"] == "ours"


def test_a_variable_that_the_caller_has_not_set_is_not_passed():
    assert select_variables((("TOKEN", None),), {}) == {}


def test_locales_that_an_image_may_not_have_are_those_of_the_variables_that_name_one():
    caller = {"LANG": "de_DE.UTF-8", "LC_TIME": "en_GB.UTF-8", "LC_PAPER": "de_DE.UTF-8", "LC_TERMINAL": "x.y"}

    assert uncommon_locales(caller) == ("de_DE.UTF-8", "en_GB.UTF-8")


@pytest.mark.parametrize("value", ["", "C", "POSIX", "C.UTF-8", "C.utf8", "/usr/share/x", "../x", "a b", "ä", "-x"])
def test_a_locale_of_every_image_and_what_is_none_are_not_looked_for(value):
    assert uncommon_locales({"LC_ALL": value}) == ()


def test_a_locale_is_replaced_unless_the_entry_names_the_variable():
    caller = {"LANG": "de_DE.UTF-8", "LC_TIME": "C", "LC_TERMINAL": "de_DE.UTF-8"}
    locales = {"de_DE.UTF-8": "C.UTF-8"}

    assert select_variables((), caller, locales) == caller | {"LANG": "C.UTF-8"}
    assert select_variables((("LANG", None),), caller, locales) == caller
    assert select_variables((("LANG", "fr_FR.UTF-8"),), caller, locales) == caller | {"LANG": "fr_FR.UTF-8"}
