"""A minimal HTTP/1.1 client for an engine's unix socket, which rejects anything it does not expect."""

from __future__ import annotations

from launcher.fast_stdlib import NamedTuple, dumps, loads, socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OK, CREATED, BAD_REQUEST, NOT_FOUND = 200, 201, 400, 404
_MAX_HEAD = 64 * 1024
_MAX_BODY = 8 * 1024 * 1024
_CHUNK = 1 << 16


class ProtocolError(Exception):
    """The answer is not one that this client understands."""


class Answer(NamedTuple):
    """An answer whose header has been read: status, headers by lower-case name, and the connection with its body."""

    status: int
    headers: dict[str, str]
    connection: Connection

    def body(self) -> bytes:
        """Read the whole body; raises `ProtocolError` if it is truncated, endless or too large."""
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            return self.connection.chunks()
        if "content-length" in self.headers:
            return self.connection.take(_number(self.headers["content-length"], 10))
        return b""

    def event(self) -> Any:
        """Wait for the next line of a streamed body and parse it as JSON; raises `ProtocolError` otherwise."""
        line = b""
        while b"\n" not in line:
            if not (part := self.connection.chunk()) or len(line) > _MAX_HEAD:
                raise ProtocolError("the event stream has ended")
            line += part
        try:
            return loads(line.partition(b"\n")[0])
        except ValueError:
            raise ProtocolError("the event is not JSON") from None

    def json(self) -> Any:
        """Read and parse the body as JSON; raises `ProtocolError`."""
        try:
            return loads(self.body())
        except ValueError:
            raise ProtocolError("the answer is not JSON") from None

    def object(self) -> dict[str, Any]:
        """Read and parse the body as a JSON object; raises `ProtocolError`."""
        value = self.json()
        if not isinstance(value, dict):
            raise ProtocolError("the answer is not an object")
        return value

    def found(self) -> dict[str, Any] | None:
        """Return the requested object, or None if the engine does not have it; raises `ProtocolError`."""
        value = self.object()
        return value if self.status == OK else None

    def message(self) -> str:
        """Return the engine's error message; raises `ProtocolError`."""
        return str(self.object().get("message", f"HTTP {self.status}"))


class Connection:
    """One connection to a local socket, with a buffer for data that was received but not read."""

    def __init__(self, path: str, timeout: float | None) -> None:
        """Connect to *path*; raises OSError."""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.buffer = b""
        try:
            self.socket.connect(path)
        except OSError:
            self.socket.close()
            raise

    def ask(self, method: str, path: str, value: Any = None, headers: str = "") -> Answer:
        """Send a request and read the header of the answer; raises OSError and `ProtocolError`."""
        self.send(method, path, value, headers)
        return self.answer()

    def send(self, method: str, path: str, value: Any = None, headers: str = "") -> None:
        """Send a request; raises OSError."""
        body = b"" if value is None else dumps(value)
        head = f"{method} {path} HTTP/1.1\r\nHost: engine\r\n{headers}"
        if body:
            head += "Content-Type: application/json\r\n"
        self.socket.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def take(self, size: int) -> bytes:
        """Read exactly *size* bytes."""
        if size > _MAX_BODY:
            raise ProtocolError("the answer is too large")
        while len(self.buffer) < size:
            self._receive()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def chunks(self) -> bytes:
        """Read a chunked body (RFC 9112, 7.1) to its end."""
        data = b""
        while part := self.chunk():
            data += part
            if len(data) > _MAX_BODY:
                raise ProtocolError("the answer is too large")
        while self._line():  # trailers
            pass
        return data

    def chunk(self) -> bytes:
        """Read one chunk; it is empty at the end of the body."""
        size = _number(self._line().partition(b";")[0].decode("latin-1"), 16)
        data = self.take(size)
        if size and self._line():
            raise ProtocolError("a chunk of the answer has a wrong length")
        return data

    def drain(self) -> bool:
        """Discard received answers and return whether the connection is still open; the socket must not block."""
        try:
            return bool(self.socket.recv(_CHUNK))
        except BlockingIOError:
            return True

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()

    def answer(self) -> Answer:
        """Read the header of an answer; raises OSError and `ProtocolError`."""
        version, _, status = self._line().decode("latin-1").partition(" ")
        if not version.startswith("HTTP/1."):
            raise ProtocolError("the answer is not HTTP")
        code = _number(status[:3], 10)
        headers = {}
        while line := self._line():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        return Answer(code, headers, self)

    def _line(self) -> bytes:
        while b"\r\n" not in self.buffer:
            if len(self.buffer) > _MAX_HEAD:
                raise ProtocolError("a header line of the answer is too long")
            self._receive()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def _receive(self) -> None:
        data = self.socket.recv(_CHUNK)
        if not data:
            raise ProtocolError("the answer is truncated")
        self.buffer += data


def query(params: dict[str, Any]) -> str:
    """Return *params* as a query string (RFC 3986); importing urllib.parse would cost 5 ms."""
    return "&".join(f"{name}={_quoted(str(value))}" for name, value in params.items())


def _quoted(text: str) -> str:
    data = text.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in data)


_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


def _number(text: str, base: int) -> int:
    try:
        number = int(text, base) if text.strip().isalnum() else -1
    except ValueError:
        number = -1
    if number < 0:
        raise ProtocolError(f"{text[:40]!r} in the answer is not a number")
    return number
