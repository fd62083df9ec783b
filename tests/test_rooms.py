"""What import-linter's contracts (pyproject.toml) cannot say: what core may touch, and what a launch loads."""

import ast
import subprocess
import sys
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import launcher

PACKAGE = Path(launcher.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
PEOPLE = {"typer", "rich"}


def contracted():
    """Return what each room of ours may import, by import-linter's contracts."""
    contracts = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each.get("containers") == ["launcher"])
    result = {}
    below = set()
    for layer in reversed(layers):
        there = {
            room
            for each in layer.split("|")
            if (PACKAGE / (room := each.strip("() "))).exists() or room in ("errors", "fast_stdlib")
        }
        result |= {room: {*below} for room in there}
        below |= there
    for each in contracts:
        if each["type"] == "forbidden":
            for source in each["source_modules"]:
                result[source.removeprefix("launcher.")] -= {
                    room.removeprefix("launcher.") for room in each["forbidden_modules"]
                }
    return result


ROOMS = contracted()
ONLY_IN = {
    **{people: {"cli"} for people in PEOPLE},
    "sqlite3": {"state", "engine"},
    "docker": {"engine"},
    **{http: {"engine", "net", "registry", "remotes"} for http in ("requests", "urllib3")},
    "certifi": {"net"},
    "zstandard": {"registry"},
    "yaml": {"manage"},
    "cryptography": {"remotes"},
}
OURS = {
    *("typer", "rich", "docker", "requests", "urllib3", "certifi"),
    *("zstandard", "platformdirs", "tomli", "tomlkit", "yaml", "cryptography"),
}
"""What is not the standard library's."""


@cache
def tree(file):
    """Return the syntax of a file, read once."""
    return ast.parse(file.read_text())


