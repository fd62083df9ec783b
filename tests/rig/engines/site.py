"""Where one of the other engines lives, and how it is kept apart: folders, a lock, an enclosure."""

import fcntl
import os
import re
import shutil
import signal
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tests.rig import daemons
from tests.rig.engine import Engine, EngineError
from tests.rig.handle import Rig

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENCLOSURE = Path(__file__).with_name("enclosure.sh")


class Site(NamedTuple):
    """The places of one engine beside the rig's own."""

    name: str
    rig: Rig

    @property
    def folder(self) -> Path:
        """What lasts: pulled images, another Debian. It may lie where only root can go."""
        return self.rig.place.folder / "engines" / self.name

    @property
    def run(self) -> Path:
        """Its socket and settings; everybody can go there. Podman's own folder in it may have 50 letters at most."""
        return self.rig.place.run / self.name

    @property
    def data(self) -> Path:
        """Where the engine itself, in its enclosure, sees :attr:`folder`."""
        return self.run / "data"

    @property
    def socket(self) -> Path:
        """Where the engine listens."""
        return self.run / "docker.sock"

    @property
    def docker_host(self) -> str:
        """Its address."""
        return f"unix://{self.socket}"

    @property
    def engine(self) -> Engine:
        """The engine, spoken to directly."""
        return Engine(self.docker_host)

    @property
    def bridge(self) -> str:
        """A name for its bridge that no other engine of any rig has (15 bytes at most)."""
        return f"{self.rig.place.name}-{zlib.crc32(self.name.encode()) & 0xFFFF:04x}"

    @property
    def pid_file(self) -> Path:
        """Who it is."""
        return self.run / f"{self.name}.pid"

    def write(self, name: str, text: str) -> Path:
        """Write one of the engine's settings."""
        path = self.run / name
        path.write_text(text)
        return path

    @contextmanager
    def locked(self, log: Callable[[str], None]) -> Iterator[None]:
        """Keep other callers out until the block ends: an engine belongs to one run of the tests."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                log(f"{self.name}: somebody else uses it; waiting for them")
                fcntl.flock(handle, fcntl.LOCK_EX)
            self.stop()  # what a crash left
            self.data.mkdir(parents=True)
            yield
        finally:
            os.close(handle)

    def start(self, program: tuple[str, ...], *steps: str, env: Mapping[str, str] | None = None) -> None:
        """Start *program* in mount and pid namespaces that the *steps* furnish, and wait until it answers.

        Whatever it starts ends with it, wherever that went: the kernel ends a pid namespace with its first process.
        """
        spaces = ("unshare", "--mount", "--propagation", "slave", "--pid", "--fork", "--kill-child", "--mount-proc")
        inside = ("docker-init", "--", "sh", str(ENCLOSURE), "bind", str(self.folder), str(self.data), *steps, "run")
        output = self.rig.place.log(self.name)
        output.write_text("")
        known = {"HOME": "/root", **(env or {}), "PATH": SYSTEM_PATH}
        daemon = daemons.start((*spaces, *inside, *program), pid_file=self.pid_file, log=output, env=known)
        daemons.wait_for(daemon, self.engine.answers, pid_file=self.pid_file, log=output, seconds=60)
        self._emptied()

    def stop(self) -> None:
        """End the engine with everything in it; does nothing where there is none."""
        daemon = daemons.Daemon.recorded(self.pid_file)
        if daemon is not None and daemon.alive:
            with suppress(OSError, EngineError):
                self._emptied()
            for child in _children(daemon.pid):
                os.kill(child, signal.SIGTERM)  # the first process of the namespace, which passes it on
            deadline = time.monotonic() + 15
            while daemon.alive and time.monotonic() < deadline:
                time.sleep(0.02)
        daemons.stop(self.pid_file, seconds=1)
        shutil.rmtree(self.run, ignore_errors=True)

    def _emptied(self) -> None:
        """Remove every container; one that podman has lost half of makes it list none until it is named."""
        for _ in range(100):
            try:
                self.engine.remove_containers()
            except EngineError as error:
                lost = re.search(r'container from store "([0-9a-f]{64})"', str(error))
                if lost is None:
                    raise
                self.engine.remove_container(lost[1])
            else:
                return


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
