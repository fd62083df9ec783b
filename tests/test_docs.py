"""The pages say what the code does: commands and files as they are, links that lead somewhere, nothing private."""

import json
import re
import time
from pathlib import Path

import pytest
import typer

import launcher
from launcher.cli.command_index import COMMANDS, app
from launcher.cli.commands.rollback import Step
from launcher.cli.group import SYNONYMS
from launcher.cli.upgrade_view import UpgradeCandidate
from launcher.core.catalog.keys import NOT_YET
from launcher.core.deploy.deployment_diff import Difference
from launcher.core.deploy.record import Change, Command, Deployment, Transaction
from launcher.core.images.layer_tree import Branch
from launcher.core.policy.derive_permissions import Permission
from launcher.core.run.warm_policy import Idle
from launcher.core.values.run_spec import RunSpec
from launcher.host.locations import Places, places
from launcher.manage.apps.pull import PulledApp
from launcher.manage.apps.remove import Gone, RemovedApp
from launcher.manage.machine.change_settings import Chosen
from launcher.manage.machine.engine_commands import Standing
from launcher.manage.query.search import Listed
from launcher.manage.query.status import Standing as Deployed
from launcher.manage.remotes.publish import Published
from launcher.manage.remotes.remote_config import Seen
from launcher.manage.remotes.sign import Signed
from launcher.manage.remotes.update import Updated
from launcher.manage.run.warm_pool import Waiting
from launcher.state import warm_store
from launcher.state.journal import Run
from tests.test_rooms import ROOMS

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not any(part.startswith(".") or part in ("build", "dist") for part in path.relative_to(ROOT).parts)
)
COMMANDS_MD = (ROOT / "docs/commands.md").read_text()
FILES_MD = (ROOT / "docs/files.md").read_text()
SCOPE_MD = (ROOT / "docs/scope.md").read_text()
DESIGN_MD = (ROOT / "docs/design.md").read_text()


def section(text, title):
    """Return what stands under a heading of the second level."""
    return re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]


def rows(text):
    """Return the cells of every row of the tables in *text*, headings left out."""
    lines = re.findall(r"^\| .*\|$(?!\n\|---)", text, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in lines]


def words(text):
    """Return what stands between backticks; in a table a bar is escaped there, too."""
    return [word.replace(r"\|", "|") for word in re.findall(r"`([^`]+)`", text)]


def commands(command, path=()):
    """Yield path and command of all that can be typed, the program itself included."""
    below = command.list_commands(None) if hasattr(command, "list_commands") else ()
    if not path or not below:
        yield " ".join(path), command
    for name in below:
        yield from commands(command.get_command(None, name), (*path, name))


def usage(path, command):
    """Return how the page heads a command: its arguments as its help writes them."""
    arguments = [each.metavar for each in command.params if each.param_type_name == "argument"]
    return " ".join(word for word in ("applaunch", path, *arguments) if word)


def option(each):
    """Return how the page writes an option."""
    flag = each.is_flag or not each.metavar
    return [f"{name}" if flag else f"{name} {each.metavar}" for name in (*each.opts, *each.secondary_opts)]


ROOT_COMMAND = typer.main.get_command(app)
TREE = dict(commands(ROOT_COMMAND))
DOCUMENTED = dict(re.findall(r"^### (applaunch.*)\n((?:(?!^#).*\n?)*)", COMMANDS_MD, re.MULTILINE))


def test_each_command_is_documented_with_its_arguments_and_no_other():
    assert sorted(DOCUMENTED) == sorted(usage(path, command) for path, command in TREE.items())


@pytest.mark.parametrize("path", TREE)
def test_each_option_is_documented_and_no_other(path):
    command = TREE[path]
    has = [name for each in command.params if each.param_type_name == "option" for name in option(each)]

    assert [word for row in rows(DOCUMENTED[usage(path, command)]) for word in words(row[0])] == has


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_about_a_command_is_how_its_own_help_begins(name):
    command = ROOT_COMMAND.get_command(None, name)

    assert command.help.startswith(COMMANDS[name].line)
    assert len(COMMANDS[name].line) < 64  # beside its name, on a terminal of 80 columns