def dotted(file):
    """Return a file as the module it is, without `launcher`: `core.plan`."""
    return ".".join(file.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip(".")


def room_of(module):
    """Return the room of a module below `launcher`."""
    return module.split(".", maxsplit=1)[0]


def imported(file):
    """Yield every module that *file* imports, at its top or anywhere inside, with the line."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: a relative import hides its room"
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "__import__":
            pytest.fail(f"{file}:{node.lineno}: __import__ hides its room")


every_file = pytest.mark.parametrize("file", FILES, ids=dotted)


@every_file
def test_a_library_stays_in_its_room(file):
    room = room_of(dotted(file))
    heads = {(name.split(".")[0], line) for name, line in imported(file)}

    assert not [f"{file}:{line}: {name}" for name, line in heads if room not in ONLY_IN.get(name, {room})]


@pytest.mark.parametrize("file", [file for file in FILES if room_of(dotted(file)) in ("core", "errors")], ids=dotted)
def test_core_does_not_need_the_world(file):
    world = {
        "os",
        "time",
        "random",
        "secrets",
        "pathlib",
        "subprocess",
        "socket",
        "shutil",
        "tempfile",
        "platform",
        "locale",
    }
    heads = {name.split(".")[0] for name, _ in imported(file)}
    mine = {"toml_edit.py": "tomlkit", "toml.py": "tomli"}.get(file.name)
    foreign = OURS - {mine}

    assert not heads & (world | foreign)
    assert heads <= {*sys.stdlib_module_names, "launcher", mine}


@pytest.mark.parametrize("file", [file for file in FILES if room_of(dotted(file)) in ("core", "errors")], ids=dotted)
def test_core_neither_reads_files_nor_asks_the_clock(file):
    calls = {ast.unparse(node.func) for node in ast.walk(tree(file)) if isinstance(node, ast.Call)}

    assert not calls & {"open", "input", "print", "exec", "eval", "datetime.now", "datetime.utcnow", "date.today"}


@every_file
def test_no_shell_stands_between_two_programs(file):
    wrong = []
    for node in ast.walk(tree(file)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name == "exec" and dotted(file) == "run.load_modules":
            continue  # the code of our own modules, as importlib runs it
        if name in ("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "eval", "exec"):
            wrong.append(f"{file}:{node.lineno}: {name}")
        if any(keyword.arg == "shell" for keyword in node.keywords):
            wrong.append(f"{file}:{node.lineno}: {name}(shell=...)")
        if (
            name.endswith((".run", "Popen", "check_output", "check_call"))
            and node.args
            and isinstance(node.args[0], ast.List)
        ):
            words = [word.value for word in node.args[0].elts[:2] if isinstance(word, ast.Constant)]
            if words[:1] and words[0] in ("sh", "bash", "/bin/sh") and words[1:] == ["-c"]:
                wrong.append(f"{file}:{node.lineno}: {words}")

    assert not wrong


@every_file
def test_a_file_is_short_and_says_what_it_is(file):
    text = file.read_text()

    assert ast.get_docstring(tree(file)), "a module opens with a sentence"
    assert len(text.splitlines()) <= 250
    assert not {*file.relative_to(PACKAGE).with_suffix("").parts} & {
        "utils",
        "util",
        "helpers",
        "helper",
        "common",
        "misc",
    }


def test_the_top_of_the_package_holds_rooms_and_little_else():
    assert {file.stem for file in PACKAGE.glob("*.py")} == {"__init__", "errors", "fast_stdlib"}


SAME_THING = {
    "__init__",
    "diff",
    "expose",
    "override",
    "history",
    "remote",
    "rollback",
    "upgrade",
}
"""Names of a command's module in cli/commands/ and of the module in manage/ or core/ that does its work."""


def test_no_two_files_share_a_name():
    names = Counter(file.stem for file in FILES if file.parent.name != "older_shims")

    assert {name for name, count in names.items() if count > 1} == SAME_THING


def test_no_two_modules_open_with_the_same_sentence():
    first = [ast.get_docstring(tree(file)).split("\n")[0] for file in FILES]

    assert sorted(first) == sorted(set(first))


HEAVY = [
    "typer",
    "rich",
    "click",
    "sqlite3",
    "docker",
    "requests",
    "urllib3",
    "pathlib",
    "dataclasses",
    "subprocess",
    "tomllib",
    "tomli",
    "tomlkit",
    "yaml",
    "platformdirs",
    "difflib",
    "inspect",
    "http",
    "email",
    "urllib",
    "logging",
    "importlib.metadata",
    "asyncio",
    "ssl",
    "socket",
    "threading",
    "tempfile",
    "shutil",
    "datetime",
    "ipaddress",
    "shlex",
    "launcher.cli",
    "launcher.manage",
    "launcher.core.catalog.catalog_file",
    "launcher.run.compile_launch_file",
]


def loaded(statement, *options):
    """Return the modules that *statement* leaves loaded in a fresh, isolated process."""
    program = f"{statement}\nimport sys\nprint(*sys.modules, sep=chr(10))"
    done = subprocess.run([sys.executable, "-I", *options, "-c", program], capture_output=True, text=True, check=True)
    return {*done.stdout.split()}


LIGHT = {
    *("os", "os.path", "posix", "posixpath", "genericpath", "stat", "_stat", "_collections_abc", "abc", "_abc", "io"),
    *("__future__", "_collections", "_signal", "_socket", "_json", "errno", "pwd", "select", "time"),
    *("fcntl", "binascii", "gc", "marshal"),
}
"""All that a launch may load of the standard library: what the interpreter brings, and modules written in C."""


LAUNCH = "launcher.run.shim, launcher.run.repeat_call, launcher.run.full_launch, launcher.run.run_launch, launcher.run.run_in_sandbox"
"""What a launch loads, by an engine or in a sandbox."""


def test_a_launch_loads_nothing_but_this():
    before = loaded("pass", "-S")
    shim = f"import sys; sys.path.append({str(PACKAGE.parent)!r})"
    after = loaded(
        f"{shim}; import {LAUNCH}, launcher.engine.wire_engine, launcher.run.warm_launch, pwd",
        "-S",
    )

    assert {name for name in after - before if not name.startswith("launcher")} <= LIGHT


def test_a_launch_inside_a_project_loads_nothing_more_than_a_checksum():
    shim = f"import sys; sys.path.append({str(PACKAGE.parent)!r}); import {LAUNCH}"
    before, after = (loaded(f"{shim}{more}", "-S") for more in ("", ", launcher.run.project_cache"))

    assert after - before <= {"launcher.run.project_cache", "launcher.host.ownership", "_sha2", "_sha256"}


def test_the_launch_path_loads_nothing_heavy():
    before = loaded("pass")

    assert not {*HEAVY} & (loaded(f"import {LAUNCH}") - before)


def test_importing_a_package_loads_no_heavy_module_either():
    before = loaded("pass")

    for package in (
        "launcher",
        "launcher.cli",
        "launcher.core",
        "launcher.engine",
        "launcher.host",
        "launcher.net",
        "launcher.registry",
        "launcher.state",
        "launcher.remotes",
    ):
        assert not ({*HEAVY} - {"launcher.cli"}) & (loaded(f"import {package}") - before), package


@pytest.mark.parametrize("module", ["launcher.run.run_launch", "launcher.run.engine_connection"])
def test_reaching_the_engine_loads_docker_py_only_when_it_is_asked(module):
    people = {
        "typer",
        "rich",
        "click",
        "sqlite3",
        "tomllib",
        "tomli",
        "tomlkit",
        "platformdirs",
        "difflib",
        "launcher.cli",
        "docker",
    }

    assert not people & (loaded(f"import {module}") - loaded("pass"))
