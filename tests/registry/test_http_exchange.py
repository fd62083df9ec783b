"""Misbehaving registries: each ends in one line, and soon."""

import gzip
import signal
import socket
import ssl
import threading
import time

import pytest

from launcher.core.values.reference import parse
from launcher.errors import RegistryError
from launcher.net.certificates import tls_context
from launcher.net.http_messages import Timeouts
from launcher.registry.digests import digest_of
from tests.registry.servers import Raw, refusal, reply

BLOB = b"0123456789" * 1000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


@pytest.fixture
def blob(at):
    """Read a blob of `team/tool` at a server, by the digest of *data*."""
    return lambda server, data=BLOB, largest=100_000, **named: at(server, **named).blob(
        "team/tool", digest_of(data), largest
    )


def told(work, *words, **named):
    with pytest.raises(RegistryError) as refused:
        work(*words, **named)
    return refused.value


def test_a_blob_is_read_and_verified(serve, blob):
    server = serve(lambda seen: (200, {}, BLOB))

    assert blob(server) == BLOB
    assert blob(server, largest=len(BLOB)) == BLOB
    assert server.paths() == [f"/v2/team/tool/blobs/{digest_of(BLOB)}"] * 2


def test_content_with_another_digest_is_refused(serve, blob):
    server = serve(lambda seen: (200, {"Docker-Content-Digest": digest_of(BLOB)}, BLOB[:-1] + b"x"))

    trouble = told(blob, server)

    assert trouble.where == f"{server.name}/team/tool"
    assert trouble.what == f"the content from {server.name} does not match {digest_of(BLOB)}"


def test_a_compressed_response_does_not_match_its_digest(serve, blob):
    bomb = gzip.compress(bytes(10_000_000))
    server = serve(lambda seen: (200, {"Content-Encoding": "gzip"}, bomb))

    assert told(blob, server).what.endswith(f"does not match {digest_of(BLOB)}")
    assert server.seen[0].headers["accept-encoding"] == "identity"


def test_a_response_announced_as_too_large_is_not_read(serve, blob):
    server = serve(lambda seen: Raw([HEAD + b"Content-Length: 100001\r\n\r\n", 60.0]))

    assert told(blob, server).what == f"the response of {server.name} is larger than 100000 bytes"


@pytest.mark.parametrize("head", [b"\r\n", b"Transfer-Encoding: chunked\r\n\r\n"], ids=["until the end", "in chunks"])
def test_a_response_of_unknown_length_is_read_up_to_the_limit(serve, blob, head):
    piece = bytes(65536) if head == b"\r\n" else b"10000\r\n" + bytes(65536) + b"\r\n"
    poured = []

    def endless():
        yield HEAD + head
        while len(poured) < 5000:
            poured.append(1)
            yield piece

    server = serve(lambda seen: Raw(endless()))

    assert "is larger than 100000 bytes" in told(blob, server).what
    assert len(poured) < 500  # what the two sockets hold, not the 300 MB there were


@pytest.mark.parametrize(
    "pieces",
    [
        [HEAD + b"Content-Length: 10000\r\n\r\n", BLOB[:5000]],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"2710\r\n" + BLOB[:5000]],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"10\r\n" + BLOB[:16] + b"\r\n"],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"no number\r\n"],
        [b""],
    ],
)
def test_a_response_that_is_cut_short_is_an_error(serve, blob, pieces):
    server = serve(lambda seen: Raw(pieces))

    trouble = told(blob, server)

    assert trouble.what == f"{server.name} closed the connection in the middle of a response"


def test_a_response_cut_short_without_a_length_fails_its_digest(serve, blob):
    server = serve(lambda seen: Raw([HEAD + b"\r\n", BLOB[:5000]]))

    assert told(blob, server).what == f"the content from {server.name} does not match {digest_of(BLOB)}"


def drip(head, slowly):
    yield head
    for byte in slowly * 1000:
        yield bytes([byte])
        yield 0.1


