"""How an engine is spoken to: its HTTP API on a socket, in the few words that the rig needs."""

import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from tests.rig.trouble import RigError

NO_LOGIN = {"X-Registry-Auth": "e30="}  # "{}": a push without the header is refused
NOT_FOUND = 404
CONFLICT = 409


class EngineError(Exception):
    """The engine answered with an error: its HTTP status (0 where it came inside a stream) and its message."""

    def __init__(self, status: int, message: str) -> None:
        """Keep both apart."""
        super().__init__(message)
        self.status = status


class Engine(NamedTuple):
    """An engine at a ``unix://`` or plain ``tcp://`` address."""

    docker_host: str

    def answers(self) -> bool:
        """Whether somebody is at home."""
        try:
            self.ask("GET", "/_ping", seconds=10)
        except (OSError, http.client.HTTPException, EngineError):
            return False
        return True

    def ask(self, method: str, path: str, body: object = None, *, seconds: float = 120, **query: object) -> Any:
        """Send one request and return the JSON of its answer."""
        data = None if body is None else json.dumps(body).encode()
        with closing(_Connection(self.docker_host, seconds)) as connection:
            text = _answer(connection, method, path, data, query, {"Content-Type": "application/json"}).read()
        return json.loads(text) if text.strip().startswith((b"{", b"[")) else text

    def told(
        self, path: str, body: IO[bytes] | None = None, headers: dict[str, str] | None = None, **query: object
    ) -> Iterator[dict[str, Any]]:
        """POST and pass on the events as they come; an error event is raised."""
        with closing(_Connection(self.docker_host, 900)) as connection:
            answer = _answer(connection, "POST", path, body, query, headers or {})
            for line in answer:
                if line.strip():
                    event = json.loads(line)
                    if "error" in event:
                        raise EngineError(0, str(event["error"]).strip())
                    yield event

    def has(self, ref: str) -> bool:
        """Whether the image is in the engine's own store."""
        try:
            self.ask("GET", f"/images/{ref}/json")
        except EngineError as error:
            if error.status != NOT_FOUND:
                raise
            return False
        return True

    def pull(self, ref: str) -> None:
        """Bring the image into the engine's store."""
        name, _, tag = ref.rpartition(":")
        for _ in self.told("/images/create", headers=NO_LOGIN, fromImage=name, tag=tag):
            pass

    def push(self, ref: str) -> None:
        """Send the image to the registry that its name tells."""
        name, _, tag = ref.rpartition(":")
        for _ in self.told(f"/images/{name}/push", headers=NO_LOGIN, tag=tag, tlsVerify="false"):
            pass

    def build(self, context: Path, ref: str, log: Path, **query: object) -> None:
        """Build the tar file *context* with the classic builder, its output going to *log*."""
        headers = {"Content-Type": "application/x-tar", "Content-Length": str(context.stat().st_size)}
        with context.open("rb") as body, log.open("w") as output:
            try:
                for event in self.told("/build", body, headers, t=ref, rm="1", forcerm="1", **query):
                    output.write(str(event.get("stream", "")))
            except EngineError as error:
                raise RigError(ref, str(error).splitlines()[0][:300], f"read {log}") from error

    def remove_image(self, ref: str) -> None:
        """Remove an image's name, and the image with its last one; what is not there or in use stays quietly."""
        self._remove(f"/images/{ref}")

    def remove_container(self, name: str) -> None:
        """Kill and remove one container, if it is there; a named volume stays."""
        self._remove(f"/containers/{name}")

    def remove_containers(self, **filters: list[str]) -> None:
        """Kill and remove the containers that the filters tell, all where there are none."""
        for container in self.ask("GET", "/containers/json", all="1", filters=json.dumps(filters)):
            self.remove_container(container["Id"])

    def _remove(self, path: str) -> None:
        try:
            self.ask("DELETE", path, force="1", v="1")
        except EngineError as error:
            if error.status not in {NOT_FOUND, CONFLICT}:
                raise

    def copy_out(self, ref: str, path: str, target: IO[bytes]) -> None:
        """Write the file *path* of an image into *target*, as a tar."""
        container = self.ask("POST", "/containers/create", {"Image": ref, "Cmd": ["true"]})["Id"]
        try:
            with closing(_Connection(self.docker_host, 120)) as connection:
                answer = _answer(connection, "GET", f"/containers/{container}/archive", None, {"path": path}, {})
                while piece := answer.read(1 << 20):
                    target.write(piece)
        finally:
            self.ask("DELETE", f"/containers/{container}", force="1", v="1")


class _Connection(http.client.HTTPConnection):
    """HTTP to a docker host."""

    def __init__(self, docker_host: str, seconds: float) -> None:
        self._where = urlsplit(docker_host)
        super().__init__(self._where.hostname or "localhost", self._where.port or 2375, timeout=seconds)

    def connect(self) -> None:
        match self._where.scheme:
            case "unix":
                self.sock = socket.socket(socket.AF_UNIX)
                self.sock.settimeout(self.timeout)
                self.sock.connect(self._where.path)
            case "tcp" | "http":
                super().connect()
            case other:
                what, fix = f"the rig cannot speak {other}://", "use unix:// or plain tcp://"
                raise RigError(self._where.geturl(), what, fix, exit_code=2)


def _answer(
    connection: _Connection,
    method: str,
    path: str,
    body: IO[bytes] | bytes | None,
    query: Mapping[str, object],
    headers: Mapping[str, str],
) -> http.client.HTTPResponse:
    asked = f"{quote(path, safe='/:@')}?{urlencode(query)}" if query else quote(path, safe="/:@")
    connection.request(method, asked, body, headers)
    answer = connection.getresponse()
    if answer.status >= http.client.BAD_REQUEST:
        text = answer.read().decode(errors="replace")
        with suppress(ValueError, KeyError):
            text = json.loads(text)["message"]
        raise EngineError(answer.status, text.strip())
    return answer
