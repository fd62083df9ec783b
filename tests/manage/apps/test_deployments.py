"""The life of a deployment on the real engine and registry: upgraded, gone back from, kept, collected."""

import json
import re
import subprocess
import threading
from contextlib import suppress

import pytest

pytestmark = pytest.mark.engine

REPOSITORY = "docker.io/applaunch/layers"
OLD = f"{REPOSITORY}:latest"
NEW = "docker.io/library/busybox:latest"
SAY = '["sh", "-c", "ls /first 2>/dev/null || echo new"]'


@pytest.fixture
def moving(engine, home):
    """An app whose tag a publisher moves; moved back, and all of its images gone, when the test is over."""
    image = engine.ref(OLD)
    engine.forget(image)
    original = engine.digest(REPOSITORY, "latest")
    home.catalog(f'[apps.say]\nimage = "{image}"\nentrypoint = {SAY}\nnetwork_mode = "none"\n')
    home.run("applaunch", "add", "say", check=True)

    def publish():
        return engine.retag(REPOSITORY, "latest", NEW)

    yield publish
    engine.start_registry() if engine.started_by_us else None
    engine.retag(REPOSITORY, "latest", original)
    home.run("applaunch", "remove", "say")
    engine.forget(image)


def told(home, *words):
    """Return what a command answers as JSON."""
    return json.loads(home.run("applaunch", *words, "--json", check=True).stdout)


def tags(home, engine, app):
    """Return the numbers of the deployments of *app* whose own tags the engine has."""
    listed = (
        engine.docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").stdout.replace("docker.io/", "").split()
    )
    return sorted(each["number"] for each in told(home, "log", app) if each["tag"].replace("docker.io/", "") in listed)


def test_a_moved_tag_has_no_effect_until_an_upgrade(home, engine, moving):
    assert home.run("say").stdout == "/first\n"
    old = told(home, "status", "say")[0]["digest"]
    new = moving()

    assert home.run("say").stdout == "/first\n"
    (offer,) = told(home, "outdated")
    assert (offer["app"], offer["current"], offer["latest"], offer["pinned"]) == ("say", old, new, False)
    assert home.run("applaunch", "upgrade", "--check").returncode == 100
    assert home.run("say").stdout == "/first\n"

    assert home.run("applaunch", "upgrade", "-y", check=True).stdout.splitlines()[-2].startswith("upgraded: say")
    assert home.run("say").stdout == "new\n"
    assert told(home, "outdated") == []
    assert home.run("applaunch", "upgrade", "--check").returncode == 0


def test_a_rollback_works_after_a_prune_without_the_registry(home, engine, moving, registry):
    home.run("say", check=True)
    moving()
    home.run("applaunch", "upgrade", "-y", check=True)
    home.run("say", check=True)
    engine.docker("image", "prune", "-f")
    engine.stop_registry()

    back = home.run("applaunch", "rollback", "say")

    assert back.returncode == 0, back.stderr
    assert "pinned: upgrades skip it; applaunch unpin say" in back.stdout
    assert home.run("say").stdout == "/first\n"
    again = home.run("applaunch", "rollback", "say")
    assert again.stderr == "applaunch: say: there is no deployment before 1; applaunch rollback say --to 2\n"
    assert home.run("applaunch", "rollback", "say", "--to", "2").returncode == 0
    assert home.run("say").stdout == "new\n"


def test_a_preview_shows_what_an_upgrade_would_change_and_changes_nothing(home, engine, moving):
    home.run("say", check=True)
    moving()

    ended = home.run("applaunch", "upgrade", "--preview")

    assert ended.returncode == 0, ended.stderr
    assert re.search(r"layers\n +\d shared, \d gone \(4\dMB\), \d new", ended.stdout)
    assert home.run("say").stdout == "/first\n"
    assert len(told(home, "history")) == 1


