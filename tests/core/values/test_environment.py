import pytest

from launcher.core.values.environment import PASSED_BY_DEFAULT, read_environment, select_variables
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
def test_the_environment_has_composes_two_forms(value, variables):
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
def test_what_is_no_environment_is_told_what_is(value, message):
    with pytest.raises(InvalidValueError) as refused:
        read_environment(value)

    assert str(refused.value) == message


def test_terminal_language_zone_and_proxies_pass_unasked_and_nothing_else():
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


def test_a_pattern_takes_what_begins_so_and_only_what_can_be_a_name():
    caller = {"AWS_A": "1", "AWS_": "2", "AWS": "3", "AWS_[x]": "4", "BASH_FUNC_AWS_%%": "5"}

    assert select_variables((("AWS_*", None),), caller) == {"AWS_A": "1", "AWS_": "2"}


def test_the_later_word_counts():
    caller = {"TZ": "UTC", "AWS_A": "callers"}

    assert select_variables((("TZ", "CET"),), caller)["TZ"] == "CET"
    assert select_variables((("AWS_*", None), ("AWS_A", "ours")), caller)["AWS_A"] == "ours"


def test_a_variable_that_the_caller_has_not_is_not_there_either():
    assert select_variables((("TOKEN", None),), {}) == {}
