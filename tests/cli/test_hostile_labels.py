"""Whatever the labels of an image say, no view of them moves a cursor, hides a text or forges a line."""

import json

import pytest

from launcher.core.imports.labels import devcontainer, whalebrew
from launcher.core.imports.labels.image_labels import _ABOUT, FAMILIES
from tests.cli import hostile
from tests.rig import shelf

pytestmark = pytest.mark.engine

BEFORE, AFTER = "docker.io/applaunch/hostile:before", "docker.io/applaunch/hostile:after"
SOURCE = "docker.io/library/busybox"
OTHERS = ("org.opencontainers.image.title", "org.opencontainers.image.source", "maintainer", hostile.hostile("label"))
PROXY = f"HTTP_PROXY=http://localhost:1/{hostile.HAZARDS['clear']}"
WORD = hostile.hostile("word").replace("\x85", "").replace("\x0b", "").replace("\x0c", "")
"""Hostile text as YAML takes it within JSON's quotes."""


def labels(family):
    """Return hostile labels of one *family*, and all that are about the program."""
    about = {label: hostile.hostile(f"label{at}") for at, label in enumerate((*_ABOUT, *OTHERS))}
    values = {
        "whalebrew": {f"{whalebrew.PREFIX}{field}": json.dumps([WORD]) for field in whalebrew.FIELDS}
        | {f"{whalebrew.PREFIX}name": "hostile"},
        "atomic": {"RUN": f"docker run -h {json.dumps(WORD)} --env A={json.dumps(WORD)} -v {WORD} IMAGE {WORD}"},
        "devcontainer": {devcontainer.LABEL: json.dumps([dict.fromkeys(devcontainer.FIELDS, WORD), {WORD: WORD}])},
    }
    return about | values[family]


@pytest.fixture
def moved(engine, home):
    """An app whose image had no labels and has hostile ones, of every family in turn, when it is asked for again."""
    if not engine.started_by_us:
        pytest.skip("the registry is borrowed: nothing may be published there")
    path, source = shelf.path_of(BEFORE.rpartition(":")[0]), shelf.path_of(SOURCE)
    made = []

    def publish(tag, family=""):
        made.append(
            shelf.vary(engine.registry, path, tag, source, "latest", labels(family) if family else None, TAG=tag)
        )

    publish("before")
    publish("app")
    for family in FAMILIES:
        publish(family, family)
    home.catalog(
        f'[apps.app]\nimage = "{BEFORE.replace("before", "app")}"\nentrypoint = ["sh", "-c", "exit 3"]\n'
        f"environment = {hostile.toml([PROXY])}\n"
    )
    home.run("applaunch", "add", "app", check=True)
    home.run("app")
    publish("app", "whalebrew")
    yield engine
    home.run("applaunch", "remove", "app")
    for tag in ("app", "before", *FAMILIES):
        engine.forget(f"docker.io/applaunch/hostile:{tag}")
    for digest in made:
        engine.forget(f"docker.io/applaunch/hostile@{digest}")
        shelf.forget(engine.registry, path, digest)


@pytest.mark.parametrize("terminal", [False, True], ids=["piped", "terminal"])
def test_the_labels_of_an_image_are_shown_escaped_in_every_view(home, moved, see, terminal):
    imports = [
        ["import", "--image", f"docker.io/applaunch/hostile:{family}", *more]
        for family in FAMILIES
        for more in ([], ["--json"], ["--from", family, "--dry-run"])
    ]
    before = [
        [*words, *more]
        for words in (["upgrade", "--preview"], ["upgrade", "--check"], ["outdated"], ["info", "app"])
        for more in ([], ["--json"])
    ]
    pulled, shown_by_pull = see(*imports[::3], terminal=False) if terminal else ([], "")
    found, shown = see(*imports, *before, terminal=terminal)

    home.run("applaunch", "upgrade", "-y", check=True)
    after = [
        "diff app",
        "info app",
        "status",
        "log app",
        "tags app",
        "du",
        "images",
        "history info",
        "doctor",
        "gc --dry-run",
        "run app",
        "run --dry-run app",
        "export app --shell bash",
        "permissions app",
        "list",
        "runs",
        "bundle export app -o x.bundle",
    ]
    later, shown_later = see(
        *[[*each.split(), *more] for each in after for more in ([], ["--json"])], terminal=terminal
    )
    packed, _ = see(["bundle", "info", "x.bundle"], ["bundle", "info", "x.bundle", "--json"], terminal=terminal)

    assert [*pulled, *found, *later, *packed] == []
    everything = shown + shown_by_pull + shown_later
    unseen = [
        label
        for label, text in labels("whalebrew").items()
        if text.startswith("label") and not any(each in everything for each in hostile.spellings(text))
    ]
    assert not unseen
    assert any(each in everything for each in hostile.spellings(WORD))


def test_messages_of_the_engine_about_hostile_keys_are_escaped(home, moved, see):
    fields = [field for field in hostile.taken() if field.key not in hostile.NOT_WITH_IMAGE]
    tables = hostile.apps(fields, "a", BEFORE)
    home.catalog(hostile.text_of(tables).removeprefix("schema = 1\n"))
    built = {"b": {"build": {"dockerfile_inline": f"FROM scratch\nBOGUS {hostile.hostile('b')}\n"}}}
    (home.path / ".config/applaunch/catalog.d").mkdir(exist_ok=True)
    (home.path / ".config/applaunch/catalog.d/b.toml").write_text(hostile.text_of(built))
    calls = [["run", "--dry-run", name] for name in tables]

    runs = [["run", name] for name in [*tables][:5]]

    found, shown = see(
        *calls, ["run", "--dry-run", "--json", "a0"], *runs, ["add", "b"], ["add", "-y", "b"], terminal=False
    )
    at_terminal, _ = see(*calls, *runs, ["add", "-y", "b"], terminal=True)

    assert [*found, *at_terminal] == []
    assert "docker run --rm" in shown
