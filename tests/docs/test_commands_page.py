"""docs/commands.md says of each command what its code says: arguments, options, synonyms, the shape of its JSON."""

import json
from typing import get_args

import pytest

from launcher.cli.command_index import COMMANDS, app
from launcher.cli.commands.rollback import Step
from launcher.cli.group import SYNONYMS
from launcher.cli.upgrade_view import UpgradeCandidate
from launcher.core.deploy.deployment_diff import Difference
from launcher.core.deploy.record import Action, Change, Command, Deployment, Transaction
from launcher.core.images.layer_tree import Branch
from launcher.core.policy.derive_permissions import Permission
from launcher.core.values.run_spec import RunSpec
from launcher.manage.apps.pull import PulledApp
from launcher.manage.apps.remove import RemovedApp
from launcher.manage.images.removed_image import RemovedImage
from launcher.manage.machine.change_settings import SettingValue
from launcher.manage.machine.engine_commands import EngineStatus
from launcher.manage.query.disk_usage import TreeUsage
from launcher.manage.query.search import AppListing
from launcher.manage.query.status import DeploymentStatus as Deployed
from launcher.manage.remotes.publish import Published
from launcher.manage.remotes.remote_config import Seen
from launcher.manage.remotes.sign import Signed
from launcher.manage.remotes.update import Updated
from launcher.manage.run.list_running import RunningProgram
from launcher.manage.run.warm_pool import WarmStatus
from launcher.state.journal import Run
from tests.docs.commands_page import COMMANDS_MD, DOCUMENTED, ROOT_COMMAND, SHAPES, TREE, option, shape, usage
from tests.docs.markdown import rows, section, words


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


def test_the_actions_of_a_change_are_the_codes():
    listed = COMMANDS_MD.partition("`action` is ")[2].partition(";")[0]

    assert words(listed) == [*get_args(Action)]


@pytest.mark.parametrize(
    ("noun", "fields"),
    [
        ("app", AppListing._fields),
        ("deployment", Deployment._fields),
        ("command of a deployment", Command._fields),
        ("permission", Permission._fields),
        ("warm container", WarmStatus._fields),
        ("removed app", RemovedApp._fields),
        ("image", RemovedImage._fields),
        ("step", Step._fields),
        ("offer", UpgradeCandidate._fields),
        ("standing", (*Deployment._fields, *Deployed._fields[1:])),
        ("difference", Difference._fields),
        ("branch", Branch._fields),
        ("unpacked image", TreeUsage._fields),
        ("pulled app", PulledApp._fields),
        ("run", (*Run._fields, "began")),
        ("running", RunningProgram._fields),
        ("transaction", Transaction._fields),
        ("change", Change._fields),
        ("engine", EngineStatus._fields),
        ("setting", SettingValue._fields),
        ("remote", Seen._fields),
        ("update", Updated._fields),
        ("signature", Signed._fields),
        ("publication", Published._fields),
        ("request", RunSpec._fields),
    ],
)
def test_a_shape_has_the_keys_of_the_code(noun, fields):
    assert sorted(SHAPES[noun]) == sorted(fields)


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
