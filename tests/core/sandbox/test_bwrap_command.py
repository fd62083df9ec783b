"""The program of a sandbox: docker's rules for ENTRYPOINT and CMD."""

import pytest

from launcher.core.sandbox.bwrap_command import program_words
from launcher.core.sandbox.tree import ImageConfig
from launcher.core.values.run_spec import RunSpec

IMAGE = ImageConfig(entrypoint=("tool",), command=("--help",))


@pytest.mark.parametrize(
    ("entrypoint", "command", "words"),
    [
        (None, None, ("tool", "--help")),
        (None, ("x",), ("tool", "x")),
        (("other",), None, ("other",)),
        (("other",), ("x",), ("other", "x")),
        (("",), ("x", "y"), ("x", "y")),
        (("",), (), ()),
        ((), ("x",), ("x",)),
    ],
)
def test_the_program_is_that_of_the_entry_or_else_of_the_image(entrypoint, command, words):
    assert program_words(RunSpec(image="i", entrypoint=entrypoint, command=command), IMAGE) == words


def test_an_image_without_a_program():
    assert program_words(RunSpec(image="i"), ImageConfig()) == ()
