"""pull and gc: what moved, what goes, and how much that frees."""

import pytest


@pytest.mark.engine
class TestOnARealEngine:
    @pytest.fixture
    def moving(self, engine, home):
        """An app whose tag moves in the registry each time that it is told to."""
        ref = f"{engine.registry}/applaunch/moving-{home.path.parent.name.lower()}:latest"

        def move(text):
            made = engine.docker("build", "-q", "-t", ref, "-", input=f"FROM scratch\nLABEL now={text}\n")
            assert made.returncode == 0, made.stderr
            engine.docker("push", ref, check=True)
            engine.docker("rmi", ref, check=True)

        move("one")
        yield home.app("moving", ref), move
        for image in set(engine.docker("images", "-q", "--no-trunc", ref.removesuffix(":latest")).stdout.split()):
            engine.docker("rmi", "-f", image)

    def test_pull_and_gc_tell_what_moved_and_what_went(self, home, moving, answer):
        _, move = moving
        first = home.run("applaunch", "pull", "moving", check=True).stdout
        same = home.run("applaunch", "update", check=True).stdout
        move("two")
        moved = home.run("applaunch", "pull", check=True).stdout

        change = answer("history", "info", "last")["changes"][0]
        before, after = (change[side]["digest"][7:19] for side in ("before", "after"))
        assert first == f"moving: pulled {before}\n"
        assert same == "moving: up to date\n"
        assert moved == f"moving: {before} -> {after}\n(transaction 2)\n"

        would = answer("gc", "--dry-run")
        assert would["dry_run"] is True
        assert [image["image"].rpartition("@sha256:")[2][:12] for image in would["images"]] == [before]
        assert home.run("applaunch", "gc", check=True).stdout.startswith("removed: ")
        assert answer("gc") == {"dry_run": False, "freed": 0, "containers": [], "images": []}

    @pytest.mark.usefixtures("moving")
    def test_the_json_of_a_pull(self, answer):
        told = answer("pull")

        assert list(told) == ["transaction", "apps"]
        assert told["transaction"] is None  # a first pull only finds out what was installed
        assert [list(app) for app in told["apps"]] == [["app", "image", "before", "after"]]


def test_with_nothing_installed_pull_says_so(home):
    done = home.run("applaunch", "pull")

    assert (done.returncode, done.stdout) == (0, "nothing is installed; applaunch add NAME installs an app\n")


@pytest.mark.usefixtures("installed")
def test_what_is_not_installed_cannot_be_pulled(home):
    done = home.run("applaunch", "pull", "mybx")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "applaunch: mybx: is not installed; did you mean 'mybox'?\n"


def test_gc_without_an_engine_is_one_line(home):
    done = home.run("applaunch", "gc")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("applaunch: engine: cannot connect to unix:///nowhere.sock: ")
