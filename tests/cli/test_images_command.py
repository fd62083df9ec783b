"""pull, upgrade and gc: what is here, what moved, what goes, and how much that frees."""

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

    def test_a_pull_has_the_image_here_and_moves_nothing(self, home, moving, engine, answer):
        _, move = moving
        first = home.run("applaunch", "pull", "moving", check=True).stdout
        move("two")
        same = home.run("applaunch", "pull", check=True).stdout
        (held,) = answer("status")
        engine.docker("rmi", "-f", held["image_id"])
        again = home.run("applaunch", "pull", check=True).stdout

        digest = held["digest"][7:19]
        assert (first, same, again) == (f"moving: pulled {digest}\n", f"moving: present {digest}\n", first)
        assert [each["digest"] for each in answer("status")] == [held["digest"]]
        assert len(answer("history")) == 1

    def test_upgrade_and_gc_tell_what_moved_and_what_went(self, home, moving, answer):
        _, move = moving
        home.run("applaunch", "pull", check=True)
        same = home.run("applaunch", "update", "-y", check=True).stdout
        digests = [answer("status")[0]["digest"][7:19]]
        for text in ("two", "three"):
            move(text)
            moved = home.run("applaunch", "upgrade", "-y", check=True).stdout.splitlines()
            digests.append(answer("status")[0]["digest"][7:19])

        assert same == "everything is up to date\n"
        assert moved[-2:] == [
            f"upgraded: moving  {digests[1]} -> {digests[2]}",
            "(transaction 3; revert with: applaunch history undo 3)",
        ]
        would = answer("gc", "--dry-run")
        assert would["dry_run"] is True
        assert [image["deployments"] for image in would["images"]] == [[1]]  # 2 is one step back
        assert home.run("applaunch", "gc", check=True).stdout.startswith("removed: ")
        assert answer("gc") == {"dry_run": False, "freed": 0, "containers": [], "images": [], "data": []}
        assert [each["number"] for each in answer("log", "moving") if each["present"]] == [3, 2]

    @pytest.mark.usefixtures("moving")
    def test_the_json_of_a_pull(self, answer):
        (told,) = answer("pull")

        assert list(told) == ["app", "image", "digest", "is_new"]
        assert (told["app"], told["is_new"]) == ("moving", True)


@pytest.mark.usefixtures("installed")
def test_upgrade_without_a_terminal_needs_yes(home):
    done = home.run("applaunch", "history", "undo", "last")

    assert (done.returncode, done.stderr) == (
        1,
        "applaunch: history undo: no terminal to ask on; answer with: -y\n",
    )
    assert home.run("applaunch", "list").stdout.count("mybox") == 2


def test_pull_reports_that_no_apps_are_installed(home):
    done = home.run("applaunch", "pull")

    assert (done.returncode, done.stdout) == (0, "no apps are installed\n")


@pytest.mark.usefixtures("installed")
def test_an_app_that_is_not_installed_cannot_be_pulled(home):
    done = home.run("applaunch", "pull", "mybx")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "applaunch: mybx: is not installed; did you mean 'mybox'?\n"


def test_gc_without_an_engine_is_reported_in_one_line(home):
    done = home.run("applaunch", "gc")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("applaunch: engine: cannot connect to unix:///nowhere.sock: ")
