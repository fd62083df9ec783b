"""Connecting for real: to the rig's engine, to things that are none, and with every broken config."""

import socket
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from launcher.engine.docker_client import connect
from launcher.engine.endpoint import Endpoint
from launcher.engine.named_endpoint import Tls
from launcher.errors import EngineError


@contextmanager
def answering(path, answer):
    """Answer on the socket *path* with the bytes *answer*, or by hanging up; the first connection only looks."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve():
            listener.accept()[0].close()
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield Endpoint(f"unix://{path}")
        thread.join()


@pytest.mark.engine
def test_the_api_version_is_negotiated_without_asking_for_it(client):
    assert client.api_version in {"1.41", "1.42", "1.43", "1.44", "1.45"}
    assert client.info()["ServerVersion"]


@pytest.mark.engine
@pytest.mark.parametrize(
    "text", ["[]", "{", '{"auths": {"x": "text"}}', '{"auths": {"x": {"auth": "%"}}}', '{"proxies": 7}', "\x00"]
)
def test_a_broken_docker_config_does_not_prevent_a_connection(endpoint, tmp_path, monkeypatch, text):
    (tmp_path / "config.json").write_text(text)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))

    with connect(endpoint) as client:
        assert client.images() is not None


@pytest.mark.engine
def test_proxies_and_ca_bundles_in_the_environment_are_not_used_for_the_engine(endpoint, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")

    with connect(endpoint) as client:
        assert client.ping()


def test_importing_the_engine_modules_does_not_load_docker():
    rooms = (
        "docker_client, image_pull, image_store, accounts, detect_traits, credentials, endpoint, private_engine, "
        "install_hint, sdk_errors, pull_denials"
    )
    code = (
        f"import sys; from launcher.engine import {rooms}; sys.exit(bool({{'docker', 'requests'}} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.engine
def test_paramiko_is_never_loaded(endpoint):
    code = (
        "import sys; from launcher.engine.docker_client import connect; from launcher.engine.endpoint import Endpoint\n"
        f"connect(Endpoint({endpoint.host!r})).close(); sys.exit(sys.modules['paramiko'] is not None)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (b"", "the engine closed the connection unexpectedly"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "the server at this address is not a container engine"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "the server at this address is not a container engine"),
        (b"HTTP/1.1 200 OK\r\nApi-Version: 1.24\r\nContent-Length: 2\r\n\r\nOK", "the engine supports API 1.24"),
        (b'HTTP/1.1 500 No\r\nContent-Length: 20\r\n\r\n{"message": "sorry"}', "sorry"),
    ],
)
def test_a_server_that_is_not_an_engine_is_detected(tmp_path, answer, what):
    with answering(tmp_path / "s", answer) as endpoint, pytest.raises(EngineError) as trouble:
        connect(endpoint)

    assert trouble.value.line.startswith(f"applaunch: {endpoint.host}: {what}")


def test_a_missing_socket_is_reported_in_one_line(tmp_path):
    with pytest.raises(EngineError) as trouble:
        connect(Endpoint(f"unix://{tmp_path}/none"))

    assert trouble.value.line == (
        f"applaunch: unix://{tmp_path}/none: cannot connect to the engine: no such file or directory; "
        "is it running? applaunch engine status"
    )


def test_a_closed_port_is_reported_in_one_line():
    with pytest.raises(EngineError, match="cannot connect to the engine: connection refused"):
        connect(Endpoint("tcp://127.0.0.1:1"))


def test_missing_tls_files_are_reported_before_anything_is_sent(tmp_path):
    tls = Tls(f"{tmp_path}/ca.pem", f"{tmp_path}/cert.pem", f"{tmp_path}/key.pem", verify=True)

    with pytest.raises(EngineError, match=r"DOCKER_CERT_PATH"):
        connect(Endpoint("tcp://127.0.0.1:1", tls))
