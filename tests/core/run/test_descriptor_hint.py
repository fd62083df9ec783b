"""The note on a descriptor that arguments name, and that no container gets."""

import pytest

from launcher.core.run.descriptor_hint import descriptor_hint
from tests.core.examples import YOUTUBE_DL

PASSED = frozenset([3, 63])


def hint(*args, failed=True):
    return descriptor_hint(YOUTUBE_DL, args, PASSED, failed=failed)


@pytest.mark.parametrize(
    "arg", ["/dev/fd/63", "@/dev/fd/63", "--file=/dev/fd/63", "/proc/self/fd/63", "/proc/77/fd/63", "cat /dev/fd/63; x"]
)
@pytest.mark.parametrize("failed", [True, False])
def test_a_path_is_noted_whatever_came_of_the_program(arg, failed):
    path = next(word for word in ("/dev/fd/63", "/proc/self/fd/63", "/proc/77/fd/63") if word in arg)

    assert hint("a", arg, failed=failed) == (
        f"applaunch: youtube-dl: note: {path} is open in your shell only: a container has no descriptors of yours;"
        " use a pipe or a file, or applaunch override youtube-dl --runtime bubblewrap"
    )


@pytest.mark.parametrize(
    "args", [("--passphrase-fd", "3"), ("--status-fd=3",), ("fd:3",), ("pipe:3",), ("-c", "cat <&3"), ("echo >&3",)]
)
def test_a_number_is_noted_if_the_program_failed(args):
    assert "note: descriptor 3 is open in your shell only" in hint(*args)
    assert hint(*args, failed=False) == ""


@pytest.mark.parametrize(
    "args",
    [("/dev/fd/6",), ("/dev/fd/633",), ("--passphrase-fd", "4"), ("3",), ("a&3",), ("2>&1",), ("fd:33",), ("/x/fd/3",)],
)
def test_what_the_caller_has_not_passed_on_is_not(args):
    assert hint(*args) == ""


def test_several_are_one_line():
    assert hint("/dev/fd/63", "/dev/fd/3").count("note:") == 1
