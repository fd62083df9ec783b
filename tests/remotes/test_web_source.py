"""Catalogs over HTTP: ETags, limits of size and time, redirects."""

import threading

import pytest

from launcher.core.remotes.source_url import SourceUrl
from launcher.errors import RemoteError
from launcher.remotes import web_source as over_http
from tests.remotes.publisher import Web, publish, publish_keys

CATALOG, SIGNATURE, KEYS, KEYS_SIGNATURE = "catalog.toml", "catalog.toml.sig", "keys.toml", "keys.toml.sig"


def fetch(web, tags=None, path="", **how):
    return over_http.fetch(SourceUrl.parse(f"{web.url}{path}"), tags or {}, **how)


def refusal(*words, **how):
    with pytest.raises(RemoteError) as refused:
        fetch(*words, **how)
    return str(refused.value)


def test_all_published_files_are_fetched(web, keys):
    publish(web.folder, keys["ana"])
    publish_keys(web.folder, 1, [keys["ben"]], keys["ana"])

    came = fetch(web)

    assert dict(came.files.items()) == {path.name: path.read_bytes() for path in web.folder.iterdir()}
    assert {*came.files} == {CATALOG, SIGNATURE, KEYS, KEYS_SIGNATURE}


def test_only_the_catalog_is_required(web):
    publish(web.folder)

    assert {*fetch(web).files} == {CATALOG}


def test_a_catalog_of_another_name_has_its_signature_beside_it(web, keys):
    publish(web.folder, keys["ana"])
    (web.folder / CATALOG).rename(web.folder / "tools.toml")
    (web.folder / SIGNATURE).rename(web.folder / "tools.toml.sig")

    assert {*fetch(web, path="tools.toml").files} == {CATALOG, SIGNATURE}


def test_unchanged_files_are_not_sent_again(web, keys):
    publish(web.folder, keys["ana"])
    publish_keys(web.folder, 1, [keys["ana"]], keys["ana"])
    tags = fetch(web).tags
    web.asked.clear()
    before = web.sent

    came = fetch(web, tags)

    assert (came.files, came.unchanged, came.tags) == ({}, {CATALOG, KEYS}, tags)
    assert web.asked == [("GET", "/keys.toml", tags[KEYS]), ("GET", "/catalog.toml", tags[CATALOG])]
    assert web.sent == before


def test_only_changed_files_are_sent_again(web, keys):
    publish(web.folder, keys["ana"])
    publish_keys(web.folder, 1, [keys["ana"]], keys["ana"])
    tags = fetch(web).tags
    publish(web.folder, keys["ana"], serial=2)

    came = fetch(web, tags)

    assert ({*came.files}, came.unchanged) == ({CATALOG, SIGNATURE}, {KEYS})


def test_a_missing_page_is_reported(web):
    assert refusal(web) == (
        f"{web.url}catalog.toml: there is no such page (404); check the address; the last accepted version stays in use"
    )


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (
            403,
            "the server requires a login (HTTP 403); add a login to the address: https://USER:TOKEN@HOST/; the last accepted version stays in use",
        ),
        (500, "the server answered with HTTP 500; try again later; the last accepted version stays in use"),
        (206, "the server answered with HTTP 206; try again later; the last accepted version stays in use"),
        (304, "the server answered with HTTP 304; try again later; the last accepted version stays in use"),
    ],
)
def test_another_status_is_reported(web, status, said):
    web.ways["/catalog.toml"] = lambda handler: web.answer(handler, status, b"")

    assert refusal(web) == f"{web.url}catalog.toml: {said}"


def test_a_file_announced_as_too_large_is_not_read(web):
    web.ways["/catalog.toml"] = lambda handler: (
        handler.send_response(200),
        handler.send_header("Content-Length", str(1 << 30)),
        handler.end_headers(),
        web.endless(handler),
    )

    assert "catalog.toml: is larger than 5 MiB" in refusal(web)
    assert web.sent < 16 << 20  # what the sockets' buffers took


def test_an_endless_response_is_read_up_to_the_limit(web):
    web.ways["/catalog.toml"] = web.endless

    assert "catalog.toml: is larger than 5 MiB" in refusal(web)
    assert web.sent < 16 << 20


@pytest.mark.parametrize(("name", "size"), [(SIGNATURE, "64 KiB"), (KEYS, "256 KiB")])
def test_each_file_has_a_limit_of_its_own(web, name, size):
    publish(web.folder)
    web.ways[f"/{name}"] = web.endless

    assert f"{name}: is larger than {size}" in refusal(web)


@pytest.mark.parametrize("way", ["dripping", "dripping_head"])
def test_a_slow_response_is_cut_off(web, way):
    web.ways["/catalog.toml"] = getattr(web, way)

    said = refusal(web, longest=1.0)

    assert said == (
        f"{web.url}catalog.toml: {web.host} did not answer in time; check the network and try again; "
        "the last accepted version stays in use"
    )
    assert web.sent < 600  # bytes, all that the server has for it


def test_a_redirect_within_the_host_is_followed(web):
    publish(web.folder)
    (web.folder / CATALOG).rename(web.folder / "there.toml")
    web.ways["/catalog.toml"] = lambda handler: web.answer(handler, 302, b"", Location="/there.toml")

    assert fetch(web).files[CATALOG] == (web.folder / "there.toml").read_bytes()


