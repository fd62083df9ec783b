"""Whatever stands in a catalog, no view of it moves a cursor, hides a text or forges a line."""

import json

import pytest
import typer

from launcher.cli.command_index import COMMANDS, app
from launcher.core.catalog.keys import KEYS
from tests import bundles
from tests.cli import hostile
from tests.cli.hostile_views import EACH, EVERY, FIRST, SHOW_NONE, VIEWS


def every_command(group=None, path=""):
    """Yield each command of the door by its words."""
    group = group or typer.main.get_command(app)
    context = typer.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        words = f"{path} {name}".strip()
        yield from every_command(command, words) if hasattr(command, "list_commands") else [words]


def test_every_command_is_covered_or_excluded():
    assert sorted(every_command()) == sorted([*VIEWS, *SHOW_NONE])
    assert {words.split()[0] for words in every_command()} == {*COMMANDS}


def test_every_key_takes_hostile_text_or_refuses_it():
    assert {field.key for field in (*hostile.taken(), *hostile.refused())} == {*KEYS}


@pytest.fixture
def apps(home):
    """A home, a remote, a project and files that are hostile in every field; returns the names of the user's apps."""
    fields = hostile.taken()
    mine, theirs = hostile.apps(fields), hostile.apps([f for f in fields if f.key != "build"], "t")
    home.catalog(hostile.text_of(mine | {"x": {"extends": hostile.hostile("extends")}}).removeprefix("schema = 1\n"))
    for folder in ("served", "project"):
        (home.work / folder).mkdir()
    published = hostile.text_of(theirs, hostile.head() + "serial = 1\n")
    (home.work / "served/catalog.toml").write_text(published)
    (home.work / "hostile.toml").write_text(hostile.text_of(mine | theirs, hostile.head()))
    (home.work / "project/applaunch.toml").write_text(hostile.text_of(hostile.apps(fields, "p"), hostile.head()))
    files = bundles.bundle(hostile.text_of({"b0": theirs["t0"]}).removeprefix("schema = 1\n"))
    (home.work / "hostile.bundle").write_bytes(bundles.tarred(files))
    word = hostile.hostile("import")
    quoted = "'" + word.replace("'", "'\\''") + "'"
    (home.work / "hostile.aliases").write_text(
        f"alias i='docker run -h $\\'\\'x y'\nalias j={quoted}\ndocker run --rm -h {quoted} -e A={quoted} --label {quoted} x {quoted}\n"
    )
    services = {
        "i": {"image": "x", "hostname": word, "command": [word], "labels": {word: word}, "restart": word, word: word}
    }
    (home.work / "hostile.compose.yaml").write_text(json.dumps({"services": services}))
    (home.work / "hostile.yaml").write_text(
        json.dumps({"image": "x", "environment": [word], "keep_container_user": word, word: word})
    )
    home.run("applaunch", "remote", "add", "team", "served", "--no-verify", check=True)
    home.run("applaunch", "add", "-y", "a0", "--allow-critical", "a0", check=True)
    return [*mine]


def calls_of(apps, *, terminal):
    """Return the calls that the walk makes, by their words."""
    found = []
    for command, wanted in VIEWS.items():
        for words in wanted:
            names = apps if EACH in words else apps[:1]
            each = [[named for word in words for named in _named(word, name, apps)] for name in names]
            found += [[*command.split(), *call] for call in each]
            if not terminal:
                found += [[*command.split(), "--json", *call] for call in each if "--json" not in call]
    return [[words, terminal, "n\n" * 9 + "\x04"] for words in found]


def help_of(*, terminal):
    """Return the calls that ask every command, and each group of them, for its help."""
    words = [each.split() for each in every_command()]
    groups = {tuple(each[:at]) for each in words for at in range(len(each))}
    return [[[*each, "--help"], terminal, ""] for each in sorted({*map(tuple, words), *groups})]


def completions():
    """Return the calls that a shell makes where each command's next word is to be completed: bash, then fish and zsh."""
    asked = []
    for command in every_command():
        words = ["applaunch", *command.split(), ""]
        bash = {
            "COMP_WORDS": "\n".join(words),
            "COMP_CWORD": str(len(words) - 1),
            "_APPLAUNCH_COMPLETE": "complete_bash",
        }
        fish = {
            "_TYPER_COMPLETE_ARGS": " ".join(words),
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
            "_APPLAUNCH_COMPLETE": "complete_fish",
        }
        asked += [[[], False, "", each] for each in (bash, fish)]
    return asked


