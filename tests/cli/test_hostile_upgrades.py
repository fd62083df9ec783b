"""A shared catalog that turns hostile, and a project that is: what is compared, held and locked is shown escaped."""

import pytest

from tests.cli import hostile

pytestmark = pytest.mark.engine

IMAGE = "docker.io/library/busybox:latest"


def serials():
    """Return two tables of the same apps, each with hostile text in every field, and other text than in the other."""
    fields = [field for field in hostile.taken() if field.key not in hostile.NOT_WITH_IMAGE]
    tables = hostile.apps(fields, "t", IMAGE)
    return tables, dict(zip(tables, reversed(tables.values()), strict=True))


@pytest.fixture
def upgraded(engine, home):
    """A home with every app of a remote that is hostile, as its catalog had them; then it came with others."""
    before, after = serials()
    (home.work / "served").mkdir()

    def publish(serial, tables):
        text = hostile.text_of(tables, hostile.head() + f"serial = {serial}\n")
        (home.work / "served/catalog.toml").write_text(text)

    publish(1, before)
    home.run("applaunch", "remote", "add", "team", "served", "--no-verify", check=True)
    added = [
        name
        for name in before
        if home.run("applaunch", "add", f"team/{name}", "-y", "--allow-critical", name).returncode == 0
    ]
    publish(2, after)
    home.run("applaunch", "remote", "update", check=True)
    yield added
    home.run("applaunch", "remove", *added, check=True)


def test_what_an_upgrade_would_change_is_shown_escaped(upgraded, see):
    views = ["upgrade --preview", "upgrade --check", "upgrade --dry-run", "outdated", "status", "upgrade -y", "upgrade"]
    first, rest = upgraded[0], ["status", "permissions", f"diff {upgraded[0]}", f"log {upgraded[0]}", "history info"]
    one = [f"upgrade {first} -y --allow-critical {first}", *rest, f"rollback {first}", "list", "doctor"]

    piped, shown = see(
        *[[*each.split(), *more] for each in (*views, *one) for more in ([], ["--json"])], terminal=False
    )
    at_terminal, _ = see(*map(str.split, (*views, *one)), terminal=True)

    assert [*piped, *at_terminal] == []
    assert len(upgraded) > 5
    keys = {field.key for field in hostile.taken() if any(each in shown for each in hostile.spellings(field.text))}
    assert keys >= {"volumes", "environment", "hostname", "command", "entrypoint"}
    assert "held" in shown


@pytest.mark.parametrize("terminal", [False, True], ids=["piped", "terminal"])
def test_what_a_lock_holds_is_shown_escaped(engine, home, see, terminal):
    folder = home.work / "project"
    folder.mkdir()
    (folder / "applaunch.toml").write_text(hostile.text_of(serials()[0], hostile.head()))
    written, lock = folder / "applaunch.lock", ["lock", "project"]

    found, shown = see(["trust", "project", "-y"], lock, [*lock, "--check"], ["sync", "project"], terminal=terminal)
    made = written.read_text()
    (folder / "applaunch.toml").write_text(hostile.text_of(serials()[1], hostile.head()))
    again, _ = see([*lock, "--check"], lock, [*lock, "--update", "--json"], terminal=terminal)
    spoiled = []
    for good in (IMAGE, "sha256:"):
        text = made.replace(good, hostile.toml(hostile.hostile("lock"))[1:-1])
        written.write_text(text)
        wrong, told = see(lock, [*lock, "--json"], ["sync", "project"], ["trust", "project"], terminal=terminal)
        spoiled += [*wrong, *([] if "applaunch.lock" in told else ["nothing was told"])]

    assert [*found, *again, *spoiled] == []
    assert "written: " in shown
    assert made.count(f'ref = "{IMAGE}"') == len(serials()[0])
