"""Launches where the caller's home is / or nowhere, and where the system has no name for the caller."""

import os

import pytest

pytestmark = pytest.mark.engine

STRANGER = 54321  # a uid without a passwd entry


def elsewhere(home):
    """Return the variables that keep our files in *home* whatever HOME says."""
    return {f"XDG_{name}_HOME": str(home.path / place) for name, place in PLACES.items()}


PLACES = {"CONFIG": ".config", "STATE": ".local/state", "CACHE": ".cache", "DATA": ".local/share", "BIN": ".local/bin"}


@pytest.mark.parametrize("place", ["/", "/nowhere", "", None, "/dev/null"])
def test_a_program_runs_whatever_home_says(home, sh, place):
    done = home.run(sh, "-c", "pwd", env=elsewhere(home) | {"HOME": place})

    assert (done.returncode, done.stdout, done.stderr) == (0, f"{home.work}\n", "")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be a user without a passwd entry")
@pytest.mark.parametrize("place", ["/", None, "its own"])
def test_a_user_without_a_passwd_entry_has_a_name_and_writes_its_own_files(home, sh, place):
    home.owned_by(STRANGER)
    home.takes_over = place == "/"  # which bubblewrap cannot mount

    done = home.run(
        sh, "-c", "id -u; id -un; touch made", env=elsewhere(home) | ({} if place == "its own" else {"HOME": place})
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [str(STRANGER), f"user{STRANGER}"]
    assert (home.work / "made").stat().st_uid == STRANGER
