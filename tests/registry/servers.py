"""Real servers on the loopback that misbehave as tests need."""

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import ThreadingUnixStreamServer
from typing import Any, NamedTuple

from launcher.registry.digests import digest_of
from launcher.registry.manifests import OCI_INDEX, OCI_MANIFEST

CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"


class Seen(NamedTuple):
    """One request that arrived."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def authorization(self):
        return self.headers.get("authorization", "")


class Raw(NamedTuple):
    """An answer as bytes, and pauses in seconds between them; the connection ends with it."""

    pieces: Iterable[bytes | float]


class Server:
    """An HTTP server that answers as *answer* says: from `MountKeys` to (status, headers, body), or `Raw`.

    It listens on the loopback, or on a socket at *path*.
    """

    def __init__(self, answer, context=None, path=""):
        self.answer = answer
        self.seen = []
        self.over = threading.Event()
        # Nagle's algorithm would wait 40 ms between headers and body; a unix socket has none.
        handler = type("Bound", (_Handler,), {"of": self, "disable_nagle_algorithm": not path})
        self._server = (
            ThreadingUnixStreamServer(path, handler) if path else ThreadingHTTPServer(("127.0.0.1", 0), handler)
        )
        self._server.daemon_threads = True
        if context:
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._server.handle_error = lambda *_: None  # a client that hangs up is what is tested
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def port(self):
        return self._server.server_port

    @property
    def name(self):
        return f"127.0.0.1:{self.port}"

    def paths(self, method=""):
        return [each.path for each in self.seen if method in ("", each.method)]

    def close(self):
        self.over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    of: Any = None

    def _serve(self):
        length = int(self.headers.get("Content-Length") or 0)
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, path, query, headers, self.rfile.read(length))
        self.of.seen.append(seen)
        said = self.of.answer(seen)
        if isinstance(said, Raw):
            self._pour(said)
            return
        status, headers, body = said
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = _serve  # noqa: N815  http.server's names

    def _pour(self, raw):
        self.close_connection = True
        with contextlib.suppress(OSError):
            for piece in raw.pieces:
                if isinstance(piece, bytes):
                    self.wfile.write(piece)
                elif self.of.over.wait(piece):
                    return

    def log_message(self, *_):
        pass


class Proxy:
    """An HTTPS proxy that leads to *port* of the loopback, whatever host it is asked for."""

    def __init__(self, port):
        self.asked = []
        self._port = port
        self._clients = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def _accept(self):
        while True:
            client, _ = self._socket.accept()
            if self._port is None:
                client.close()
                return
            self._clients.append(client)
            self._threads.append(threading.Thread(target=self._carry, args=(client,)))
            self._threads[-1].start()

    def _carry(self, client):
        with client, client.makefile("rb") as lines:
            words = lines.readline().split()
            headers = list(iter(lines.readline, b"\r\n"))
            self.asked.append((words[1].decode(), b"".join(headers).decode()))
            with socket.create_connection(("127.0.0.1", self._port)) as there:
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                back = threading.Thread(target=_pipe, args=(there, client))
                back.start()
                _pipe(client, there)
                back.join()

    def close(self):
        self._port = None
        with socket.create_connection(self._socket.getsockname()):
            pass
        for client in self._clients:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._socket.close()


def _pipe(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


class Shelf:
    """A registry's content, answered as the distribution spec says; a test lets some of it go wrong."""

    def __init__(self):
        self.blobs = {}
        self.manifests = {}
        self.tags = []

    def blob(self, data):
        self.blobs[digest_of(data)] = data
        return digest_of(data)

    def manifest(self, content, tag="", kind=OCI_MANIFEST):
        body = json.dumps({"schemaVersion": 2, "mediaType": kind, **content}).encode()
        for name in (digest_of(body), *([tag] if tag else [])):
            self.manifests[name] = (kind, body)
        return digest_of(body)

    def image(self, tag="", config=None, platform="linux/amd64"):
        parts = dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))
        data = json.dumps({**parts, "config": config or {}}).encode()
        described = {"mediaType": CONFIG_TYPE, "digest": self.blob(data), "size": len(data)}
        return self.manifest({"config": described, "layers": []}, tag)

    def index(self, tag, platforms):
        found = []
        for platform in platforms:
            digest = self.image(config={"Labels": {"for": platform}}, platform=platform)
            parts = dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))
            found.append({"mediaType": OCI_MANIFEST, "digest": digest, "size": 1, "platform": parts})
        return self.manifest({"manifests": found}, tag, OCI_INDEX)

    def __call__(self, seen):
        if seen.method in ("POST", "PUT"):
            return self._taken(seen)
        if seen.path.endswith("/tags/list"):
            return reply({"name": "team/tool", "tags": self.tags})
        kind, name = seen.path.split("/")[-2:]
        if kind == "manifests" and name in self.manifests:
            media_type, body = self.manifests[name]
            return 200, {"Content-Type": media_type, "Docker-Content-Digest": digest_of(body)}, body
        if kind == "blobs" and name in self.blobs:
            return 200, {}, self.blobs[name]
        return refusal(404, "MANIFEST_UNKNOWN" if kind == "manifests" else "BLOB_UNKNOWN")

    def _taken(self, seen):
        kind, name = seen.path.split("/")[-2:]
        if seen.method == "POST":
            return 202, {"Location": f"{seen.path}1?state=open"}, b""
        if kind == "manifests":
            self.manifests[name] = self.manifests[digest_of(seen.body)] = (seen.headers["content-type"], seen.body)
        else:
            self.blob(seen.body)
        return 201, {"Docker-Content-Digest": digest_of(seen.body)}, b""


def reply(content, **headers):
    return 200, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(content).encode()


def refusal(status, code, message="", **headers):
    _, headers, body = reply({"errors": [{"code": code, "message": message}]}, **headers)
    return status, headers, body


def server_context(pem):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
