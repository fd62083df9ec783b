import shutil
import subprocess
from contextlib import ExitStack

import pytest

from launcher.core.values.reference import parse
from launcher.registry.http_messages import Patience
from launcher.registry.registry_client import Registry
from tests.registry.servers import Proxy, Server, Shelf, server_context

QUICK = Patience(connect=2, read=2, whole=5, slowest=1e9)


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def serve():
    """Start a server that answers as a function says; it ends with the test."""
    with ExitStack() as stack:

        def start(answer, context=None):
            server = Server(answer, context)
            stack.callback(server.close)
            return server

        yield start


@pytest.fixture
def at():
    """Return a registry, by its name or its server, to ask."""
    with ExitStack() as stack:

        def open_(server, login=None, env=None, **named):
            name = server if isinstance(server, str) else server.name
            named = {"patience": QUICK, "folders": ()} | named
            return stack.enter_context(Registry(name, env or {}, login or {}, **named))

        yield open_


@pytest.fixture
def tool():
    """Return a reference of `team/tool` at a server."""
    return lambda server, tag="1": parse(f"{server if isinstance(server, str) else server.name}/team/tool:{tag}")


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