def test_the_options_of_every_command_are_documented():
    intro = COMMANDS_MD.partition("\n## ")[0]

    assert [*words(rows(intro)[0][0])] == app.info.context_settings["help_option_names"][::-1]
    without = [
        path for path, command in TREE.items() if path and "--json" not in str([each.opts for each in command.params])
    ]
    assert without == [path for path in TREE if "It has no `--json`." in DOCUMENTED[usage(path, TREE[path])]]


def test_the_synonyms_are_the_codes():
    listed = {
        other: words(row[1])[0]
        for row in rows(section(COMMANDS_MD, "Synonyms"))
        for other in words(row[0])
        if len(words(row[1])) == 1
    }

    assert listed == SYNONYMS


SHAPES = {row[0]: words(row[1].partition(":")[0]) for row in rows(section(COMMANDS_MD, "Shapes")) if words(row[1])}
SHAPES["standing"] += SHAPES["deployment"]  # "a deployment with ..."


@pytest.mark.parametrize(
    ("noun", "fields"),
    [
        ("app", Listed._fields),
        ("deployment", Deployment._fields),
        ("command of a deployment", Command._fields),
        ("permission", Permission._fields),
        ("warm container", Waiting._fields),
        ("removed app", RemovedApp._fields),
        ("image", Gone._fields),
        ("step", Step._fields),
        ("offer", UpgradeCandidate._fields),
        ("standing", (*Deployment._fields, *Deployed._fields[1:])),
        ("difference", Difference._fields),
        ("branch", Branch._fields),
        ("pulled app", PulledApp._fields),
        ("run", (*Run._fields, "began")),
        ("transaction", Transaction._fields),
        ("change", Change._fields),
        ("engine", Standing._fields),
        ("setting", Chosen._fields),
        ("remote", Seen._fields),
        ("update", Updated._fields),
        ("signature", Signed._fields),
        ("publication", Published._fields),
        ("request", RunSpec._fields),
    ],
)
def test_a_shape_has_the_keys_of_the_code(noun, fields):
    assert sorted(SHAPES[noun]) == sorted(fields)


def shape(usage):
    """Return the documented keys of a command's JSON, and whether it is a list of such objects."""
    said = next(row[1] for row in rows(DOCUMENTED[usage]) if words(row[0]) == ["--json"])
    if found := re.match(r"`\{(.*?)\}`", said):
        return found[1].split(", "), False
    if found := re.match(r"`\[(.*?)\]`", said):
        return SHAPES[found[1]], True
    return SHAPES[re.match(r"an? (\w+)", said)[1]], False


@pytest.fixture
def lived_in(home):
    """A home in which something was installed, changed and removed, with no engine."""
    home.app("mine", "docker.io/library/busybox:latest", network_mode='"none"')
    home.run(
        "applaunch", "add", "upper", "--image", "docker.io/library/busybox:latest", "--network", "none", check=True
    )
    home.run("mine", "true")
    idle = Idle("0" * 64, "mine", "unix:///nowhere.sock", "fresh", time.time(), time.time() + 300, 1, (), ())
    warm_store.keep(str(home.path / ".local/state/applaunch/warm"), "a key", idle)
    return home


