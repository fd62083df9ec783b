"""A publisher for tests: ssh-keygen's keys, folders of files, and a web server that can misbehave."""

import hashlib
import http.server
import shutil
import subprocess
import threading
import time
from typing import NamedTuple

import pytest

from launcher.core.remotes.public_key import PublicKey

KINDS = {
    "ana": ("ed25519", ""),
    "ben": ("ed25519", ""),
    "eve": ("ed25519", ""),
    "ecdsa-256": ("ecdsa", "256"),
    "ecdsa-384": ("ecdsa", "384"),
    "ecdsa-521": ("ecdsa", "521"),
    "rsa": ("rsa", "3072"),
}
CATALOG = """schema = 1

[catalog]
name = "team"
title = "Team tools"
serial = {serial}

[apps.tool]
description = "A tool"
homepage = "https://tools.example"
license = "MIT"
image = "docker.io/library/busybox:latest"
network_mode = "none"
"""


class Key(NamedTuple):
    """A key of somebody's: the path of its private half, and its public one."""

    path: str
    public: PublicKey


def made_keys(folder):
    """Make one key of each kind."""
    if not shutil.which("ssh-keygen"):
        pytest.skip("ssh-keygen is not installed: apt install openssh-client")
    found = {}
    for name, (kind, bits) in KINDS.items():
        size = ["-b", bits] if bits else []
        words = ["ssh-keygen", "-q", "-t", kind, *size, "-N", "", "-C", f"{name}@team", "-f", folder / name]
        subprocess.run(words, check=True)
        found[name] = Key(str(folder / name), PublicKey.parse((folder / f"{name}.pub").read_text()))
    return found


def sign(path, key, namespace="applaunch-catalog", *more):
    """Sign a file as a person would, without any code of ours."""
    (path.parent / f"{path.name}.sig").unlink(missing_ok=True)
    words = ["ssh-keygen", "-q", "-Y", "sign", "-f", key.path, "-n", namespace, *more, path]
    subprocess.run(words, check=True, capture_output=True)


def publish(folder, key=None, serial=1, text=CATALOG, **more):
    """Write a catalog into *folder*, signed by *key* where there is one."""
    path = folder / "catalog.toml"
    path.write_text(text.format(serial=serial, **more) if "{serial}" in text else text)
    (folder / "catalog.toml.sig").unlink(missing_ok=True)
    if key:
        sign(path, key)
    return path


def publish_keys(folder, serial, keys, by, revoked=()):
    """Write a list of keys into *folder*, signed by *by*."""
    lines = ", ".join(f'"{key.public.line}"' for key in keys)
    gone = ", ".join(
        f'{{ key = "{key.public.fingerprint}", since = 2026-01-01T00:00:00Z, why = "lost" }}' for key in revoked
    )
    path = folder / "keys.toml"
    path.write_text(f"schema = 1\nserial = {serial}\nkeys = [{lines}]\nrevoked = [{gone}]\n")
    sign(path, by, "applaunch-keys")


class Web:
    """A web server: files of a folder with their ETag, and for some paths a way of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.asked = []  # method, path, If-None-Match
        self.headers = []
        self.sent = 0  # bytes of bodies
        self.ways = {}  # path: function of the handler

    def __enter__(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = self.path.partition("?")[0]
                outer.asked.append((self.command, self.path, self.headers.get("If-None-Match")))
                outer.headers.append(dict(self.headers))
                try:
                    outer.ways.get(path, outer.file)(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 2048
            daemon_threads = True

            def handle_error(self, *_):
                """Say nothing of clients that went away."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}/"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def file(self, handler):
        """Answer with a file of the folder, or that it is what its ETag says."""
        path = self.folder / handler.path.partition("?")[0].lstrip("/")
        if not path.is_file():
            return self.answer(handler, 404, b"none")
        data = path.read_bytes()
        tag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        if handler.headers.get("If-None-Match") == tag:
            return self.answer(handler, 304, b"", ETag=tag)
        return self.answer(handler, 200, data, ETag=tag)

    def answer(self, handler, status, data, **headers):
        """Send one answer."""
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if status != 304:
            handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)
        self.sent += len(data)

    def endless(self, handler, size=1 << 30, chunk=1 << 16):
        """Answer with *size* bytes without saying how many."""
        handler.send_response(200)
        handler.end_headers()
        handler.close_connection = True
        for _ in range(size // chunk):
            handler.wfile.write(b"#" * chunk)
            self.sent += chunk

    def dripping(self, handler):
        """Answer with one byte every tenth of a second, for a minute."""
        handler.send_response(200)
        handler.end_headers()
        handler.close_connection = True
        self.drip(handler)

    def dripping_head(self, handler):
        """Begin to answer with a header that does not end, for a minute."""
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        self.drip(handler)

    def drip(self, handler):
        for _ in range(600):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            self.sent += 1
            time.sleep(0.1)
