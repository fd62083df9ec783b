"""Files that a program makes have the caller's umask in a sandbox; an engine has its own, which is noted once."""

import pytest

from tests.home import SANDBOXED

pytestmark = pytest.mark.engine

PROBE = "docker.io/applaunch/probe:latest"


def line(umask):
    return (
        f"applaunch: pbash: note: the engine's umask is 022, yours is {umask}: check the modes of new files,"
        " or applaunch override pbash --runtime bubblewrap\n"
    )


@pytest.mark.parametrize(("umask", "mode"), [("077", 0o600), ("002", 0o664), ("022", 0o644)])
def test_a_new_file_has_the_callers_mode_or_a_note_tells_that_it_has_not(home, bash, umask, mode):
    home.run(bash, "-c", "true", check=True)

    said = [home.run("bash", "-c", f"umask {umask}; {bash} -c 'echo x > made{n}'").stderr for n in (1, 2)]

    is_noted = home.way not in SANDBOXED and umask != "022"
    assert said == [line(umask) if is_noted else "", ""]
    assert {(home.work / f"made{n}").stat().st_mode & 0o777 for n in (1, 2)} == {0o644 if is_noted else mode}


def test_a_program_that_cannot_write_here_needs_no_note(home, engine):
    home.app("reader", engine.ref(PROBE), entrypoint='["bash"]', mount_cwd='"ro"', network_mode='"none"')
    home.run("reader", "-c", "true", check=True)

    ended = home.run("bash", "-c", "umask 077; reader -c umask")

    assert (ended.stdout, ended.stderr) == ("0077\n" if home.way in SANDBOXED else "0022\n", "")
