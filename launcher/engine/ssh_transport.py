"""Reach an engine over ssh: the system's ssh runs ``docker system dial-stdio``, as the docker command does.

docker-py's own two ways need paramiko, ignore ~/.ssh/config or cannot half-close a connection (engine-notes 1.3).
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
    """Return a client that opens one ssh to *host* (``ssh://[user@]name[:port][/socket]``) per connection."""
    made = APIClient("unix:///ssh", version=version, timeout=timeout)
    made.mount("http+docker://", _Adapter("http+unix:///ssh", ssh_command(host), timeout))
    return made


def ssh_command(host: str) -> list[str]:
    """Return the ssh command for *host*, with user, port and socket only if given."""
    parts = urlsplit(host)
    user = ["-l", parts.username] if parts.username else []
    port = ["-p", str(parts.port)] if parts.port else []
    remote = ["--host", f"unix://{parts.path}"] if parts.path.strip("/") else []
    dial = ["docker", *remote, "system", "dial-stdio"]
    return ["ssh", "-T", "-o", "ConnectTimeout=30", *user, *port, "--", parts.hostname or "", *dial]


class _Connection(UnixHTTPConnection):
    command: list[str]
    stderr: IO[bytes] | None = None
    last_line = ""

    def connect(self) -> None:
        local, remote_end = socket.socketpair()
        self.stderr = tempfile.TemporaryFile()  # noqa: SIM115  open for as long as the connection
        with remote_end:  # in a new session: Ctrl-C in the terminal must not reach ssh
            ssh = subprocess.Popen(
                self.command,
                stdin=remote_end.fileno(),
                stdout=remote_end.fileno(),
                stderr=self.stderr,
                start_new_session=True,
            )
        ssh.returncode = 0  # not waited for: it ends when its socket is closed
        local.settimeout(self.timeout)
        self.sock = local

    def close(self) -> None:
        super().close()
        if self.stderr and not self.stderr.closed:
            self.stderr.seek(0)
            lines = self.stderr.read().decode(errors="replace").strip().splitlines()
            self.last_line = f"ssh: {lines[-1].removeprefix('ssh: ')}" if lines else ""
            self.stderr.close()

    def getresponse(self) -> Any:
        try:
            return super().getresponse()
        except (HTTPException, ConnectionError) as error:
            self.close()
            raise ConnectionError(self.last_line or str(error)) from None


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
