"""Programs have a locale that their image has: UTF-8 works, and nothing warns."""

import io
import os
import tarfile

import pytest

pytestmark = pytest.mark.engine

PROBE = "docker.io/applaunch/probe:latest"
WHAT = "echo $LANG $LC_ALL $LC_TIME $(locale charmap) $(printf ä | wc -m); perl -e 1"


@pytest.fixture
def localized(engine, tmp_path):
    """An image that has the locales de_DE.UTF-8, as a folder, and fr_FR.UTF-8, in the archive."""
    ref = f"localhost/localized-{os.getpid()}:1"
    text = (
        f"FROM {engine.ref(PROBE)}\nRUN cd /usr/lib/locale && cp -r C.utf8 de_DE.utf8 && cp -r C.utf8 fr_FR.utf8"
        " && localedef --add-to-archive fr_FR.utf8 && rm -r fr_FR.utf8\n"
    )
    recipe = tarfile.TarInfo("Dockerfile")
    recipe.size = len(text)
    with tarfile.open(tmp_path / "context.tar", "w") as archive:
        archive.addfile(recipe, io.BytesIO(text.encode()))
    engine.engine.build(tmp_path / "context.tar", ref, tmp_path / "build.log")
    yield ref
    engine.forget(ref)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"LANG": "de_DE.UTF-8"}, "C.UTF-8 UTF-8 1"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "xx_YY.UTF-8"}, "C.UTF-8 C.UTF-8 UTF-8 1"),
        ({"LANG": "C.UTF-8", "LC_TIME": "de_DE.UTF-8"}, "C.UTF-8 C.UTF-8 UTF-8 1"),
    ],
)
def test_a_locale_that_the_image_does_not_have_is_one_that_it_has(home, bash, given, said):
    home.run(bash, "-c", "true", check=True)

    for _ in range(2):
        ended = home.run(bash, "-c", WHAT, env=given)

        assert (" ".join(ended.stdout.split()), ended.stderr) == (said, "")


def test_one_that_it_has_is_kept(home, localized):
    home.app("local", localized, entrypoint='["bash"]', network_mode='"none"', pull_policy='"never"')

    for _ in range(2):
        ended = home.run("local", "-c", WHAT, env={"LANG": "de_DE.UTF-8", "LC_TIME": "fr_FR.UTF-8"})

        assert (ended.stdout.split(), ended.stderr) == (["de_DE.UTF-8", "fr_FR.UTF-8", "UTF-8", "1"], "")


def test_one_of_another_codeset_is_none(home, bash):
    assert home.run(bash, "-c", "echo $LANG", env={"LANG": "de_DE"}).stdout == "C\n"


def test_an_image_without_any_gets_one_for_the_same_bytes(home, sh):
    home.run(sh, "-c", "true", check=True)

    ended = home.run(sh, "-c", "echo $LANG; echo ä", env={"LANG": "tr_TR.UTF-8"})

    assert (ended.stdout, ended.stderr) == ("C.UTF-8\nä\n", "")


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ({"LANG": "C"}, "LANG=C"),
        ({"LANG": None}, ""),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "LANG=C LC_CTYPE=C.UTF-8"),
    ],
)
def test_no_locale_is_set_that_the_caller_has_not_set(home, sh, given, seen):
    """Python sets LC_CTYPE for itself if it finds no other locale than C (PEP 538)."""
    home.run(sh, "-c", "true", check=True)
    plainly = [
        "env",
        *(() if "LC_CTYPE" in given else ("-u", "LC_CTYPE")),
        str(home.bin / sh),
    ]  # as no Python passes it

    for _ in range(2):
        ended = home.run(*plainly, "-c", "env | grep -e ^LANG -e ^LC_ | sort", env=given)

        assert (" ".join(ended.stdout.split()), ended.stderr) == (seen, "")
