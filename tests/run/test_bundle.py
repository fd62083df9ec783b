"""The bundle of a launch's modules: the same as imports one by one, never of yesterday, never needed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import launcher

PLAIN = "import launcher.run.shim, launcher.run.run_launch, launcher.engine.wire_engine"
MODULES = "print(*sorted(name for name in sys.modules if name.startswith('launcher.') and not name.startswith('launcher.run.bundle')))"


@pytest.fixture
def package(tmp_path):
    """A copy of the package, in a folder of its own."""
    source = Path(launcher.__file__).parent
    copy = tmp_path / "site"
    shutil.copytree(source, copy / "launcher", ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def python(folder, *lines):
    """Run *lines* as a shim's interpreter would, with the package of *folder*."""
    text = "\n".join(("import sys", f"sys.path.append({str(folder)!r})", *lines))
    return subprocess.run([sys.executable, "-IS", "-c", text], capture_output=True, text=True, check=False)


def make(folder):
    """Make the bundle of the package in *folder*, and return its path."""
    subprocess.run([sys.executable, "-IS", folder / "launcher/run/bundle/make.py", folder], check=True)
    (path,) = (folder / "launcher/__pycache__").glob("*.bundle")
    return path


def count(folder):
    """Return how many modules the bundle of *folder* is good for."""
    return int(python(folder, "from launcher.run import bundle", "print(len(bundle.read()))").stdout)


def test_a_bundle_holds_what_a_launch_loads(package):
    make(package)

    bundled = python(package, "from launcher.run import bundle", "bundle.load()", MODULES).stdout
    plain = python(package, PLAIN, MODULES).stdout

    assert bundled == plain
    assert len(plain.split()) > 40


def test_the_modules_of_a_warm_launch_wait_until_they_are_asked_for(package):
    make(package)

    lines = (
        "from launcher.run import bundle",
        "bundle.load()",
        "print('launcher.run.warm_launch' in sys.modules)",
    )
    ended = python(
        package, *lines, "import launcher.run.warm_launch", "print(launcher.run.warm_launch.__spec__.loader)"
    )

    assert ended.stdout.splitlines()[0] == "False"
    assert "bundle._Finder" in ended.stdout.splitlines()[1]


def test_a_bundled_module_is_like_an_imported_one(package):
    make(package)
    look = "import launcher.core.run.plan as m, launcher.core.run as p\nprint(m.__file__, m.__package__, m.__name__, p.__path__, p.plan is m, m.__spec__.origin)"

    bundled = python(package, "from launcher.run import bundle", "bundle.load()", look)

    assert bundled.stdout == python(package, look).stdout != ""


def test_a_traceback_out_of_a_bundle_shows_the_source(package):
    make(package)

    lines = ("from launcher.run import bundle", "bundle.load()", "from launcher.core.run.plan import plan")
    ended = python(package, *lines, "plan(None, None, None, None)")

    assert "launcher/core/run/plan.py" in ended.stderr
    assert "traits = host.traits" in ended.stderr


@pytest.mark.parametrize("change", ["longer", "touched", "gone"])
def test_an_edited_source_makes_the_bundle_none(package, change):
    make(package)
    assert count(package) > 0
    source = package / "launcher/core/run/plan.py"

    if change == "longer":
        source.write_text(source.read_text() + "\n")
    elif change == "touched":
        os.utime(source, ns=(1, 1))
    else:
        source.unlink()

    assert count(package) == 0


@pytest.mark.parametrize("data", [b"", b"\xe3", b"i\x01\x00\x00\x00", b"{0", bytes(range(256)) * 9])
def test_what_is_no_bundle_is_passed_over(package, data):
    path = make(package)

    path.write_bytes(data)

    assert count(package) == 0


def test_a_torn_bundle_is_passed_over(package):
    path = make(package)
    whole = path.read_bytes()

    for size in range(0, len(whole), len(whole) // 40 + 1):
        path.write_bytes(whole[:size])
        assert count(package) == 0


def test_a_package_that_was_moved_has_no_bundle(package, tmp_path):
    make(package)
    moved = tmp_path / "elsewhere"

    package.rename(moved)

    assert count(moved) == 0


def test_making_leaves_nothing_beside_it(package):
    path = make(package)

    make(package)

    assert [each.name for each in path.parent.glob("*.bundle*")] == [path.name]


@pytest.mark.engine
def test_the_first_launch_has_the_bundle_made_and_the_next_uses_it(package, home, engine):
    home.app("say", engine.ref("docker.io/library/busybox:latest"), entrypoint='["echo"]', network_mode='"none"')
    shim = home.bin / "say"
    shim.write_text(shim.read_text().replace(repr(str(Path(launcher.__file__).parents[1])), repr(str(package))))
    home.handed_over()

    first = home.run("say", "one")
    found = eventually(lambda: list((package / "launcher/__pycache__").glob("*.bundle")))
    second = home.run("say", "two", env={"PYTHONVERBOSE": "1"})

    assert (first.stdout, second.stdout, second.stderr) == ("one\n", "two\n", "")
    assert len(found) == 1
    assert count(package) > 40


def eventually(find):
    """Return what *find* finds, within some seconds."""
    from tests.leftovers import eventually_none

    eventually_none(lambda: not find())
    return find()
