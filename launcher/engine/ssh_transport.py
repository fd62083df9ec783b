"""An engine behind ssh: the system's own ssh speaks ``docker system dial-stdio``, as docker's command does.

docker-py's own two ways need paramiko, ignore ~/.ssh/config or cannot half-close (engine-notes 1.3).
"""

from __future__ import annotations

import socket
import subprocess
import tempfile
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import urlsplit

from docker import APIClient
from docker.transport.unixconn import UnixHTTPAdapter, UnixHTTPConnection, UnixHTTPConnectionPool


def ssh_client(host: str, version: str, timeout: int) -> APIClient:
    """Return a client whose every connection is one ssh to *host* (``ssh://[user@]name[:port][/socket]``)."""
    made = APIClient("unix:///ssh", version=version, timeout=timeout)
    made.mount("http+docker://", _Adapter("http+unix:///ssh", ssh_command(host), timeout))
    return made


def ssh_command(host: str) -> list[str]:
    """Return the ssh command for *host*; user, port and socket are said only where they are given."""
    parts = urlsplit(host)
    user = ["-l", parts.username] if parts.username else []
    port = ["-p", str(parts.port)] if parts.port else []
    remote = ["--host", f"unix://{parts.path}"] if parts.path.strip("/") else []
    dial = ["docker", *remote, "system", "dial-stdio"]
    return ["ssh", "-T", "-o", "ConnectTimeout=30", *user, *port, "--", parts.hostname or "", *dial]


class _Connection(UnixHTTPConnection):
    command: list[str]
    said: IO[bytes] | None = None
    last_words = ""

    def connect(self) -> None:
        ours, theirs = socket.socketpair()
        self.said = tempfile.TemporaryFile()  # noqa: SIM115  open for as long as the connection
        with theirs:  # a session of its own: Ctrl-C in the terminal is not for ssh
            ssh = subprocess.Popen(
                self.command, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=self.said, start_new_session=True
            )
        ssh.returncode = 0  # nobody waits for it: it ends when its socket does
        ours.settimeout(self.timeout)
        self.sock = ours

    def close(self) -> None:
        super().close()
        if self.said and not self.said.closed:
            self.said.seek(0)
            lines = self.said.read().decode(errors="replace").strip().splitlines()
            self.last_words = f"ssh: {lines[-1].removeprefix('ssh: ')}" if lines else ""
            self.said.close()

    def getresponse(self) -> Any:
        try:
            return super().getresponse()
        except (HTTPException, ConnectionError) as error:
            self.close()
            raise ConnectionError(self.last_words or str(error)) from None


class _Pool(UnixHTTPConnectionPool):
    command: list[str]
    limit: int

    def _new_conn(self) -> Any:
        connection = _Connection(self.base_url, self.socket_path, self.limit)
        connection.command = self.command
        return connection


class _Adapter(UnixHTTPAdapter):
    def __init__(self, url: str, command: list[str], timeout: int) -> None:
        super().__init__(url, timeout)
        self.command = command

    def get_connection(self, url: str | bytes, proxies: Any = None) -> _Pool:
        del proxies
        pool = self.pools.get(url)
        if pool is None:
            pool = _Pool(str(url), self.socket_path, self.timeout, maxsize=self.max_pool_size)
            pool.command, pool.limit = self.command, self.timeout
            self.pools[url] = pool
        return pool
