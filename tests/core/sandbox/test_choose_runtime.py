"""The engine or bubblewrap: what is wanted, whether it is possible, and what to do where it is not."""

import pytest

from launcher.core.sandbox.choose_runtime import choose_runtime, wanted_runtime
from launcher.core.sandbox.same_run import NO_TREE
from launcher.errors import CannotRunError, NoEngineError
from tests.core.examples import YOUTUBE_DL

INSTALL = "sudo apt install podman"
PORTS = "ports = ['127.0.0.1:80:80']"
MISSING = "bubblewrap is not installed; sudo apt install bubblewrap"


@pytest.mark.parametrize(
    ("entry", "setting", "wanted"),
    [
        ("auto", "auto", "auto"),
        ("auto", "engine", "engine"),
        ("auto", "bubblewrap", "bubblewrap"),
        ("engine", "bubblewrap", "engine"),
        ("bubblewrap", "engine", "bubblewrap"),
    ],
)
def test_an_entry_wins_over_the_setting_unless_it_says_auto(entry, setting, wanted):
    assert wanted_runtime(YOUTUBE_DL._replace(runtime=entry), setting) == wanted


@pytest.mark.parametrize(
    ("wanted", "why", "engine_fix", "runtime"),
    [
        ("auto", "", None, "bubblewrap"),
        ("auto", NO_TREE, None, "engine"),
        ("auto", NO_TREE, INSTALL, "bubblewrap"),
        ("auto", PORTS, None, "engine"),
        ("auto", MISSING, None, "engine"),
        ("bubblewrap", "", None, "bubblewrap"),
        ("bubblewrap", NO_TREE, None, "bubblewrap"),
        ("bubblewrap", NO_TREE, INSTALL, "bubblewrap"),
        ("engine", "", None, "engine"),
        ("engine", PORTS, INSTALL, "engine"),
    ],
)
def test_the_runtime_is_chosen(wanted, why, engine_fix, runtime):
    assert choose_runtime(wanted, why, YOUTUBE_DL, engine_fix) == runtime


@pytest.mark.parametrize(
    ("wanted", "why", "engine_fix", "line"),
    [
        ("bubblewrap", PORTS, None, "youtube-dl: cannot run with bubblewrap: ports = ['127.0.0.1:80:80']; applaunch run --runtime engine youtube-dl, or: applaunch override youtube-dl --deny ports"),
        ("bubblewrap", "user = 'image', which is root", INSTALL, "youtube-dl: cannot run with bubblewrap: user = 'image', which is root; sudo apt install podman, or: applaunch override youtube-dl --user host"),
        ("bubblewrap", "mem_limit = 5", None, "youtube-dl: cannot run with bubblewrap: mem_limit = 5; applaunch run --runtime engine youtube-dl, or: applaunch edit youtube-dl"),
        ("bubblewrap", "ulimits: core is set by an engine only", None, "youtube-dl: cannot run with bubblewrap: ulimits: core is set by an engine only; applaunch run --runtime engine youtube-dl, or: applaunch edit youtube-dl"),
        ("bubblewrap", MISSING, None, "youtube-dl: cannot run with bubblewrap: bubblewrap is not installed; sudo apt install bubblewrap, or: applaunch run --runtime engine youtube-dl"),
        ("bubblewrap", "the chosen engine is at ssh://far", None, "youtube-dl: cannot run with bubblewrap: the chosen engine is at ssh://far; applaunch run --runtime engine youtube-dl"),
        ("auto", PORTS, INSTALL, "youtube-dl: no engine answers, and bubblewrap cannot run it: ports = ['127.0.0.1:80:80']; sudo apt install podman, or: applaunch override youtube-dl --deny ports"),
        ("auto", "network_mode = 'bridge': pasta is not installed; apt install passt", INSTALL, "youtube-dl: no engine answers, and bubblewrap cannot run it: network_mode = 'bridge': pasta is not installed; apt install passt, or: sudo apt install podman, or: applaunch override youtube-dl --network none"),
        ("auto", MISSING, INSTALL, "youtube-dl: no engine answers, and bubblewrap cannot run it: bubblewrap is not installed; sudo apt install bubblewrap, or: sudo apt install podman"),
    ],
)  # fmt: skip
def test_what_cannot_run_is_refused_with_every_way_out(wanted, why, engine_fix, line):
    with pytest.raises(CannotRunError if wanted == "bubblewrap" else NoEngineError) as refused:
        choose_runtime(wanted, why, YOUTUBE_DL, engine_fix)

    assert str(refused.value) == line
    assert refused.value.exit_code == (126 if wanted == "bubblewrap" else 125)