@pytest.mark.parametrize(
    "pieces",
    [
        lambda: drip(HEAD + b"Content-Length: 10000\r\n\r\n", BLOB),
        lambda: drip(HEAD, b"X-Header: long\r\n"),
        lambda: drip(b"", b"HTTP/1.1 200 OK"),
    ],
    ids=["body", "headers", "status"],
)
def test_a_registry_that_sends_slowly_is_abandoned_in_time(serve, blob, pieces):
    server = serve(lambda seen: Raw(pieces()))
    began = time.monotonic()

    trouble = told(blob, server, timeouts=Timeouts(2, 2, total=0.7, slowest=1e9))

    assert time.monotonic() - began > 0.6
    assert trouble.what == f"{server.name} did not answer in time"
    assert trouble.fix == "check the network and try again"


def test_a_large_response_may_take_longer(serve, blob):
    server = serve(lambda seen: Raw([HEAD + b"Content-Length: 10000\r\n\r\n", BLOB[:5000], 0.8, BLOB[5000:]]))

    assert blob(server, largest=100_000, timeouts=Timeouts(2, 2, total=0.1, slowest=20_000)) == BLOB


def test_a_silent_registry_is_abandoned_in_time(serve, blob):
    server = serve(lambda seen: Raw([60.0]))

    assert told(blob, server, timeouts=Timeouts(2, read=0.3)).what == f"{server.name} did not answer in time"


def test_the_default_timeouts_are_those_of_the_docs():
    assert Timeouts() == (10, 30, 60, 100_000)


def test_a_refused_connection_is_reported_in_one_line(blob):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        name = f"127.0.0.1:{taken.getsockname()[1]}"

    assert told(blob, name).line == (
        f"applaunch: {name}/team/tool: cannot reach {name}: connection refused; check the network and try again"
    )


def test_an_unknown_host_is_reported_in_one_line(blob):
    trouble = told(blob, "registry.invalid", timeouts=Timeouts())

    assert trouble.what == "cannot reach registry.invalid: no such host"


@pytest.mark.parametrize(
    "said", [b"220 smtp.example ESMTP\r\n", b"\x15\x03\x03\x00\x02\x02\x46", b"HTTP/1.1 \x1b[2J\r\n\r\n"]
)
def test_a_server_without_http_is_reported_in_one_printable_line(serve, blob, said):
    server = serve(lambda seen: Raw([said]))

    line = told(blob, server).line

    assert line.startswith(f"applaunch: {server.name}/team/tool: invalid response from {server.name}: ")
    assert line.isprintable()


def test_messages_of_a_registry_are_escaped_and_shortened(serve, at, tool):
    evil = "\x1b]0;owned\x07\u202egpj.exe\nnext line. " + "long " * 200
    server = serve(lambda seen: refusal(400, "X", evil))

    trouble = told(at(server).manifest, tool(server))

    assert trouble.what.startswith(
        f"{server.name} answered with HTTP 400 (\\x1b]0;owned\\x07\\u202egpj.exe next line. long"
    )
    assert trouble.what.isprintable()
    assert len(trouble.what) < 300


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[]", b'{"errors": 7}', b'{"errors": [7]}', b"[" * 50_000, b"\xff" * 100]
)
def test_an_error_without_a_message_is_reported_by_its_status(serve, at, tool, body):
    server = serve(lambda seen: (400, {}, body))

    assert told(at(server).manifest, tool(server)).what == f"{server.name} answered with HTTP 400"


@pytest.mark.parametrize("length", ["999999999", "-1", "7" * 5000, None])
def test_an_error_of_any_length_is_reported(serve, at, tool, length):
    server = serve(lambda seen: (503, {"Content-Length": length, "Connection": "close"}, b"x" * 100_000))

    assert told(at(server).manifest, tool(server)).what == f"{server.name} answered with HTTP 503"


# Redirects.


def moved(url, status=307):
    return status, {"Location": url}, b""


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_blob_on_another_host_is_fetched_without_credentials(serve, at, status):
    cdn = serve(lambda seen: (200, {}, BLOB))
    login = {"username": "ana", "password": "secret"}

    def guarded(seen):
        if not seen.authorization:
            return 401, {"WWW-Authenticate": 'Basic realm="r"'}, b""
        return moved(f"http://{cdn.name}/store/x?sig=1", status)

    server = serve(guarded)

    assert at(server, login).blob("team/tool", digest_of(BLOB), 100_000) == BLOB
    assert [bool(each.authorization) for each in server.seen] == [False, True]
    assert [(each.path, each.query, each.authorization) for each in cdn.seen] == [("/store/x", "sig=1", "")]