def test_a_redirect_to_another_host_is_refused_and_that_host_not_asked(web, tmp_path):
    with Web(tmp_path) as other:
        web.ways["/catalog.toml"] = lambda handler: web.answer(handler, 302, b"", Location=f"{other.url}catalog.toml")

        said = refusal(web)

    assert said == (
        f"{web.url}catalog.toml: {web.host} redirects to an address that is not allowed: '{other.url}catalog.toml' "
        "is on another host; "
        "if it has moved: applaunch remote modify NAME --url URL; the last accepted version stays in use"
    )
    assert other.asked == []


@pytest.mark.parametrize(
    "there", ["http://localhost:{port}/x", "//evil.example/x", "file:///etc/passwd", "http://[/", ""]
)
def test_other_redirects_are_refused(web, there):
    port = web.server.server_port
    web.ways["/catalog.toml"] = lambda handler: web.answer(handler, 301, b"", Location=there.format(port=port))

    assert "redirects to an address that is not allowed" in refusal(web)


def test_the_body_of_a_redirect_is_not_read_to_its_end(web):
    publish(web.folder)
    web.ways["/catalog.toml"] = lambda handler: (
        handler.send_response(302),
        handler.send_header("Location", "/there.toml"),
        handler.end_headers(),
        web.endless(handler),
    )

    assert "there is no such page" in refusal(web)
    assert web.sent < 16 << 20


def test_a_circle_of_redirects_ends(web):
    web.ways["/catalog.toml"] = lambda handler: web.answer(handler, 302, b"", Location="/catalog.toml")

    assert "redirects more than 5 times" in refusal(web)


def test_a_response_that_is_cut_short_is_reported(web):
    web.ways["/catalog.toml"] = lambda handler: (
        handler.send_response(200),
        handler.send_header("Content-Length", "1000"),
        handler.end_headers(),
        handler.wfile.write(b"schema = 1\n"),
        setattr(handler, "close_connection", True),
    )

    assert "closed the connection in the middle of a response; try again" in refusal(web)


def test_a_compressed_response_is_refused(web):
    web.ways["/catalog.toml"] = lambda handler: web.answer(handler, 200, b"\x1f\x8b", Content_Encoding="gzip")

    assert "was sent compressed although" in refusal(web)


def test_a_chunked_response_is_read(web):
    def chunks(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for part in (b"schema ", b"= 1\n"):
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        handler.wfile.write(b"0\r\n\r\n")

    web.ways["/catalog.toml"] = chunks

    assert fetch(web).files == {CATALOG: b"schema = 1\n"}


def test_an_unreachable_server_is_reported(tmp_path):
    with Web(tmp_path) as gone:
        pass

    assert f"cannot reach {gone.host}: connection refused; check the network" in refusal(gone)


def test_the_login_of_the_address_is_sent_and_never_shown(web, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password leaked\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    publish(web.folder)
    address = web.url.replace("//", "//ana:hunter%2F2@") + "?private_token=abc"

    over_http.fetch(SourceUrl.parse(address), {})
    web.ways["/catalog.toml"] = lambda handler: web.answer(handler, 500, b"")
    with pytest.raises(RemoteError) as refused:
        over_http.fetch(SourceUrl.parse(address), {})

    assert web.headers[0]["Authorization"] == "Basic YW5hOmh1bnRlci8y"
    assert web.asked[0][1] == "/keys.toml?private_token=abc"
    assert not [word for word in ("hunter", "abc", "ana") if word in str(refused.value)]


def test_netrc_is_not_read(web, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ana password leaked\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    publish(web.folder)

    fetch(web)

    assert not any("Authorization" in headers for headers in web.headers)


def test_a_proxy_of_the_environment_is_used(web, elsewhere):
    answers = {"/catalog.toml": (200, {}, b"schema = 1\n")}
    server, proxy, env = elsewhere(lambda seen: answers.get(seen.path, (404, {}, b"")))

    came = over_http.fetch(SourceUrl.parse("https://registry.example/"), {}, env=env)

    assert came.files == {CATALOG: b"schema = 1\n"}
    assert [host for host, _ in proxy.asked] == ["registry.example:443"]
    assert server.seen[0].headers["host"] == "registry.example"


def test_a_server_with_an_unknown_certificate_is_not_asked(elsewhere):
    server, _, env = elsewhere(lambda seen: (200, {}, b"schema = 1\n"))

    with pytest.raises(RemoteError) as refused:
        over_http.fetch(SourceUrl.parse("https://registry.example/"), {}, env={"HTTPS_PROXY": env["HTTPS_PROXY"]})

    assert str(refused.value) == (
        "https://registry.example/keys.toml: no TLS connection to registry.example: self-signed certificate; "
        "set SSL_CERT_FILE to its CA; the last accepted version stays in use"
    )
    assert server.seen == []


def test_a_host_and_a_path_that_are_not_ascii_are_encoded(elsewhere):
    server, proxy, env = elsewhere(lambda seen: (404, {}, b""))

    with pytest.raises(RemoteError):
        over_http.fetch(SourceUrl.parse("https://bücher.example/käse/"), {}, env=env)

    assert proxy.asked[0][0] == "xn--bcher-kva.example:443"
    with pytest.raises(RemoteError):
        over_http.fetch(SourceUrl.parse("https://registry.example/käse/"), {}, env=env)
    assert server.paths()[0] == "/k%C3%A4se/keys.toml"


def test_a_thousand_clients_at_once_are_served_by_one_static_file(web):
    publish(web.folder)
    tags = fetch(web).tags
    gate, done = threading.Barrier(1000), []

    def client():
        gate.wait()
        done.append(fetch(web, tags).unchanged)

    threads = [threading.Thread(target=client) for _ in range(1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert done == [{CATALOG}] * 1000
