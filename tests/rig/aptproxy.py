"""How a build reaches Debian: an HTTP proxy on loopback for which this machine's own apt does the fetching.

Dockerfiles and images name only ``debian.rig.invalid``, which exists nowhere. What is behind it here (a mirror, https with a private certificate,
a login, another proxy) is known to apt's configuration alone, and so nothing of it can stay in an image.
"""

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.rig.programs import run
from tests.rig.trouble import RigError

FETCH = "/usr/lib/apt/apt-helper"
NAMES = {"Debian": "http://debian.rig.invalid/debian/", "Debian-Security": "http://debian.rig.invalid/debian-security/"}
FIXED = ("/pool/", "/by-hash/")  # a file below these never changes


class Archive(NamedTuple):
    """Where this machine gets Debian from, and where what it got is kept."""

    mirrors: dict[str, str]  # a prefix of the public address, and what stands for it here
    cache: Path

    def file(self, url: str) -> Path | None:
        """Fetch what *url* stands for; nothing where the mirror has no such file."""
        prefix = next((each for each in self.mirrors if url.startswith(each)), None)
        if prefix is None or ".." in urlsplit(url).path.split("/"):
            return None
        kept = self.cache / urlsplit(url).path.lstrip("/")
        if not (kept.exists() and any(part in url for part in FIXED)):
            kept.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.cache, prefix=".") as folder:
                behind = self.mirrors[prefix] + url.removeprefix(prefix)
                try:
                    run(FETCH, "-o", "APT::Sandbox::User=root", "download-file", behind, f"{folder}/file")
                except RigError:
                    return None
                Path(folder, "file").replace(kept)
        return kept


def archive(cache: Path) -> Archive:
    """Read from apt where this machine gets Debian."""
    mirrors = {}
    for line in run("apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)").splitlines():
        label, _, address = line.partition(" ")
        if label in NAMES:
            mirrors[NAMES[label]] = address.rstrip("/") + "/"
    cache.mkdir(parents=True, exist_ok=True)
    return Archive(mirrors, cache)


def options() -> str:
    """Return the words for apt-get that this machine's clock or mirror makes necessary (none on most machines)."""
    told = run("apt-config", "dump").replace('"', "").replace(";", "").splitlines()
    known = ("Acquire::Check-Valid-Until", "Acquire::Check-Date")
    return " ".join(f"-o {line.replace(' ', '=')}" for line in told if line.split(" ")[0] in known)


@contextmanager
def proxy(source: Archive) -> Iterator[str]:
    """Serve *source* as a proxy on loopback; gives its address."""

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            file = source.file(self.path)
            if file is None:
                self.send_error(404)
                return
            with file.open("rb") as content:
                self.send_response(200)
                self.send_header("Content-Length", str(os.fstat(content.fileno()).st_size))
                self.end_headers()
                with suppress(ConnectionError):  # a build that failed does not wait for the rest
                    shutil.copyfileobj(content, self.wfile)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