def test_a_redirect_on_the_same_host_gets_the_credentials(serve, at):
    def guarded(seen):
        if not seen.authorization:
            return 401, {"WWW-Authenticate": 'Basic realm="r"'}, b""
        return (200, {}, BLOB) if seen.path == "/store" else moved("/store")

    server = serve(guarded)

    assert at(server, {"username": "a", "password": "b"}).blob("team/tool", digest_of(BLOB), 100_000) == BLOB
    assert [bool(each.authorization) for each in server.seen] == [False, True, True]


def test_credentials_stay_dropped_when_a_redirect_leads_back(serve, at):
    def guarded(seen):
        if seen.path == "/back":
            return 200, {}, BLOB
        return moved(f"http://{cdn.name}/x") if seen.authorization else (401, {"WWW-Authenticate": "Basic"}, b"")

    server = serve(guarded)
    cdn = serve(lambda seen: moved(f"http://{server.name}/back"))

    assert at(server, {"username": "a", "password": "b"}).blob("team/tool", digest_of(BLOB), 100_000) == BLOB
    assert server.seen[-1].path == "/back"
    assert server.seen[-1].authorization == ""


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://cdn.example/x", "plain HTTP to cdn.example"),
        ("ftp://cdn.example/x", "'ftp://cdn.example/x' is not a valid http or https URL"),
        ("http://ana:secret@127.0.0.1/x", "'http://***@127.0.0.1/x' is not a valid http or https URL"),
    ],
)
def test_a_redirect_to_a_forbidden_address_is_not_followed(serve, blob, url, why):
    server = serve(lambda seen: moved(url))

    assert told(blob, server).what == f"{server.name} redirects to an address that is not allowed: {why}"


def test_a_redirect_without_a_location_ends(serve, blob):
    server = serve(lambda seen: (307, {}, b""))

    assert told(blob, server).what == f"{server.name} redirects more than 5 times"
    assert len(server.seen) == 6


def test_a_circle_of_redirects_ends(serve, blob):
    server = serve(lambda seen: moved(seen.path + "x"))

    assert told(blob, server).what == f"{server.name} redirects more than 5 times"
    assert len(server.seen) == 6


def test_a_public_registry_cannot_redirect_to_this_machine(serve, at, elsewhere):
    here = serve(lambda seen: (200, {}, BLOB))
    _, _, env = elsewhere(lambda seen: moved(f"http://{here.name}/admin"))

    trouble = told(at("registry.example", env=env).blob, "team/tool", digest_of(BLOB), 100_000)

    assert trouble.what == "registry.example redirects to an address that is not allowed: 127.0.0.1 is this machine"
    assert here.seen == []


def test_the_body_of_a_redirect_is_not_read_to_its_end(serve, blob):
    poured = []

    def endless():
        yield b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /store\r\n\r\n"
        while len(poured) < 2000:
            poured.append(1)
            yield bytes(65536)

    server = serve(lambda seen: (200, {}, BLOB) if seen.path == "/store" else Raw(endless()))

    assert blob(server) == BLOB
    assert len(poured) < 500  # what the two sockets hold, not the 130 MB there were


# TLS and proxies.


def test_a_registry_behind_a_proxy_is_asked_through_it(at, elsewhere, shelf):
    digest = shelf.image("1")
    server, proxy, env = elsewhere(shelf)

    assert at("registry.example:5000", env=env).digest(parse("registry.example:5000/team/tool:1")) == digest
    assert [host for host, _ in proxy.asked] == ["registry.example:5000"]
    assert server.seen[0].headers["host"] == "registry.example:5000"


def test_a_proxy_gets_its_own_login_and_not_the_registrys(at, elsewhere, shelf):
    shelf.image("1")
    server, proxy, env = elsewhere(shelf)
    env["HTTPS_PROXY"] = proxy.url.replace("//", "//bob:pass@")

    at("registry.example", {"username": "a", "password": "b"}, env).digest(parse("registry.example/team/tool:1"))

    assert "basic ym9iOnBhc3M=".lower() in proxy.asked[0][1].lower()
    assert "proxy-authorization" not in server.seen[0].headers


