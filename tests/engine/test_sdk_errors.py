import errno
import http.client
import io
import json

import docker.errors
import pytest
import requests
import urllib3

from launcher.engine.docker_client import negotiate_version, translate_errors
from launcher.errors import EngineError, ImageMissingError


def as_requests_raises(number):
    """Nest an OSError the way requests and urllib3 do for a unix socket."""
    return requests.exceptions.ConnectionError(
        urllib3.exceptions.ProtocolError("Connection aborted.", OSError(number, "words"))
    )


def api_error(status, message, kind=docker.errors.APIError):
    response = requests.Response()
    response.status_code = status
    return kind("no", response=response, explanation=message)


LOST = "the engine closed the connection unexpectedly; is it running? applaunch engine status"


def torn(cause):
    """Nest what reading a chunk raises as urllib3 does."""
    error = urllib3.exceptions.ProtocolError("Connection broken: x", cause)
    error.__cause__ = cause
    return error


def as_requests_wraps(cause):
    return requests.exceptions.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted.", cause))


def response():
    return urllib3.response.HTTPResponse(io.BytesIO())


CASES = [
    (as_requests_raises(errno.ECONNREFUSED), "cannot connect to the engine: connection refused; is it running?"),
    (as_requests_raises(errno.ENOENT), "cannot connect to the engine: no such file or directory; is it running?"),
    (
        as_requests_raises(errno.EACCES),
        "cannot connect to the engine: permission denied; sudo usermod -aG docker $USER",
    ),
    (as_requests_raises(errno.ECONNRESET), "the engine closed the connection unexpectedly; is it running?"),
    (
        urllib3.exceptions.ProtocolError("x", http.client.IncompleteRead(b"")),
        "the engine closed the connection unexpectedly; ",
    ),
    (ConnectionResetError(errno.ECONNRESET, "x"), "the engine closed the connection unexpectedly; "),
    (requests.exceptions.ReadTimeout("x"), "the engine did not answer in time; "),
    (requests.exceptions.ChunkedEncodingError(torn(ValueError("invalid literal for int() with base 16: b''"))), LOST),
    (urllib3.exceptions.ProtocolError("x", urllib3.exceptions.IncompleteRead(3, 5)), LOST),
    (urllib3.exceptions.InvalidChunkLength(response(), b""), LOST),
    (urllib3.exceptions.ProtocolError("Response ended prematurely"), LOST),
    (http.client.IncompleteRead(b"x", 3), LOST),
    (as_requests_wraps(http.client.RemoteDisconnected("Remote end closed connection without response")), LOST),
    (torn(ValueError("invalid literal for int() with base 16: b'zz'")), LOST),
    (docker.errors.StreamParseError(ValueError("x")), LOST),
    (as_requests_wraps(http.client.BadStatusLine("SSH-2.0")), "the server at this address is not a container engine; "),
    (
        requests.exceptions.ReadTimeout("Read timed out. (read timeout=5)"),
        "the engine did not answer in 5 s; try again",
    ),
    (json.JSONDecodeError("x", "<html>", 0), "the server at this address is not a container engine; "),
    (
        requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED: self-signed certificate"),
        (
            "no TLS connection to the engine: CERTIFICATE_VERIFY_FAILED: self-signed certificate; "
            "DOCKER_CERT_PATH must contain the ca.pem"
        ),
    ),
    (
        requests.exceptions.SSLError("CA cert does not include key usage extension"),
        (
            "no TLS connection to the engine: CA cert does not include key usage extension; "
            "recreate the CA with keyUsage"
        ),
    ),
    (
        api_error(400, "client version 1.45 is too old. Minimum supported API version is 1.50, please upgrade"),
        "the engine needs API 1.50 or later, applaunch uses 1.45; upgrade applaunch and its docker library",
    ),
    (
        api_error(400, "client version 1.45 is too new. Maximum supported API version is 1.41"),
        "the engine supports API 1.41, but 1.45 is needed; upgrade the engine",
    ),
    (api_error(500, "write /x: no space left on device"), "the engine's disk is full (no space left on device); "),
    (api_error(409, "Conflict.\nThe name is\ttaken."), "Conflict. The name is taken"),
    (docker.errors.TLSParameterError("Path to a certificate."), "Path to a certificate"),
]


@pytest.mark.parametrize(("error", "what"), CASES)
def test_a_library_error_becomes_one_line_with_a_fix(error, what):
    with pytest.raises(EngineError) as trouble, translate_errors("jq"):
        raise error

    assert trouble.value.line.startswith(f"applaunch: jq: {what}")
    assert "\n" not in trouble.value.line


def test_a_missing_image_has_its_own_error():
    with pytest.raises(ImageMissingError) as missing, translate_errors("jq"):
        raise api_error(404, "No such image: jq:latest", docker.errors.ImageNotFound)

    assert missing.value.line == "applaunch: jq: No such image: jq:latest"


@pytest.mark.parametrize("error", [KeyError("bug"), FileNotFoundError("x"), KeyboardInterrupt()])
def test_errors_that_are_not_the_engines_are_not_translated(error):
    with pytest.raises(type(error)), translate_errors("jq"):
        raise error


@pytest.mark.parametrize(
    ("theirs", "spoken"), [("1.41", "1.41"), ("1.44", "1.44"), ("1.45", "1.45"), ("1.51", "1.45"), ("1.100", "1.45")]
)
def test_the_lower_of_both_api_versions_is_used(theirs, spoken):
    assert negotiate_version(theirs, "x") == spoken


def test_an_engine_before_docker_20_10_and_a_web_server_are_refused():
    with pytest.raises(EngineError, match=r"supports API 1\.40, but 1\.41 is needed; upgrade the engine"):
        negotiate_version("1.40", "x")
    with pytest.raises(EngineError, match="not a container engine"):
        negotiate_version("", "x")