def test_what_is_printed_as_json_has_the_documented_shape(lived_in):
    (lived_in.work / "c.toml").write_text("schema = 1\n")
    (lived_in.work / "p").mkdir()
    (lived_in.work / "p/catalog.toml").write_text('schema = 1\n[apps]\nx = "docker.io/a/b:1"\n')
    for typed, told in {
        "add jq": "add NAME...",
        "list": "list",
        "search jq": "search [WORD]",
        "info jq": "info NAME",
        "which jq": "which NAME",
        "run --dry-run jq .": "run NAME [ARGS]...",
        "history": "history list [RANGE]",
        "history info": "history info N",
        "doctor": "doctor",
        "ensurepath --dry-run": "ensurepath",
        "completion fish": "completion SHELL",
        "catalog lint c.toml": "catalog lint FILE",
        "catalog publish d --catalog p/catalog.toml --no-sign --no-resolve": "catalog publish DIR|oci://...",
        "remote add team p --no-verify": "remote add NAME URL",
        "remote list": "remote list",
        "remote info team": "remote info NAME",
        "remote update team": "remote update [NAME]...",
        "remote modify team --priority 7": "remote modify NAME",
        "remote delete team": "remote delete NAME",
        "config list": "config list",
        "config set warm 5m": "config set KEY VALUE...",
        "engine stop": "engine stop",
        "warm list": "warm list",
        "remove jq": "remove NAME...",
        "rebase upper :1.36": "rebase NAME REF",
        "status": "status [APP]...",
        "log upper": "log NAME",
        "diff upper": "diff NAME [A] [B]",
        "rollback upper": "rollback NAME",
        "unpin upper": "unpin APP...",
        "pin upper": "pin APP...",
        "keep 1": "keep N",
        "unkeep 1": "unkeep N",
        "history undo last -y": "history undo N",
        "history redo last-1 -y": "history redo N",
        "history rollback 2 -y": "history rollback N",
    }.items():
        command, *rest = typed.split(" ")
        in_group = command in ("catalog", "config", "engine", "remote", "warm") or (command == "history" and rest)
        at = 1 if in_group or rest[:1] == ["info"] else 0
        done = lived_in.run("applaunch", command, *rest[:at], "--json", *rest[at:])
        assert done.stdout, done.stderr
        printed = json.loads(done.stdout)
        keys, is_list = shape(f"applaunch {told}")
        assert isinstance(printed, list) == is_list, typed
        found = {*(printed[0] if is_list else printed)}
        assert found == {*keys} - ({"version"} - found), typed


ANA = "/home/ana"
FILE_ROWS = {words(row[0])[0]: row for row in rows(section(FILES_MD, "Its own files")) if words(row[0])}
VARIABLES = {words(row[0])[0]: words(row[1])[0] for row in rows(section(FILES_MD, "Where they are")) if words(row[0])}


def every(place):
    """Return all paths that a `Places` knows, by name."""
    names = [*Places._fields, *(name for name, each in vars(Places).items() if isinstance(each, property))]
    return {name: getattr(place, name) for name in names}


def test_every_place_is_documented():
    known = {path.replace(ANA, "~") for path in every(places({}, ANA)).values()}

    assert known - {*FILE_ROWS} == set()


def test_every_documented_file_is_in_a_place():
    known = {path.replace(ANA, "~") for path in every(places({}, ANA)).values()}

    below = r"~/\.cache/applaunch/accounts/[^/]+/\w+|.*/warm/\w+/[A-Z]+|~/\.cache/applaunch/remotes/NAME/[A-Z]+\.\w+|.*/catalog\.d/\*\.toml"  # two folders below
    strange = [path for path in FILE_ROWS if path not in known and path.rpartition("/")[0] not in known]

    assert [path for path in strange if not re.fullmatch(below, path)] == []


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_documented_variable_moves_what_the_page_says(variable):
    before, after = every(places({}, ANA)), every(places({variable: "/elsewhere"}, ANA))
    default = VARIABLES[variable].replace("~", ANA)
    moved = {name: path for name, path in after.items() if path != before[name]}

    assert moved
    assert moved == {
        name: "/elsewhere" + path.removeprefix(default) for name, path in before.items() if path.startswith(default)
    }