def pushed_alone(engine):
    """Push an image that nothing in the engine names; returns its tag in the repository of the tests."""
    name = f"{engine.registry}/{REPOSITORY.partition('/')[2]}:alone"
    container = engine.docker("create", engine.ref(OLD), "true").stdout.strip()
    for words in (["commit", container, name], ["rm", container], ["push", name], ["rmi", name]):
        assert engine.docker(*words).returncode == 0, words
    return "alone"


@pytest.mark.parametrize("keep", [False, True])
def test_a_preview_leaves_no_image_when_its_app_is_gone(home, engine, moving, keep):
    home.run("say", check=True)
    engine.retag(REPOSITORY, "latest", pushed_alone(engine))
    home.run("applaunch", "upgrade", "--preview", check=True)
    (waiting,) = [tag for tag in engine.own_tags() if ":next-" in tag]
    image = engine.docker("image", "inspect", waiting, "--format", "{{.Id}}").stdout.strip()

    shown = home.run("applaunch", "remove", "say", *["--keep-image"] * keep, check=True).stdout
    if keep:
        shown = home.run("applaunch", "gc", check=True).stdout
        assert "(downloaded for an upgrade)" in shown

    assert [tag for tag in engine.own_tags() if ":next-" in tag] == []
    assert image not in engine.docker("image", "ls", "-aq", "--no-trunc").stdout
    assert "removed: " in shown


def test_a_downloaded_image_is_not_pulled_again(home, engine, moving, registry):
    home.run("say", check=True)
    moving()
    home.run("applaunch", "upgrade", "--download-only", "-y", check=True)
    assert home.run("say").stdout == "/first\n"
    (offer,) = told(home, "upgrade", "--dry-run")
    engine.docker("image", "prune", "-f")

    assert offer["app"] == "say"
    assert home.run("applaunch", "upgrade", "-y").returncode == 0
    assert home.run("say").stdout == "new\n"


def test_an_image_that_is_too_new_is_not_upgraded_to(home, engine, moving):
    home.run("say", check=True)
    moving()

    ended = home.run("applaunch", "upgrade", "-y", "--min-age", "36500d")

    assert ended.returncode == 1
    assert "not upgraded: say: its newest image was made" in ended.stdout
    assert home.run("say").stdout == "/first\n"


def test_a_diff_shows_packages_layers_and_settings(home, engine):
    image = engine.ref("docker.io/applaunch/probe:latest")
    home.catalog(f'[apps.mine]\nimage = "{image}"\nentrypoint = ["bash"]\nnetwork_mode = "none"\n')
    home.run("applaunch", "add", "mine", check=True)
    home.run("mine", "-c", "true", check=True)
    home.run("applaunch", "rebase", "mine", engine.ref("ghcr.io/jqlang/jq:1.7.1"), check=True)
    home.run("applaunch", "pull", check=True)

    found = told(home, "diff", "mine")["changes"]

    packages = {each["name"]: (each["before"], each["after"]) for each in found if each["part"] == "package"}
    assert packages["jq"][0] is None
    assert packages["git"][1] is None
    assert "bash" not in packages
    settings = {each["name"] for each in found if each["part"] == "image"}
    assert {"ref", "entrypoint", "size"} <= settings


@pytest.mark.parametrize("word", ["99.99", "docker.io/library/nosuch:1"])
def test_a_rebase_to_an_image_that_only_the_engine_reaches_is_checked(home, engine, moving, word):
    done = home.run("applaunch", "rebase", "say", word)

    assert done.returncode == 1
    assert ("has no tag '99.99'" if word == "99.99" else "nosuch") in done.stderr
    assert told(home, "status", "say")[0]["image"] == engine.ref(OLD)


