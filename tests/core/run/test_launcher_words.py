"""Which command a process launches, told from its command line."""

import pytest

from launcher.core.run.launcher_words import LaunchedCommand, launched_command

SHIM = "/home/ana/.local/bin/jq"
TIMER = "import sys\nfrom launcher.manage.run.launch_timing import main\n"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["/usr/bin/python3", "-IS", SHIM, "-r", "."], LaunchedCommand(SHIM, "jq")),
        (["/usr/bin/python3", "-IS", "./jq"], LaunchedCommand("./jq", "jq")),
        (["/usr/bin/python3", "/opt/bin/applaunch", "run", "jq", "run"], LaunchedCommand("", "jq")),
        (["/usr/bin/python3", "/opt/bin/applaunch", "run", "--runtime", "engine", "jq"], LaunchedCommand("", "jq")),
        (["/usr/bin/python3", "/opt/bin/applaunch", "run", "--runtime=engine", "jq@1.7"], LaunchedCommand("", "jq")),
        (["/usr/bin/python3", "/opt/bin/applaunch", "run", "--", "team/jq", "-x"], LaunchedCommand("", "jq")),
        (["/usr/bin/python3", "/opt/bin/applaunch", "shell", "jq"], LaunchedCommand("", "jq")),
        (["python3", "-IS", "-c", TIMER, "1.5", "table", "", "jq", "."], LaunchedCommand("", "jq")),
        (["/usr/bin/python3", "/opt/bin/applaunch", "ps"], None),
        (["/usr/bin/python3", "/opt/bin/applaunch", "run"], None),
        (["/usr/bin/python3", "/opt/bin/applaunch", "run", "--"], None),
        (["/usr/bin/python3", "/opt/bin/other", "run", "jq"], None),
        (["/usr/bin/python3", "-IS", "-c", "pass", "1", "2", "3", "jq"], None),
        (["/usr/bin/python3", "-IS"], None),
        (["vim", SHIM], None),
        ([], None),
    ],
)
def test_a_launcher_is_told_by_its_words(words, found):
    assert launched_command(words) == found
