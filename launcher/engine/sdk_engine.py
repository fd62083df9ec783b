"""The engine through docker-py: every transport it knows, with the work-arounds of engine-notes.md.

No type or exception of docker-py leaves this file: requests go out raw, since docker-py has no interactive run.
"""

import contextlib
import socket
from typing import Any

from launcher.core.values.run_spec import RunSpec
from launcher.engine.create_body import container_body
from launcher.engine.create_lock import CreateLock
from launcher.engine.docker_client import translate_errors
from launcher.engine.engine_protocol import ExitCode, Reply, Stream
from launcher.engine.start_failure import start_failure
from launcher.errors import EngineError, ImageMissingError

_DETACH_OFF = b"\xff,\xfe,\xff"  # the default holds every Ctrl-P until the next key
_GONE = (404, 409)  # no such container; not running
_CHUNK = 1 << 18
_PATIENCE = 300.0  # seconds for an answer of the engine; a program may take for ever
_ANSWERS = 0.35  # seconds until an engine on this machine that has answered nothing is taken to hang
_MOMENT = 0.1  # seconds for an answer that does not count for much
_REMOTE = 5.0  # seconds for either, from an engine on another machine
_NO_INIT = "container-init binary not found"  # podman without catatonit, which Debian only recommends


class SdkEngine:
    """An `Engine` on a docker-py client."""

    def __init__(self, client: Any, host: str, flavour: str, queue: str = "") -> None:
        """Speak through *client* to an engine of that *flavour*; *host* names it in messages.

        *queue* is the file where launches wait for their turn to create, for an engine that needs that.
        """
        self._queue = queue
        self._client = client
        self._host = host
        self._flavour = flavour

    def close(self) -> None:
        """Let go of every connection."""
        self._client.close()

    def create(self, spec: RunSpec) -> str:
        """Return the new container's id; raises `ImageMissingError` where the image is to be pulled first."""
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
        """Join the program's streams, before it starts."""
        params = {"stdin": int(spec.stdin), "stdout": 1, "stderr": 1, "stream": 1, "detachKeys": _DETACH_OFF}
        with translate_errors(self._host):
            stream = _Connection(self._client.attach_socket(container, params=params))
        if spec.tty and self._flavour == "podman":  # before the program starts; docker takes no size before 1.42
            self.resize(container, *spec.size)
        return stream

    def wait(self, container: str) -> ExitCode:
        """Ask for the exit code; the engine has noted the question when this returns."""
        with translate_errors(self._host):
            url = self._client._url("/containers/{0}/wait", container)
            answer = self._client._post(url, params={"condition": "next-exit"}, stream=True, timeout=None)
            self._client._raise_for_status(answer)

        def exit_code() -> int:
            with translate_errors(self._host):
                said = answer.json()
            if error := (said.get("Error") or {}).get("Message"):
                raise EngineError(self._host, f"lost the program: {error}")
            return int(said["StatusCode"])

        return exit_code

    def start(self, container: str) -> None:
        """Start the program; raises `NotFoundError`, or `CannotRunError` for a program that may not run."""
        try:
            self._post(f"/containers/{container}/start")
        except EngineError as error:
            raise start_failure(error) from None

    def send_signal(self, container: str, signal: int) -> Reply | None:
        """Send *signal* to the program; a container that has ended is no trouble. Waits for the answer, not long."""
        path = f"/containers/{container}/kill"
        self._told(self._client._post, path, {"signal": str(int(signal))}, self._soon(_ANSWERS))
        return None

    def send_size(self, container: str, rows: int, columns: int) -> None:
        """Tell the program's terminal its new size."""
        with contextlib.suppress(EngineError):
            path = f"/containers/{container}/resize"
            self._told(self._client._post, path, {"h": rows, "w": columns}, self._soon(_MOMENT))

    def probe(self) -> Reply | None:
        """Do not ask: docker-py cannot but wait, and a remote engine would make each Ctrl-C on a terminal slow."""
        return None

    def resize(self, container: str, rows: int, columns: int) -> None:
        """Tell the program's terminal its size; a container that has ended is no trouble."""
        self._told(self._client._post, f"/containers/{container}/resize", {"h": rows, "w": columns}, _PATIENCE)

    def remove(self, container: str, patience: float) -> bool:
        """Remove the container, running or not, by id or name; False where there is none."""
        return self._told(self._client._delete, f"/containers/{container}", {"force": 1, "v": 1}, patience)

    def _soon(self, seconds: float) -> float:
        return seconds if self._host.startswith("unix://") else _REMOTE

    def _post(self, path: str, data: Any = None, params: Any = None) -> Any:
        with translate_errors(self._host):
            answer = self._client._post_json(self._client._url(path), data=data, params=params or {})
            self._client._raise_for_status(answer)
            return answer

    def _told(self, verb: Any, path: str, params: dict[str, Any], patience: float) -> bool:
        with translate_errors(self._host):
            answer = verb(self._client._url(path), params=params, timeout=patience)
            if answer.status_code in _GONE:
                return False
            self._client._raise_for_status(answer)
            return True


class _Connection:
    """The hijacked connection of an attach, as a `Stream`."""

    def __init__(self, wrapper: Any) -> None:
        self._wrapper = wrapper  # kept: it pins the HTTP response, whose end would close the socket
        self._socket: socket.socket = getattr(wrapper, "_sock", wrapper)
        self._socket.setblocking(False)

    def fileno(self) -> int:
        return self._socket.fileno()

    def receive(self) -> bytes | None:
        import ssl  # noqa: PLC0415  docker-py has loaded it

        try:
            data = self._socket.recv(_CHUNK)
            while data and isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
                data += self._socket.recv(_CHUNK)  # what TLS has decoded is invisible to a selector
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        except (ConnectionError, ssl.SSLError):
            return b""
        return data

    def send(self, data: bytes) -> int:
        import ssl  # noqa: PLC0415  docker-py has loaded it

        try:
            return self._socket.send(data)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0

    def half_close(self) -> None:
        # The base class's: SSLSocket.shutdown drops the TLS object, and what then comes is ciphertext (cpython#124618).
        socket.socket.shutdown(self._socket, socket.SHUT_WR)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()
        with contextlib.suppress(OSError):
            self._wrapper.close()