def test_gc_removes_old_deployments_and_spares_kept_ones(home, engine, moving):
    home.run("say", check=True)
    other = engine.ref("ghcr.io/jqlang/jq:1.7.1")
    home.run("applaunch", "rebase", "say", engine.ref(NEW), check=True)
    home.run("applaunch", "pull", check=True)
    home.run("applaunch", "rebase", "say", other, check=True)
    home.run("applaunch", "pull", check=True)
    assert tags(home, engine, "say") == [1, 2, 3]
    home.run("applaunch", "keep", "1", check=True)

    assert told(home, "gc", "--dry-run")["images"] == []
    home.run("applaunch", "unkeep", "1", check=True)
    (gone,) = told(home, "gc")["images"]

    assert (gone["image"], gone["deployments"], gone["kept"]) == (engine.ref(OLD), [1], "")
    assert gone["freed"] > 40_000_000
    assert tags(home, engine, "say") == [2, 3]
    home.run("applaunch", "rebase", "say", engine.ref(NEW), check=True)
    engine.forget(other)


@pytest.mark.parametrize("holder", ["container", "tag", "another app"])
def test_an_image_with_another_user_is_never_removed(home, engine, moving, holder):
    image = engine.ref(OLD)
    home.run("say", check=True)
    if holder == "container":
        made = engine.docker("create", "--name", "foreign-user", image, "true").stdout.strip()
    elif holder == "tag":
        engine.docker("tag", image, "localhost/foreign:1")
    else:
        home.app("other", image, entrypoint=SAY, network_mode='"none"')
        home.run("other", check=True)
    facts = engine.docker("image", "inspect", "--format", "{{.Id}}", image).stdout

    try:
        ended = home.run("applaunch", "remove", "say", check=True)
        collected = home.run("applaunch", "gc", check=True)

        assert engine.docker("image", "inspect", facts.strip()).returncode == 0
        if holder == "container":
            assert "kept:" in ended.stdout
            assert "the container foreign-user uses it" in ended.stdout + collected.stdout
        elif holder == "another app":
            assert home.run("other").stdout == "/first\n"
    finally:
        if holder == "container":
            engine.docker("rm", made)
        engine.docker("rmi", "localhost/foreign:1")
        home.run("applaunch", "remove", "other")
        home.run("applaunch", "gc")
    if holder != "tag":
        assert engine.docker("image", "inspect", facts.strip()).returncode != 0


def test_du_counts_shared_layers_once(home, engine, moving):
    home.run("say", check=True)
    home.app("small", engine.ref(NEW), entrypoint='["true"]', network_mode='"none"')
    home.run("small", check=True)

    usage = told(home, "du")

    (tree,) = usage["branches"]
    assert usage["apparent"] - usage["total"] == tree["size"]
    assert tree["images"] == ["small 2"]
    assert [each["images"] for each in tree["branches"]] == [["say 1"]]
    shown = home.run("applaunch", "du").stdout
    assert "without sharing" in shown


def test_twenty_concurrent_writers_lose_nothing(home, engine):
    image = engine.ref(NEW)
    for number in range(20):
        path = home.path / f".config/applaunch/catalog.d/w{number}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'schema = 1\n[apps.w{number}]\nimage = "{image}"\nentrypoint = ["true"]\n')
    ended = []
    crowd = [
        threading.Thread(target=lambda name=f"w{number}": ended.append(home.run("applaunch", "add", name)))
        for number in range(20)
    ]

    for each in crowd:
        each.start()
    for each in crowd:
        each.join()

    assert [each.stderr for each in ended if each.returncode] == []
    assert len(told(home, "list")) == len(told(home, "history")) == 20
    assert home.run("applaunch", "doctor").returncode == 0


def test_an_image_is_built_again_only_when_its_recipe_changes(home, engine):
    recipe = f'schema = 1\n[apps.made]\ncommand = ["cat", "/made"]\nnetwork_mode = "none"\n[apps.made.build]\ndockerfile_inline = """\nFROM {engine.ref(NEW)}\nRUN echo one > /made\n"""\n'
    path = home.path / ".config/applaunch/catalog.d/made.toml"
    path.parent.mkdir(parents=True)
    path.write_text(recipe)

    added = home.run("applaunch", "add", "made")
    assert (added.returncode, added.stderr) == (0, "made: building\n")
    assert home.run("made").stdout == "one\n"
    assert home.run("applaunch", "build", "made").stdout.startswith("made is up to date: 1")

    path.write_text(recipe.replace("echo one", "echo two"))
    assert home.run("made").stdout == "one\n"
    assert [each["app"] for each in told(home, "outdated")] == ["made"]
    home.run("applaunch", "upgrade", "-y", check=True)
    assert home.run("made").stdout == "two\n"
    home.run("applaunch", "rollback", "made", check=True)
    assert home.run("made").stdout == "one\n"

    home.run("applaunch", "remove", "made", check=True)
    assert "applaunch-build/made" not in engine.docker("image", "ls").stdout


