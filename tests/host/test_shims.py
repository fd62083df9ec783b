import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from launcher.errors import HostError
from launcher.host import shims

STRANGER = "#!/bin/sh\necho mine\n"


@pytest.fixture
def on_path(tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def called(path, *args, cwd="/"):
    """Run a shim in a home where nothing is installed."""
    env = {
        "HOME": str(Path(path).parent),
        "PATH": "/usr/bin:/bin",
        "APPLAUNCH_ETC": "/nowhere",
        "PYTHONWARNINGS": "error",
    }
    return subprocess.run([path, *args], env=env, cwd=cwd, capture_output=True, text=True, check=False)


def test_a_shim_is_a_program_that_finds_applaunch_from_anywhere(on_path):
    path = shims.write(str(on_path), "no-such-app")

    done = called(path, "a b", "$(id)")

    assert os.access(path, os.X_OK)
    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr.startswith("applaunch: no-such-app: no such app in any catalog; ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("lines", "ending"),
    [
        ("from launcher.quick import main", "main(sys.argv)"),
        ("from launcher.run.shim import main", "sys.exit(main(sys.argv))"),
    ],
    ids=["version 2", "without the bundle"],
)
def test_an_older_shim_runs_until_doctor_replaces_it(on_path, lines, ending):
    path = Path(shims.write(str(on_path), "no-such-app"))
    head = path.read_text().split("from launcher", 1)[0].replace("applaunch shim 4", "applaunch shim 2")
    path.write_text(f"{head}{lines}\n\n{ending}\n")

    done = called(path)

    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr.startswith("applaunch: no-such-app: no such app in any catalog; ")
    assert shims.is_ours(str(path))
    assert shims.is_stale(str(path))


@pytest.mark.parametrize(
    "folder",
    [
        "with space",
        'it\'s a "quote"',
        "back\\slash x\\n",
        "tab\there",
        "$(touch oops) `id` *",
        "'''",
        "l" * 130,
        "ñ 視",
    ],
)
def test_a_shim_runs_whatever_the_path_of_its_python(on_path, tmp_path, monkeypatch, folder):
    python = tmp_path / folder / "python"
    python.parent.mkdir()
    python.symlink_to(os.path.realpath(sys.executable))
    monkeypatch.setattr(sys, "executable", str(python))

    path = shims.write(str(on_path), "no-such-app")
    done = called(path, cwd=tmp_path)

    assert done.stderr.startswith("applaunch: no-such-app: no such app in any catalog; ")
    assert done.returncode == 127
    assert shims.is_ours(path)
    assert not shims.is_stale(path)
    assert sorted(os.listdir(tmp_path)) == sorted(["bin", folder])


@pytest.mark.parametrize(("length", "first_line"), [(119, "#!/"), (120, "#!/bin/sh"), (300, "#!/bin/sh")])
def test_the_first_line_fits_the_kernels_limit(monkeypatch, length, first_line):
    monkeypatch.setattr(sys, "executable", "/" + "p" * (length - 1))

    line = shims.shim_text().splitlines()[0]

    assert line.startswith(first_line)
    assert len(line.encode()) <= 127
    assert line.endswith(" -IS") or line == "#!/bin/sh"


def test_both_shims_are_valid_shell_and_python(monkeypatch, tmp_path):
    for python in ("/usr/bin/python3", "/with space/it's/python"):
        monkeypatch.setattr(sys, "executable", python)
        text = shims.shim_text()
        compile(text, "shim", "exec")
        assert "@" not in text.replace('"$@"', "")
        if text.startswith("#!/bin/sh"):
            (tmp_path / "shim").write_text(text)
            assert subprocess.run(["sh", "-n", str(tmp_path / "shim")], check=False).returncode in (0, 2)


@pytest.mark.parametrize("make", ["file", "link", "dangling", "folder", "empty", "marked-late", "pipe"])
def test_a_foreign_file_is_never_overwritten_or_deleted(on_path, make):
    path = on_path / "jq"
    ours = Path(shims.write(str(on_path), "other"))
    {
        "file": lambda: path.write_text(STRANGER),
        "link": lambda: path.symlink_to(ours),
        "dangling": lambda: path.symlink_to("nowhere"),
        "folder": path.mkdir,
        "empty": path.touch,
        "marked-late": lambda: path.write_text(STRANGER + "# applaunch shim 1\n"),
        "pipe": lambda: os.mkfifo(path),
    }[make]()
    before = os.lstat(path)

    for refuse in (shims.write, shims.check):
        with pytest.raises(HostError) as refused:
            refuse(str(on_path), "jq")
        assert str(refused.value) == (
            f"{path}: exists and is not an applaunch shim; move it away, or use: --as OTHERNAME"
        )
    assert not shims.remove(str(path))
    after = os.lstat(path)
    assert (after.st_ino, after.st_size, after.st_mtime_ns) == (before.st_ino, before.st_size, before.st_mtime_ns)
    assert [*shims.list_shims(str(on_path))] == [str(ours)]
    assert sorted(os.listdir(on_path)) == ["jq", "other"]


def test_only_shims_are_removed(on_path):
    path = shims.write(str(on_path), "jq")

    assert shims.remove(path)
    assert not os.path.lexists(path)
    assert not shims.remove(path)


def test_check_reports_what_write_would(on_path, tmp_path):
    shims.check(str(on_path), "jq")
    shims.write(str(on_path), "jq")
    shims.check(str(on_path), "jq")
    (tmp_path / "file").touch()

    with pytest.raises(HostError, match="cannot be made: "):
        shims.check(str(tmp_path / "file"), "jq")


@pytest.mark.skipif(os.geteuid() != 0, reason="a mode stops everybody but root; root becomes nobody here")
def test_an_unwritable_folder_is_reported(on_path):
    program = f"import os\nfrom launcher.host import shims\nos.setuid(65534)\nshims.check({str(on_path)!r}, 'jq')"
    for folder in (on_path, *on_path.parents):
        if not folder.stat().st_mode & 0o055:  # pytest's own
            folder.chmod(0o755)

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (
        f"{on_path}: cannot be written: permission denied; set XDG_BIN_HOME to a folder that you can write to"
        in done.stderr
    )


@pytest.mark.parametrize("change", ["text", "mode", "gone"])
def test_a_shim_of_another_python_or_without_its_mode_is_stale(on_path, change):
    path = Path(shims.write(str(on_path), "jq"))
    assert not shims.is_stale(str(path))

    {
        "text": lambda: path.write_text(path.read_text().replace("python", "python2")),
        "mode": lambda: path.chmod(0o644),
        "gone": path.unlink,
    }[change]()

    assert shims.is_stale(str(path)) or (change == "mode" and os.geteuid() == 0 and os.access(path, os.X_OK))
    shims.write(str(on_path), "jq")
    assert not shims.is_stale(str(path))


def test_concurrent_writers_leave_complete_shims(on_path):
    program = f"from launcher.host import shims\nfor name in 'abcde' * 20: shims.write({str(on_path)!r}, name)"

    with ThreadPoolExecutor() as pool:
        ended = [*pool.map(lambda _: subprocess.run([sys.executable, "-c", program], check=False).returncode, range(6))]

    assert ended == [0] * 6
    assert sorted(os.listdir(on_path)) == [*"abcde"]
    assert not [path for path in shims.list_shims(str(on_path)) if shims.is_stale(path)]


def test_programs_are_found_in_path_order(tmp_path):
    for folder, mode in (("a", 0o644), ("b", 0o755), ("c", 0o755)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "jq").touch(mode)
    (tmp_path / "d/jq").mkdir(parents=True)
    path = f"{tmp_path}/a:{tmp_path}/d::relative:{tmp_path}/c/:{tmp_path}/b:{tmp_path}/b"

    assert shims.find_programs("jq", path) == [f"{tmp_path}/c/jq", f"{tmp_path}/b/jq"]


def test_a_missing_folder_holds_no_programs(tmp_path):
    assert [*shims.list_shims(str(tmp_path / "none"))] == []
