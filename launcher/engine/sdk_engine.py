"""The engine through docker-py, over every transport it supports, with the workarounds of engine-notes.md.

No type or exception of docker-py leaves this file. Requests are raw, since docker-py has no interactive run.
"""

import contextlib
import socket
from typing import Any

from launcher.core.run.process_states import COLUMNS, ProcessState, read_processes
from launcher.core.values.run_spec import RunSpec
from launcher.engine import docker_requests
from launcher.engine.create_body import container_body
from launcher.engine.create_lock import CreateLock
from launcher.engine.docker_client import translate_errors
from launcher.engine.engine_protocol import ExitCode, Reply, Stream
from launcher.engine.start_failure import start_failure
from launcher.errors import EngineError, ImageMissingError

_DETACH_OFF = b"\xff,\xfe,\xff"  # the default delays every Ctrl-P until the next key
_GONE = (404, 409)  # no such container; not running
_CHUNK = 1 << 18
_PATIENCE = 300.0  # seconds for an answer of the engine; a program may take any time
_SIGNAL = 0.35  # seconds until a silent engine on this machine counts as hanging
_RESIZE = 0.1  # seconds for an answer of little importance
_REMOTE = 5.0  # seconds for both, from an engine on another machine
_NO_INIT = "container-init binary not found"  # podman without catatonit, which Debian only recommends


class SdkEngine:
    """An `Engine` on a docker-py client."""

    def __init__(self, client: Any, host: str, flavour: str, queue: str = "") -> None:
        """Use *client* for an engine of that *flavour*; *host* is its name in messages.

        *queue* is the lock file for creating containers, for an engine that needs one.
        """
        self._queue = queue
        self._client = client
        self._host = host
        self._flavour = flavour

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def create(self, spec: RunSpec) -> str:
        """Return the new container's id; raises `ImageMissingError` if the image must be pulled first."""
        params = {key: value for key, value in (("platform", spec.platform), ("name", spec.name)) if value}
        try:
            with CreateLock(self._queue):
                return str(self._post("/containers/create", container_body(spec, self._flavour), params).json()["Id"])
        except ImageMissingError:
            raise
        except EngineError as error:
            if not (spec.init and _NO_INIT in error.what):
                raise
        return self.create(spec._replace(init=False))

    def attach(self, container: str, spec: RunSpec) -> Stream:
        """Attach to the program's streams before it starts."""
        params = {"stdin": int(spec.stdin), "stdout": 1, "stderr": 1, "stream": 1, "detachKeys": _DETACH_OFF}
        with translate_errors(self._host):
            stream = _Connection(self._client.attach_socket(container, params=params))
        if spec.tty and self._flavour == "podman":  # before the program starts; docker accepts no size before 1.42
            self.resize(container, *spec.size)
        return stream

    def wait(self, container: str) -> ExitCode:
        """Request the exit code; the engine has accepted the request when this returns."""
        with translate_errors(self._host):
            path, params = "/containers/{0}/wait", {"condition": "next-exit"}
            answer = docker_requests.post(self._client, path, container, params=params, stream=True, timeout=None)
            docker_requests.check(self._client, answer)

        def exit_code() -> int:
            with translate_errors(self._host):
                result = answer.json()
            if error := (result.get("Error") or {}).get("Message"):
                raise EngineError(self._host, f"the program was lost: {error}")
            return int(result["StatusCode"])

        return exit_code

    def start(self, container: str) -> None:
        """Start the program; raises `NotFoundError`, or `CannotRunError` for a program that may not run."""
        try:
            self._post(f"/containers/{container}/start")
        except EngineError as error:
            raise start_failure(error) from None

    def send_signal(self, container: str, signal: int) -> Reply | None:
        """Send *signal* to the program and wait briefly for the answer; no error if the container has ended."""
        path = f"/containers/{container}/kill"
        self._request(docker_requests.post, path, {"signal": str(int(signal))}, self._timeout(_SIGNAL))
        return None

    def send_size(self, container: str, rows: int, columns: int) -> None:
        """Set the new size of the program's terminal."""
        with contextlib.suppress(EngineError):
            path = f"/containers/{container}/resize"
            self._request(docker_requests.post, path, {"h": rows, "w": columns}, self._timeout(_RESIZE))

    def probe(self) -> Reply | None:
        """Do not ask: docker-py always waits, and a remote engine would make every Ctrl-C on a terminal slow."""
        return None

    def resize(self, container: str, rows: int, columns: int) -> None:
        """Set the size of the program's terminal; no error if the container has ended."""
        self._request(docker_requests.post, f"/containers/{container}/resize", {"h": rows, "w": columns}, _PATIENCE)

    def processes(self, container: str) -> tuple[ProcessState, ...]:
        """Return what the program's processes do; none if the engine does not tell."""
        path, params = f"/containers/{container}/top", {"ps_args": COLUMNS[self._flavour]}
        with translate_errors(self._host):
            answer = docker_requests.get(self._client, path, params=params, timeout=_REMOTE)
            docker_requests.check(self._client, answer)
            return read_processes(answer.json())

    def wake(self, container: str) -> None:
        """Continue all stopped processes of the program by a shell in the container, if it has one."""
        with contextlib.suppress(EngineError):
            made = self._post(f"/containers/{container}/exec", {"Cmd": ["sh", "-c", "kill -CONT -1"]}).json()
            self._post(f"/exec/{made['Id']}/start", {"Detach": True})

    def remove(self, container: str, patience: float) -> bool:
        """Remove the container, running or not, by id or name; return False if it does not exist."""
        return self._request(docker_requests.delete, f"/containers/{container}", {"force": 1, "v": 1}, patience)

    def _timeout(self, seconds: float) -> float:
        return seconds if self._host.startswith("unix://") else _REMOTE

    def _post(self, path: str, data: Any = None, params: Any = None) -> Any:
        with translate_errors(self._host):
            return docker_requests.post_json(self._client, path, data, params)

    def _request(self, send: Any, path: str, params: dict[str, Any], patience: float) -> bool:
        with translate_errors(self._host):
            answer = send(self._client, path, params=params, timeout=patience)
            if answer.status_code in _GONE:
                return False
            docker_requests.check(self._client, answer)
            return True


class _Connection:
    """The connection of an attach after its upgrade, as a `Stream`."""

    def __init__(self, wrapper: Any) -> None:
        self._wrapper = wrapper  # keeps the HTTP response alive, whose deletion would close the socket
        self._socket: socket.socket = getattr(wrapper, "_sock", wrapper)
        self._socket.setblocking(False)

    def fileno(self) -> int:
        return self._socket.fileno()

    def receive(self) -> bytes | None:
        import ssl  # noqa: PLC0415  docker-py has already loaded it

        try:
            data = self._socket.recv(_CHUNK)
            while data and isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
                data += self._socket.recv(_CHUNK)  # a selector does not see data that TLS has already decoded
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        except (ConnectionError, ssl.SSLError):
            return b""
        return data

    def send(self, data: bytes) -> int:
        import ssl  # noqa: PLC0415  docker-py has already loaded it

        try:
            return self._socket.send(data)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0

    def half_close(self) -> None:
        # Not SSLSocket.shutdown, which drops the TLS object: later reads would return ciphertext (cpython#124618).
        socket.socket.shutdown(self._socket, socket.SHUT_WR)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()
        with contextlib.suppress(OSError):
            self._wrapper.close()