def _named(word, name, apps):
    return apps if word == EVERY else [name if word in (EACH, FIRST) else word]


@pytest.mark.parametrize("terminal", [False, True], ids=["piped", "terminal"])
def test_every_field_is_shown_escaped_in_every_view(home, apps, views, terminal):
    calls = calls_of(apps, terminal=terminal) + help_of(terminal=terminal)
    said = views(calls)

    troubles = [
        (call[0], each)
        for call, (_, *both) in zip(calls, said, strict=True)
        for text in both
        for each in hostile.wrong(text, terminal=terminal)
    ]
    assert not troubles, f"{len(troubles)}: {troubles[:5]}"
    crashed = [
        (call[0], code, err or out)
        for call, (code, out, err) in zip(calls, said, strict=True)
        if "Traceback" in out + err or code < 0
    ]
    assert not crashed, crashed[:3]
    shown = "\n".join(text for _, *both in said for text in both).encode("latin-1").decode()
    unseen = [
        field[:2] for field in hostile.taken() if not any(each in shown for each in hostile.spellings(field.text))
    ]
    assert not unseen


def test_completions_are_names_and_nothing_hostile(home, apps, views):
    calls = completions()
    said = views(calls)

    assert [(call[3], each) for call, (_, out, _) in zip(calls, said, strict=True) for each in hostile.wrong(out)] == []
    assert [(call[3], code, err) for call, (code, _, err) in zip(calls, said, strict=True) if code or err] == []
    offered = [{line.partition("\t")[0] for line in out.splitlines()} for _, out, _ in said]
    assert sum("a0" in each for each in offered) > 10
    assert any("t0" in each or "team/t0" in each for each in offered)


def test_json_is_valid_and_has_the_exact_text(home, apps, views):
    ((_, out, _),) = views([[["info", "a0", "--json"], False, ""]])

    assert json.loads(out)["description"] == hostile.hostile("description")


@pytest.mark.parametrize("terminal", [False, True], ids=["piped", "terminal"])
def test_an_error_escapes_hostile_text(home, views, terminal):
    texts = hostile.broken()
    for number, text in enumerate(texts.values()):
        (home.work / f"{number}.toml").write_text(text)
    calls = [[["catalog", "lint", f"{number}.toml"], terminal, ""] for number in range(len(texts))]

    said = views(calls)

    found = {
        where: hostile.wrong(out + err, terminal=terminal) for where, (_, out, err) in zip(texts, said, strict=True)
    }
    assert {where: wrong for where, wrong in found.items() if wrong} == {}
    silent = [
        where
        for where, (_, out, err) in zip(texts, said, strict=True)
        if "applaunch: " not in err and "advice" not in out + err and "applaunch" not in out
    ]
    assert not silent


def test_an_error_of_a_shim_escapes_hostile_text(home, apps):
    def launched(name="a0", **how):
        return home.run(name, text=False, **how).stderr.decode("latin-1")

    no_engine = launched()
    home.catalog("[apps.a0]\n" + f"hostname = {hostile.toml([hostile.hostile('hostname')])}\n")
    refused = launched()
    (home.work / "project" / "applaunch.toml").write_text(hostile.text_of({"a0": {hostile.hostile("x"): 1}}))
    untrusted = launched(cwd=home.work / "project")

    assert [hostile.wrong(each) for each in (no_engine, refused, untrusted)] == [[], [], []]
    assert "\\x1b[2J" in refused


def test_the_search_for_hostile_text_finds_it():
    texts = [
        "\x1b[2J",
        "\x9b2K".encode().decode("latin-1"),
        "a\rFORGED",
        "ok\nFORGED: x",
        "\u202e".encode().decode("latin-1"),
    ]

    assert all(map(hostile.wrong, texts))
    assert not hostile.wrong("all is well\n [red]FORGED\n")
    assert hostile.wrong("\x1b[1mbold\x1b[0m\r\n")
    assert not hostile.wrong("\x1b[1mbold\x1b[0m\r\n", terminal=True)
