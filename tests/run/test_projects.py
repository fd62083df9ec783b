"""A launch inside a project: an installed app runs, whatever stands there in the place of a project's files."""

import os

import pytest

pytestmark = pytest.mark.engine
MALLORY = 4343


@pytest.fixture
def folder(home, bash, tmp_path):
    """A folder with a project's catalog in it, which would have bash say something else."""
    home.run(bash, "-c", "true", check=True)  # its image is here from now on, and nothing is told of a pull
    folder = tmp_path / "proj"
    folder.mkdir()
    (folder / "applaunch.toml").write_text(f'schema = 1\n[apps.{bash}]\nentrypoint = ["echo", "theirs"]\n')
    return folder


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to others: run as root")
def test_in_somebody_elses_project_it_runs_as_installed_and_says_nothing_of_it(home, bash, folder):
    os.chown(folder / "applaunch.toml", MALLORY, MALLORY)

    ended = home.run(bash, "-c", "echo mine", cwd=folder)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "mine\n", "")


@pytest.mark.parametrize("name", ["applaunch.toml", "applaunch.lock"])
@pytest.mark.parametrize(
    "make", [os.mkfifo, lambda path: path.write_text("{"), lambda path: os.truncate(path, 1 << 40)]
)
def test_beside_a_file_that_is_none_of_a_projects_it_runs_as_installed(home, bash, folder, name, make):
    (folder / name).unlink(missing_ok=True)
    if make is not os.mkfifo:
        (folder / name).touch()
    make(folder / name)

    ended = home.run(bash, "-c", "echo mine", cwd=folder, timeout=60)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "mine\n", "")


def test_in_a_trusted_project_it_runs_as_the_project_says(home, bash, folder):
    home.run("applaunch", "trust", "-y", cwd=folder, check=True)

    ended = home.run(bash, "-c", cwd=folder)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "theirs -c\n", "")
