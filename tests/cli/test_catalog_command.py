"""catalog lint: mistakes are errors, the rest is advice."""

import pytest

SOUND = """schema = 1
[apps.jq]
image = "ghcr.io/jqlang/jq:1.7.1"
description = "Slice and filter JSON"
homepage = "https://jqlang.org"
license = "MIT"
"""


@pytest.fixture
def lint(home):
    """Lint a text; returns exit code, stdout and stderr."""

    def run(text):
        (home.work / "mine.toml").write_text(text)
        done = home.run("applaunch", "catalog", "lint", "mine.toml")
        return done.returncode, done.stdout, done.stderr

    return run


def test_lint_reports_a_valid_catalog(lint):
    assert lint(SOUND) == (0, "mine.toml: no problems found\n", "")


def test_lint_exits_with_0_if_there_is_only_advice(lint):
    code, said, _ = lint('schema = 1\n[apps.jq]\nimage = "jqlang/jq"\n')

    assert code == 0
    assert said.splitlines() == [
        "advice: mine.toml: [apps.jq]: no description",
        "advice: mine.toml: [apps.jq]: no homepage",
        "advice: mine.toml: [apps.jq]: no license",
        "advice: mine.toml: [apps.jq]: image 'jqlang/jq' is a short name; write docker.io/jqlang/jq",
    ]


def test_markers_that_no_command_looks_for_are_advice(lint):
    markers = SOUND.rstrip("\n") + '\nproject_markers = ["go.mod"]\n'

    assert lint(markers)[1] == (
        "advice: mine.toml: [apps.jq]: project_markers without mount_cwd = 'project' do nothing\n"
    )
    assert lint(markers + 'mount_cwd = "project-ro"\n') == (0, "mine.toml: no problems found\n", "")


def test_an_error_is_one_line_with_its_place(lint):
    said = "applaunch: mine.toml:4: [apps.jq]: unknown key 'descripton'; did you mean 'description'?\n"

    assert lint(SOUND.replace("description", "descripton")) == (1, "", said)


def test_a_missing_file_is_reported(home):
    done = home.run("applaunch", "catalog", "lint", "nope.toml")

    assert (done.returncode, done.stderr) == (1, "applaunch: nope.toml: there is no such file\n")


def test_json_names_the_file_and_the_advice(home, answer):
    (home.work / "mine.toml").write_text(SOUND)

    assert answer("catalog", "lint", "mine.toml") == {"file": "mine.toml", "advice": []}
