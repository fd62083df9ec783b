"""The session files under docs/ are true, and the README shows nothing else."""

import re
import sys
from pathlib import Path

import pytest

from tests import bare_machine, sessions
from tests.conftest import forget_own_tags
from tests.rig import shelf

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "docs/sessions").glob("*.session"))


@pytest.fixture
def _no_tags_left(engine, tmp_path):
    yield
    forget_own_tags(tmp_path / "scene/home", engine)


@pytest.mark.engine
@pytest.mark.usefixtures("_no_tags_left")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_session_prints_what_it_says(path, engine, tmp_path, release):
    if path.stem in sessions.WITHOUT_ENGINE and (why := bare_machine.why_not(engine)):
        pytest.skip(why)
    web = tmp_path / "web"
    web.mkdir()
    engine.clip(web)
    for image in IMAGES:
        engine.forget(engine.ref(image))
    with engine.serve(web) as server, sessions.scene(path, engine, tmp_path / "scene") as (home, env, prefix):
        env |= {"CLIP": f"{server.container_url}/clip.mp4", "RELEASE": str(release), "TERM": "dumb"}

        for step, code, printed in sessions.play(path.read_text(), env, home / "videos", show=False, prefix=prefix):
            assert (code, sessions.fits(step.output, printed)) == (step.exit_code, True), (
                f"{path.name}:{step.line}: $ {step.command}\nexpected [exit {step.exit_code}]:\n"
                + "\n".join(step.output)
                + f"\nprinted [exit {code}]:\n{printed}"
            )


@pytest.fixture
def release(engine, tmp_path):
    """A program that publishes a newer image of youtube-dl, as its publisher would; the old one is back afterwards."""
    name = shelf.path_of(REPOSITORY)
    before = engine.digest(REPOSITORY, "latest")
    program = tmp_path / "release"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom tests.rig import shelf\n"
        f"shelf.vary({engine.registry!r}, {name!r}, 'latest', {name!r}, 'latest', RELEASE='2')\n"
    )
    program.chmod(0o755)
    yield program
    if (newer := engine.digest(REPOSITORY, "latest")) != before:
        engine.retag(REPOSITORY, "latest", before)
        shelf.forget(engine.registry, name, newer)


REPOSITORY = "docker.io/vimagick/youtube-dl"
IMAGES = (
    f"{REPOSITORY}:latest",
    "docker.io/library/busybox:latest",
    "registry.gitlab.com/gbraad/openstack-client:centos",
)


def test_every_transcript_of_the_readme_is_part_of_a_session():
    shown = [step for block in _transcripts((ROOT / "README.md").read_text()) for step in sessions.steps(block)]
    proven = {
        (step.command, step.output, step.exit_code) for path in FILES for step in sessions.steps(path.read_text())
    }

    assert shown
    assert [step.command for step in shown if (step.command, step.output, step.exit_code) not in proven] == []


def test_a_line_of_dots_stands_for_any_lines_and_dots_in_a_line_for_any_text():
    assert sessions.fits(("a", "...", "b ... d"), "a\nx\ny\nb c d\n")
    assert sessions.fits(("...",), "")
    assert not sessions.fits(("a", "b"), "a\nx\nb\n")
    assert not sessions.fits(("a ...",), "b c\n")


def _transcripts(text):
    return re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