def test_every_file_that_is_written_is_documented_with_its_mode(lived_in):
    lived_in.run("applaunch", "remove", "upper", check=True)
    lived_in.run("applaunch", "edit", "mine", env={"EDITOR": "sed -i s/schema/schemer/"})
    patterns = {path: re.sub(r"(?<![A-Za-z])[A-Z]{2,}(-[A-Z]+)*|\*", "*", path).replace("~/", "") for path in FILE_ROWS}

    found = []
    for path in sorted(lived_in.path.rglob("*")):
        name = str(path.relative_to(lived_in.path))
        if path.is_dir() or name.startswith("work/"):
            continue
        fits = [
            row
            for row, pattern in patterns.items()
            if Path(name).match(pattern) and name.count("/") == pattern.count("/")
        ]
        assert fits, f"{name} is not on the page"
        mode = FILE_ROWS[fits[0]][1]
        assert mode in ("", f"{path.stat().st_mode & 0o777:04o}"), name
        found.append(name)
    assert [each for each in found if each.endswith((".draft", "state.db", "current/mine", "bin/mine"))], found


def test_the_planned_keys_are_those_that_are_refused():
    listed = [key for row in rows(section(SCOPE_MD, "Planned, not built")) for key in words(row[0])]

    assert sorted(listed) == sorted(NOT_YET)


def design_rows(title, folder):
    """Return the rows of a table of rooms on the design page, by the name of the room in *folder*."""
    named = [
        (re.fullmatch(rf"{folder}/(\w+)(?:\.py|/)", words(row[0])[0]), row) for row in rows(section(DESIGN_MD, title))
    ]
    return {found[1]: row for found, row in named if found}


@pytest.mark.parametrize(
    ("title", "folder"),
    [
        ("Rooms with one-way arrows", "launcher"),
        ("Rooms in core", "launcher/core"),
        ("Rooms in manage", "launcher/manage"),
    ],
)
def test_the_design_page_lists_every_room(title, folder):
    entries = {path.stem for path in (ROOT / folder).iterdir() if path.suffix == ".py" or any(path.glob("*.py"))}
    not_rooms = {"__init__"} if folder != "launcher/manage" else {path.stem for path in (ROOT / folder).glob("*.py")}

    assert {*design_rows(title, folder)} == entries - not_rooms


def test_the_arrows_of_the_design_page_are_those_that_are_checked():
    told = {room: {*row[2].split(", ")} for room, row in design_rows("Rooms with one-way arrows", "launcher").items()}

    assert {*told} - {"quick"} == {*ROOMS}
    for room in ("core", "host", "engine", "registry", "state", "remotes", "run"):
        assert told[room] - {"quick"} == ROOMS[room]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_leads_somewhere(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    wrong = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, heading = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (heading and heading not in headings(there)):
            wrong.append(target)

    assert wrong == []


def headings(page):
    """Return a page's headings as GitHub links to them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_file_of_the_project_that_a_page_names_exists(page):
    named = re.findall(r"`((?:launcher|tests|shims|docs|\.ci)/[\w./-]*[\w/])`", page.read_text())

    assert [path for path in named if not (ROOT / path).exists()] == []


MACHINE = re.compile(
    r"(?<![\w.~}-])/(?:work|root/\.(?:pyenv|cache|local)|home/runner)(?![\w-])"  # where somebody's checkout lies
    r"|\b[\w-]+\.(?:internal|local|lan|corp|intranet)\b(?!-)"
    r"|\b(?:10\.\d+|192\.168)\.\d+\.\d+\b"
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_no_private_host_and_no_folder_of_one_machine(page):
    assert [line for line in page.read_text().splitlines() if MACHINE.search(line)] == []


def test_what_is_private_is_found():
    for line in (
        "cd /work" + "/main",
        "/root" + "/.pyenv/shims",
        "pip -i https://mirror.corp/simple",
        "at 10.1.2.3:80",
    ):
        assert MACHINE.search(line), line
    for line in ("~/.local/bin", "$HOME/work", "127.0.0.1", "/workdir", "172.29.77.0/24"):
        assert not MACHINE.search(line), line


def test_the_changelog_tells_of_this_version():
    titles = re.findall(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert titles[0] in ("Unreleased", launcher.__version__)