def test_a_failed_build_shows_its_log_and_changes_nothing(home, engine):
    path = home.path / ".config/applaunch/catalog.d/made.toml"
    path.parent.mkdir(parents=True)
    path.write_text(
        f'schema = 1\n[apps.made.build]\ndockerfile_inline = """\nFROM {engine.ref(NEW)}\nRUN echo seen && exit 3\n"""\n'
    )

    ended = home.run("applaunch", "add", "made")

    assert ended.returncode == 1
    assert "seen\n" in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith("applaunch: localhost/applaunch-build/made:")
    assert not home.bin.exists() or not list(home.bin.iterdir())
    assert told(home, "list") == []
    assert told(home, "history") == []


def test_two_versions_are_installed_and_a_third_runs_without_installation(home, engine):
    image = engine.ref(NEW)
    other = engine.retag("docker.io/library/busybox", "other", "latest")
    home.app("bb", image, entrypoint='["echo"]', network_mode='"none"')

    home.run("applaunch", "add", "bb@other", f"bb@{other}", "--as", "bbo", "--as", "bbd", check=True)

    assert home.run("bbo", "a").stdout == home.run("bbd", "a").stdout == "a\n"
    assert home.run("applaunch", "run", "bb@other", "b").stdout == "b\n"
    assert {each["name"]: each["image"] for each in told(home, "list")} == {
        "bb": image,
        "bbd": f"{image.rpartition(':')[0]}@{other}",
        "bbo": f"{image.rpartition(':')[0]}:other",
    }
    home.run("applaunch", "remove", "bbo", "bbd", "bb")
    engine.forget(f"{image.rpartition(':')[0]}:other")


def fill(path):
    """Write until the disk is full."""
    with suppress(OSError), open(path, "ab", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass


def test_a_full_disk_leaves_the_old_state(home, engine, tmp_path):
    home.app("bb", engine.ref(NEW), entrypoint='["echo"]', network_mode='"none"')
    home.run("bb", "x", check=True)
    state = home.path / ".local/state/applaunch"
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", small], check=False)
    if mounted.returncode:
        pytest.skip("a small file system needs root")
    try:
        subprocess.run(["cp", "-a", f"{state}/.", small], check=True)
        subprocess.run(["mount", "--bind", small, state], check=True)
        try:
            fill(state / "fill")
            ended = home.run("applaunch", "pin", "bb")

            assert ended.returncode == 1
            assert re.fullmatch(
                r"applaunch: .*(no room|No space|database or disk is full|cannot be written).*\n", ended.stderr
            )
            for words in (("pin", "bb"), ("keep", "1"), ("add", "jq", "-y"), ("remove", "bb"), ("trust", "--yes")):
                fill(state / "fill")  # what the one before has given back
                (home.work / "applaunch.toml").write_text('schema = 1\n[apps.bb]\nenvironment = { A = "b" }\n')
                ended = home.run("applaunch", *words)
                assert (ended.returncode, ended.stderr.count("\n")) == (1, 1), (words, ended.stderr)
                assert "; free some disk space: df -h " in ended.stderr, (words, ended.stderr)
            (home.work / "applaunch.toml").unlink()
            assert home.run("bb", "y").stdout == "y\n"
            (state / "fill").unlink()
            assert home.run("applaunch", "doctor", "--fix").returncode == 0
            assert [each["pinned"] for each in told(home, "status")] == [False]
        finally:
            subprocess.run(["umount", state], check=True)
    finally:
        subprocess.run(["umount", small], check=True)
