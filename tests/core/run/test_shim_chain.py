import pytest

from launcher.core.run.shim_chain import extend_chain, refuse_loop
from launcher.errors import HostError


@pytest.mark.parametrize(
    ("before", "after"),
    [(None, "jq"), ("", "jq"), ("git", "git:jq"), ("git:make", "git:make:jq"), ("jq:git", "jq:git")],
)
def test_a_command_stands_in_the_chain_once(before, after):
    assert extend_chain("jq", {} if before is None else {"APPLAUNCH_SHIM": before}) == after


@pytest.mark.parametrize("before", [None, "", "git", "git:jqx", "xjq"])
def test_a_command_that_is_not_in_the_chain_goes_on(before):
    refuse_loop("jq", {} if before is None else {"APPLAUNCH_SHIM": before})


def test_one_that_is_in_it_is_told_how_it_came_to_be_called():
    with pytest.raises(HostError) as refused:
        refuse_loop("jq", {"APPLAUNCH_SHIM": "jq:git"})

    assert refused.value.line == (
        "applaunch: jq: called by what it has started itself (jq > git > jq);"
        " there, put the real program of that name before the shims on PATH"
    )
