"""Where everything of the rig lies: what outlasts a reboot, and what must not."""

import fcntl
import hashlib
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, Self

from tests.rig.trouble import RigError

COPIES = "copies"
"""The folder of the copies in that of their rig."""


class Place(NamedTuple):
    """The two folders of one rig; another ``APPLAUNCH_RIG`` is another rig, and both may be up at once."""

    folder: Path  # the cache: built images, downloads, logs
    run: Path  # sockets, pids and what is mounted: short, because a socket's path holds 107 bytes at most

    @classmethod
    def told_by(cls, env: Mapping[str, str], uid: int) -> Self:
        """Read ``APPLAUNCH_RIG``, else take ``applaunch-rig`` in the cache folder of the user."""
        cache = env.get("XDG_CACHE_HOME") or f"{_home(env, uid)}/.cache"
        return cls.of(Path(env.get("APPLAUNCH_RIG") or f"{cache}/applaunch-rig").absolute(), env, uid)

    @classmethod
    def of(cls, folder: Path, env: Mapping[str, str], uid: int) -> Self:
        """Return the place of the rig whose folder this is."""
        short = hashlib.sha256(f"{folder} {env.get('APPLAUNCH_RIG_ENGINE', '')}".strip().encode()).hexdigest()[:6]
        runtime = "/run" if uid == 0 else env.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
        return cls(folder, Path(runtime) / (f"applaunch-rig-{short}" if uid == 0 else f"applaunch-rig-{uid}-{short}"))

    @property
    def main(self) -> Path:
        """The folder of the rig that this one is a copy of (see :mod:`tests.rig.copies`), or its own."""
        return self.folder.parents[1] if self.number else self.folder

    @property
    def number(self) -> int:
        """Which copy this is; 0 for a rig that is none."""
        return int(self.folder.name) if self.folder.parent.name == COPIES and self.folder.name.isdigit() else 0

    def copy(self, number: int) -> Path:
        """Return the folder of a copy."""
        return self.main / COPIES / str(number)

    @property
    def name(self) -> str:
        """A name for this rig's bridge that no other rig has (an interface's name holds 15 bytes at most)."""
        return f"rig-{self.run.name[-6:]}"

    @property
    def record(self) -> Path:
        """What is up, as JSON; it is gone after a reboot, as is what it tells of."""
        return self.run / "rig.json"

    @property
    def registry(self) -> Path:
        """The storage of the registry."""
        return self.folder / "registry"

    def log(self, name: str) -> Path:
        """Return where the daemon *name* writes its log."""
        return self.folder / "log" / f"{name}.log"

    def swept(self) -> None:
        """Remove what must not outlast a ``down``."""
        shutil.rmtree(self.run, ignore_errors=True)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until it is our turn to use an engine that several share."""
        with open(self.folder / "turn", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Make the folders, and keep other callers of this rig out until the block ends."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise RigError(str(self.folder), error.strerror or str(error), "export APPLAUNCH_RIG=FOLDER") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            for each in (self.run, self.registry, self.folder / "log"):
                each.mkdir(parents=True, exist_ok=True)
            yield
        finally:
            os.close(handle)


def _home(env: Mapping[str, str], uid: int) -> str:
    """Return the home that the user database tells: tests and the demo put a scratch folder into ``HOME``."""
    with suppress(KeyError):
        if os.access(home := pwd.getpwuid(uid).pw_dir, os.W_OK):
            return home
    return env.get("HOME") or tempfile.gettempdir()
