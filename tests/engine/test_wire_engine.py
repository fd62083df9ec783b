"""The short cut against answers that no engine should give: torn, chunked, oversized, hostile."""

import json
import socket
import threading
from contextlib import contextmanager, suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from launcher.core.values.run_spec import RunSpec
from launcher.engine import engine_http
from launcher.engine.engine_http import Connection, ProtocolError
from launcher.engine.wire_engine import WireEngine as Engine
from launcher.errors import EngineError, ImageMissingError, UserError


@pytest.fixture(autouse=True)
def _closed(monkeypatch):
    """Close what the tests open, as a launch does."""
    made = []
    before = Engine.__init__

    def keep(self, *args):
        made.append(self)
        before(self, *args)

    monkeypatch.setattr(Engine, "__init__", keep)
    yield
    for each in made:
        each.close()


Wire = Engine
CREATED = json.dumps({"Id": "abc", "Warnings": []})


@contextmanager
def answering(folder, *pieces):
    """A socket at which every request gets the same answer, in *pieces*, and then its end."""
    path = str(folder / "s")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()

    def answer(connection):
        with connection, suppress(OSError):
            connection.recv(1 << 16)
            for piece in pieces:
                connection.sendall(piece)

    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield path
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
        (folder / "s").unlink()


def http_of(status, body, *headers):
    """Return an answer with its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def chunked(status, *chunks):
    """Return an answer in chunks."""
    body = "".join(f"{len(chunk):x}\r\n{chunk}\r\n" for chunk in chunks)
    return f"HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n{body}0\r\n\r\n".encode()


@pytest.mark.parametrize("answer", [http_of("201 Created", CREATED), chunked("201 Created", CREATED[:5], CREATED[5:])])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_an_answer_may_arrive_in_pieces_of_any_size(tmp_path, answer, size):
    pieces = [answer[at : at + size] for at in range(0, len(answer), size)]

    with answering(tmp_path, *pieces) as path:
        assert Wire(path, "1.41", "docker").create(RunSpec("x")) == "abc"


def test_a_missing_image_is_distinguished_from_other_failures(tmp_path):
    with (
        answering(tmp_path, http_of("404 Not Found", '{"message": "No such image: x:latest"}')) as path,
        pytest.raises(ImageMissingError),
    ):
        Wire(path, "1.41", "docker").create(RunSpec("x"))
    with answering(tmp_path, http_of("500 Error", '{"message": "no space left on device"}')) as path:
        with pytest.raises(EngineError) as full:
            Wire(path, "1.41", "docker").create(RunSpec("x"))

        assert full.value.fix == "applaunch gc"


HOSTILE = {
    "nothing": b"",
    "not HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
    "no end of line": b"HTTP/1.1 201 " + b"x" * (1 << 18),
    "no number": b"HTTP/1.1 abc\r\n\r\n",
    "a negative length": b"HTTP/1.1 201 OK\r\nContent-Length: -1\r\n\r\n",
    "a huge length": b"HTTP/1.1 201 OK\r\nContent-Length: 99999999999999\r\n\r\n{",
    "a torn body": b"HTTP/1.1 201 OK\r\nContent-Length: 100\r\n\r\n{",
    "a chunk too long": b"HTTP/1.1 201 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n{",
    "a chunk that lies": b"HTTP/1.1 201 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}xx\r\n0\r\n\r\n",
    "no chunk size": b"HTTP/1.1 201 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
    "not JSON": http_of("201 Created", "<html>"),
    "not an object": http_of("201 Created", "[1]"),
    "JSON too deep": http_of("201 Created", "[" * 200_000),
    "no id": http_of("201 Created", "{}"),
    "an odd status": http_of("302 Found", "{}", "Location: http://elsewhere/"),
}


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_answer_is_always_an_error(tmp_path, answer):
    with answering(tmp_path, answer) as path, pytest.raises((ProtocolError, EngineError)):
        Wire(path, "1.41", "docker").create(RunSpec("x"))


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE.keys())
def test_an_invalid_answer_after_the_start_is_an_engine_error(tmp_path, answer):
    with answering(tmp_path, answer) as path:
        engine = Wire(path, "1.41", "docker")

        with pytest.raises(UserError):
            engine.start("abc")
        with pytest.raises((UserError, ProtocolError)):
            engine.wait("abc")()


DIED = '{"status":"die","Actor":{"ID":"abc","Attributes":{"exitCode":"9"}}}\n'


@pytest.mark.parametrize("cut", [1, 30, len(DIED)])
def test_the_exit_code_is_read_from_the_die_event(tmp_path, cut):
    with answering(tmp_path, chunked("200 OK", DIED[:cut], DIED[cut:] or "{}")) as path:
        assert Wire(path, "1.41", "docker").wait("abc")() == 9


@pytest.mark.parametrize(
    "answer",
    [
        chunked("200 OK"),
        chunked("200 OK", DIED[:-10]),
        chunked("200 OK", "x" * (1 << 18)),
        chunked("200 OK", "[]\n"),
        chunked("200 OK", '{"Actor":{"Attributes":{}}}\n'),
        chunked("200 OK", DIED.replace('"9"', '"nine"')),
        http_of("200 OK", DIED),
        http_of("500 Error", "{}"),
    ],
)
def test_an_invalid_event_gives_no_exit_code(tmp_path, answer):
    with answering(tmp_path, answer) as path, pytest.raises(EngineError):
        Wire(path, "1.41", "docker").wait("abc")()


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_give_an_answer_or_a_protocol_error(tmp_path, noise, prefixed):
    data = (b"HTTP/1.1 200 OK\r\n" if prefixed else b"") + noise
    near, far = socket.socketpair()
    with near, far:
        far.sendall(data)
        far.shutdown(socket.SHUT_WR)
        connection = object.__new__(Connection)
        connection.socket, connection.buffer = near, b""
        try:
            answer = connection.answer()
            assert isinstance(answer.body(), bytes)
        except ProtocolError:
            pass


def test_a_socket_without_listener_is_reported_in_one_line(tmp_path):
    with pytest.raises(EngineError) as gone:
        Wire(str(tmp_path / "nobody"), "1.41", "docker").create(RunSpec("x"))

    assert (
        str(gone.value)
        == f"unix://{tmp_path}/nobody: the engine is not available: no such file or directory; applaunch doctor"
    )


def test_the_size_of_a_body_is_limited(tmp_path, monkeypatch):
    monkeypatch.setattr(engine_http, "_MAX_BODY", 10)

    with answering(tmp_path, http_of("201 Created", '{"Id": "0123456789"}')) as path, pytest.raises(ProtocolError):
        Wire(path, "1.41", "docker").create(RunSpec("x"))
