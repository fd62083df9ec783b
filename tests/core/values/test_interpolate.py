import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.core.values.interpolate import check, substitute
from launcher.core.values.invalid_value import InvalidValueError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("${A}", "1"),
        ("x${A}y${A}", "x1y1"),
        ("${A:-2}", "1"),
        ("${B:-2}", "2"),
        ("${B:-}", ""),
        ("${E:-2}", "2"),
        ("${E}", ""),
        ("${A:?no}", "1"),
        ("${B:-/a:b c}", "/a:b c"),
        ("$$", "$"),
        ("$${A}", "${A}"),
        ("~/x", "/home/ana/x"),
        ("~", "/home/ana"),
        ("x~/y", "x~/y"),
        ("~bob/y", "~bob/y"),
        ("${T}", "~/x"),
        ("${D}", "${A}"),
    ],
)
def test_variables_follow_compose(text, value):
    variables = {"A": "1", "E": "", "T": "~/x", "D": "${A}"}

    assert substitute(text, variables, "/home/ana/") == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${B}", "'${B}' needs B, which is not set; set it, or write ${B:-default}"),
        ("x${B:?log in}", "'x${B:?log in}' needs B; log in"),
        ("${B:?}", "'${B:?}' needs B; set B"),
        ("${E:?}", "'${E:?}' needs E; set E"),
    ],
)
def test_the_error_names_the_missing_variable(text, message):
    with pytest.raises(InvalidValueError) as refused:
        substitute(text, {"E": ""})

    assert str(refused.value) == message


@pytest.mark.parametrize(
    "text",
    [
        "$",
        "$A",
        "$(id)",
        "a$",
        "${",
        "${}",
        "${A",
        "${A-b}",
        "${A:+b}",
        "${1}",
        "${A:-${B}}",
        "$$$",
        "${A:-$B}",
        "`id`$x",
    ],
)
def test_a_stray_dollar_is_refused_at_parsing_and_at_use(text):
    for refuse in (check, lambda text: substitute(text, {"A": "1", "B": "2"})):
        with pytest.raises(InvalidValueError) as refused:
            refuse(text)

        assert str(refused.value) == f"{text!r} has a stray '$'; write ${{NAME}}, or $$ for a dollar sign"


@given(st.text())
def test_any_text_can_be_written_with_doubled_dollars(text):
    assert substitute(text.replace("$", "$$"), {}) == text


@given(st.text(), st.text())
def test_a_substituted_value_is_not_substituted_again(name, value):
    assert substitute("${A}", {"A": value, "B": name}) == value
