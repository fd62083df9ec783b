"""Servers, certificates and proxies for the tests of HTTP."""

import shutil
import subprocess
from contextlib import ExitStack

import pytest

from tests.registry.servers import Proxy, Server, server_context


@pytest.fixture
def serve():
    """Start a server that answers as a function says; it ends with the test."""
    with ExitStack() as stack:

        def start(answer, context=None):
            server = Server(answer, context)
            stack.callback(server.close)
            return server

        yield start


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for some public names, and its key, in one file; whoever trusts it trusts the servers here."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: apt install openssl")
    pem = tmp_path_factory.mktemp("tls") / "both.pem"
    names = "DNS:registry-1.docker.io,DNS:auth.docker.io,DNS:registry.example,DNS:cdn.example,IP:0.0.0.0"
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    files = ["-keyout", str(pem), "-out", str(pem) + ".crt"]
    subprocess.run(
        ["openssl", *words, "-subj", "/CN=test", "-addext", f"subjectAltName={names}", *files],
        check=True,
        capture_output=True,
    )
    pem.write_text(pem.read_text() + (pem.parent / "both.pem.crt").read_text())
    return pem


@pytest.fixture
def elsewhere(serve, certificate):
    """Start a server with TLS and a proxy that leads every host to it; return both, and the environment for them."""
    with ExitStack() as stack:

        def start(answer):
            server = serve(answer, server_context(certificate))
            proxy = Proxy(server.port)
            stack.callback(proxy.close)
            return server, proxy, {"HTTPS_PROXY": proxy.url, "SSL_CERT_FILE": str(certificate)}

        yield start
