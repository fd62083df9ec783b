"""126 and 127 are decided before a sandbox starts."""

import pytest

from launcher.core.sandbox.mount_layout import Point
from launcher.errors import CannotRunError, NotFoundError
from launcher.sandbox.find_program import find_program
from launcher.sandbox.view import View

PATH = "/usr/local/bin:/usr/bin"


@pytest.fixture
def view(tmp_path):
    """A tree with a program, a link to it by an absolute path, and a text."""
    root = tmp_path / "rootfs"
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/tool").write_text("#!/bin/sh\n")
    (root / "usr/bin/tool").chmod(0o755)
    (root / "usr/bin/text").write_text("")
    (root / "usr/bin/link").symlink_to("/usr/bin/tool")
    (root / "usr/bin/out").symlink_to("/../../../../../../bin/sh")
    (root / "usr/bin/loop").symlink_to("loop")
    return View(str(root))


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("tool", "/usr/bin/tool"),
        ("link", "/usr/bin/link"),
        ("/usr/bin/tool", "/usr/bin/tool"),
        ("./tool", "/usr/bin/./tool"),
    ],
)
def test_a_program_is_found_as_in_a_container(view, word, path):
    assert find_program(view, word, PATH, "/usr/bin") == path


@pytest.mark.parametrize("word", ["nosuch", "/usr/bin/nosuch", "out", "loop", ""])
def test_a_program_that_is_not_there(view, word):
    with pytest.raises(NotFoundError):
        find_program(view, word, PATH, "/")


@pytest.mark.parametrize("word", ["text", "/usr/bin", "/usr/bin/text"])
def test_a_program_that_may_not_run(view, word):
    with pytest.raises(CannotRunError):
        find_program(view, word, PATH, "/")


def test_a_program_in_a_mount(view, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/script").touch(mode=0o755)
    view.add(Point("/data", str(tmp_path / "mine")))

    assert find_program(view, "./script", PATH, "/data") == "/data/./script"