def test_a_registry_on_this_machine_is_asked_without_a_proxy(serve, at, tool, shelf):
    digest = shelf.image("1")
    server = serve(shelf)

    assert (
        at(server, env={"HTTPS_PROXY": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"}).digest(tool(server))
        == digest
    )


def test_proxies_of_this_process_are_not_used_implicitly(serve, at, tool, shelf, monkeypatch):
    digest = shelf.image("1")
    server = serve(shelf)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert at(server).digest(tool(server)) == digest


def test_an_unreachable_proxy_is_reported_without_its_password(at):
    registry = at("registry.example", env={"HTTPS_PROXY": "http://bob:secret@127.0.0.1:1"})

    trouble = told(registry.digest, parse("registry.example/team/tool:1"))

    assert trouble.what == "cannot reach registry.example through the proxy 127.0.0.1: connection refused"
    assert trouble.fix == "check HTTPS_PROXY"
    assert "secret" not in trouble.line


def test_an_unsupported_proxy_scheme_is_reported(at):
    registry = at("registry.example", env={"HTTPS_PROXY": "socks5://127.0.0.1:1"})

    trouble = told(registry.digest, parse("registry.example/team/tool:1"))

    assert trouble.what == "unsupported proxy scheme 'socks5'"


def test_an_untrusted_certificate_is_refused_with_the_way_to_trust_it(at, elsewhere, shelf):
    server, _, env = elsewhere(shelf)
    registry = at(
        "registry.example:5000", env={"HTTPS_PROXY": env["HTTPS_PROXY"]}, folders=("/nowhere", "/etc/docker/certs.d")
    )

    trouble = told(registry.digest, parse("registry.example:5000/team/tool:1"))

    assert trouble.what.startswith("no TLS connection to registry.example:5000: self")
    assert "/etc/docker/certs.d/registry.example:5000/ca.crt" in trouble.fix
    assert server.seen == []


def test_the_authorities_in_certs_d_are_trusted_for_their_registry(at, elsewhere, shelf, certificate, tmp_path):
    digest = shelf.image("1")
    _, _, env = elsewhere(shelf)
    (tmp_path / "registry.example").mkdir()
    (tmp_path / "registry.example/ca.crt").write_text(
        certificate.read_text().partition("-----BEGIN CERT")[2].join(["-----BEGIN CERT", ""])
    )
    (tmp_path / "registry.example/broken.crt").write_text("no certificate")
    proxy_only = {"HTTPS_PROXY": env["HTTPS_PROXY"]}
    ours = at("registry.example", env=proxy_only, folders=(str(tmp_path),))
    other = at("cdn.example", env=proxy_only, folders=(str(tmp_path),))

    assert ours.digest(parse("registry.example/team/tool:1")) == digest
    assert "no TLS connection" in told(other.digest, parse("cdn.example/team/tool:1")).what


def test_a_ca_without_key_usage_is_accepted():
    assert not tls_context("registry.example", {}, ()).verify_flags & ssl.VERIFY_X509_STRICT  # python 3.13 sets it


def test_a_certificate_for_another_name_is_refused(at, elsewhere, shelf):
    _, _, env = elsewhere(shelf)

    trouble = told(at("other.example", env=env).digest, parse("other.example/team/tool:1"))

    assert trouble.what.startswith("no TLS connection to other.example: ")
    assert "other.example" in trouble.what.partition(": ")[2]


def test_plain_http_to_another_host_is_never_sent(serve, at, shelf):
    server = serve(shelf)
    name = f"0.0.0.0:{server.port}"  # leads here, and is not one of this machine's own names

    trouble = told(at(name).digest, parse(f"{name}/team/tool:1"))

    assert trouble.what == f"{name} speaks plain HTTP"
    assert [each for each in server.seen if each.method in ("GET", "HEAD")] == []


def test_ctrl_c_interrupts_a_silent_registry(serve, blob):
    server = serve(lambda seen: Raw([3600.0]))
    main = threading.get_ident()
    threading.Timer(0.5, lambda: signal.pthread_kill(main, signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt):
        blob(server, timeouts=Timeouts())


def test_a_connection_is_reused(serve, at, shelf, tool):
    shelf.image("1")
    ports = set()
    server = serve(shelf)
    registry = at(server)
    real = server.answer
    server.answer = lambda seen: ports.add(threading.get_ident()) or real(seen)  # a thread serves a connection

    for _ in range(3):
        registry.digest(tool(server))
        registry.manifest(tool(server))
        registry.tags("team/tool")

    assert len(ports) == 1
    assert reply({})[0] == 200
