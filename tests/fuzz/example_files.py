"""The files of an example: made as they were before each run, and read after it."""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests import opened

CONTENTS: dict[str, dict[str, str | None]] = {
    "work": {"given": "content\n", "marker": "", "sub": None, "sub/given": "inner\n"},
    "kept": {
        "file": "kept\n",
        "sub": None,
        "none": None,
        "link": "->sub",
        "sub/file": "deep\n",
        "foreign": "root's\n",
        "grouped": "group's\n",
    },
    "shown": {"file": "shown\n", "sub": None, "none": None},
    ".ssh": {"id_rsa": "secret\n"},
}
"""The files of every example; None: a folder."""


class ExampleFiles:
    """The files below the home of the example's user."""

    def __init__(self, home: Path, group: int, apps: Sequence[str]) -> None:
        """Take the user's *home*, a supplementary *group* of theirs, and the names of the *apps*."""
        self._home, self._group, self._apps = home, group, apps

    def reset(self) -> None:
        """Make the folders of the example as they were, the folders themselves staying the same."""
        for name, contents in CONTENTS.items():
            self._fill(name, contents)
        for name in ("left", "given", "made", "absent"):
            (self._home / name).unlink(missing_ok=True)
        (self._home / ".bashrc").write_text("rc\n")
        for app in self._apps:
            shutil.rmtree(self._home / ".local/share/applaunch/homes" / app, ignore_errors=True)
        shutil.rmtree(self._home / ".config/tool", ignore_errors=True)
        for path in (*self._paths(), self._home / ".bashrc"):
            os.chown(path, opened.UID, opened.UID, follow_symlinks=False)
            os.utime(path, (1e9, 1e9), follow_symlinks=False)
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        os.chown(self._home / "kept/foreign", 0, 0)
        os.chown(self._home / "kept/grouped", 0, self._group)
        (self._home / "kept/grouped").chmod(0o640)

    def _fill(self, name: str, contents: Mapping[str, str | None]) -> None:
        folder = self._home / name
        if folder.exists():
            for each in folder.iterdir():
                shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()
        folder.mkdir(exist_ok=True)
        for file, content in contents.items():
            if content is None:
                (folder / file).mkdir()
            elif content.startswith("->"):
                (folder / file).symlink_to(content[2:])
            else:
                (folder / file).write_text(content)
                (folder / file).chmod(0o644)

    def _paths(self) -> list[Path]:
        found = []
        for name in CONTENTS:
            folder = self._home / name
            found += [folder, *folder.rglob("*")]
        return sorted(found)

    def read(self, app: str) -> dict[str, Any]:
        """Return what the files of the example are like now, those that *app* keeps among them, by their names."""
        kept = self._home / ".local/share/applaunch/homes" / app
        found = {str(path.relative_to(self._home)): _file(path) for path in (*self._paths(), self._home / ".bashrc")}
        return (
            found
            | {f"HOME/{path.relative_to(kept)}": _file(path) for path in sorted(kept.rglob("*"))}
            | {name: _file(self._home / name) for name in ("left", "absent", "made") if (self._home / name).exists()}
        )


def _file(path: Path) -> list[Any]:
    status = path.lstat()
    content = os.readlink(path) if path.is_symlink() else path.read_bytes().decode("latin-1") if path.is_file() else ""
    content = content if len(content) < 500 else f"{content[:100]}... {len(content)}"
    return [status.st_uid, status.st_gid, f"{status.st_mode:o}", status.st_nlink, content]
