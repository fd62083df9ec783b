"""The modules of a launch are loaded from their compiled files, each after those that it imports."""

import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import launcher
from launcher.run import load_modules

LISTS = {
    "REPEAT": "launcher.run.repeat_call",
    "PLAN": "launcher.run.full_launch",
    "PROJECT": "launcher.host.project_folders",
    "JUDGE": "launcher.core.sandbox.same_run, launcher.sandbox.detect_sandbox, launcher.sandbox.tree_store",
    "ENGINE": "launcher.run.run_launch, launcher.engine.wire_engine, launcher.engine.named_endpoint",
    "SANDBOX": "launcher.run.run_in_sandbox",
}
"""Each list, and what importing it means: all that these import and the lists before it do not hold."""
BEFORE = {
    "REPEAT": (),
    "PLAN": ("REPEAT",),
    "PROJECT": ("REPEAT", "PLAN"),
    "JUDGE": ("REPEAT", "PLAN"),
    "ENGINE": ("REPEAT", "PLAN"),
}
BEFORE["SANDBOX"] = ("REPEAT", "PLAN", "JUDGE")

IN_ORDER = """
from importlib.machinery import SourceFileLoader
executed, execute = [], SourceFileLoader.exec_module
def note(self, module):
    execute(self, module)
    executed.append(module.__name__.removeprefix("launcher.") + ".__init__" * hasattr(module, "__path__"))
SourceFileLoader.exec_module = note
"""
"""A program that keeps what is executed by the import system, in the order in which it is complete."""


def isolated(program, package=Path(launcher.__file__).parent):
    """Return what *program* prints in an interpreter like a shim's, with *package* on its path."""
    words = [sys.executable, "-IS", "-c", f"import sys; sys.path.append({str(package.parent)!r})\n{program}"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def imported(name):
    """Return the modules of list *name* as the import system loads them."""
    before = "".join(f"import {LISTS[each]}\n" for each in BEFORE[name])
    return isolated(
        f"import launcher.run.load_modules\n{before}{IN_ORDER}import {LISTS[name]}\n"
        "print(*[each for each in executed if sys.modules.get('launcher.' + each.removesuffix('.__init__'))])"
    ).split()


@pytest.mark.parametrize("name", LISTS)
def test_a_list_holds_what_is_imported_in_that_order(name):
    assert getattr(load_modules, name).split() == imported(name)


@pytest.fixture
def copy(tmp_path):
    """A compiled copy of the package."""
    package = shutil.copytree(Path(launcher.__file__).parent, tmp_path / "launcher")
    subprocess.run([sys.executable, "-m", "compileall", "-q", package], check=True)
    return package


LOAD = "from launcher.run import load_modules as m\n"
ALL = "".join(f"m.load_modules(m.{name})\n" for name in LISTS)


def left_to_import(package):
    """Return the modules that have to be imported after all lists were loaded from *package*."""
    wanted = "".join(f"import {modules}\n" for modules in LISTS.values())
    return isolated(f"{LOAD}{IN_ORDER}{ALL}{wanted}print(*executed)", package).split()


def test_nothing_is_left_to_import(copy):
    assert left_to_import(copy) == []


@pytest.mark.parametrize("spoil", ["missing", "edited", "torn", "other Python", "empty"])
def test_a_compiled_file_that_is_not_good_is_passed_over(copy, spoil):
    source = copy / "core/run/plan.py"
    (compiled,) = (copy / "core/run/__pycache__").glob("plan.*.pyc")
    data = compiled.read_bytes()
    if spoil == "missing":
        compiled.unlink()
    elif spoil == "edited":
        source.write_text(source.read_text() + "\n")
    else:
        compiled.write_bytes({"torn": data[:9], "other Python": b"\0\0" + data[2:], "empty": b""}[spoil])

    assert left_to_import(copy) == ["core.run.plan"]


def test_a_package_without_a_compiled_file_is_imported_with_all_that_it_holds(copy):
    (compiled,) = (copy / "core/run/__pycache__").glob("__init__.*.pyc")
    compiled.unlink()

    assert left_to_import(copy)[0] == "core.run.__init__"


def test_the_edit_counts(copy):
    source = copy / "core/run/plan.py"
    source.write_text(source.read_text() + "\nEDITED = True\n")

    print_it = "import launcher.core.run.plan as p; print(p.EDITED)"

    assert isolated(LOAD + ALL + print_it, copy) == "True\n"


def test_a_module_is_as_importlib_makes_it(copy):
    names = "('__name__', '__file__', '__package__', '__path__', '__doc__')"
    show = f"print([getattr(x, name, None) for x in (a, b) for name in {names}], b.__spec__.origin, a.__spec__.name)"
    one = isolated(f"{LOAD}{ALL}import launcher.core.run as a, launcher.core.run.plan as b\n{show}", copy)
    other = isolated(f"import launcher.core.run as a, launcher.core.run.plan as b\n{show}", copy)

    assert one == other


def test_a_compiled_file_with_a_hash_in_the_place_of_a_time_is_left_to_the_import_system(copy):
    source = copy / "core/run/plan.py"
    py_compile.compile(str(source), invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)

    assert left_to_import(copy) == ["core.run.plan"]
