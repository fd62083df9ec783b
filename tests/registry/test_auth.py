"""Authentication at a registry: nothing is sent unasked, and credentials go nowhere else."""

import base64
import json
from urllib.parse import parse_qs

import pytest

from launcher.core.values.reference import parse
from launcher.errors import RegistryError
from tests.registry.servers import refusal, reply

ANA = {"username": "ana", "password": "se:cret"}
BASIC = "Basic " + base64.b64encode(b"ana:se:cret").decode()
SCOPE = "repository:team/tool:pull"


def asks_for(challenge):
    return 401, {"WWW-Authenticate": challenge}, b""


class Guarded:
    """A registry that lets nobody in without one of its tokens; its realm gives them to whom *knows* says."""

    def __init__(self, shelf, knows=lambda seen: True):
        self.read_catalogs, self.knows, self.realm, self.tokens = shelf, knows, None, []
        self.scope = f',scope="{SCOPE}"'

    def __call__(self, seen):
        if seen.path == "/token":
            if not self.knows(seen):
                return refusal(401, "UNAUTHORIZED", "incorrect username or password")
            self.tokens.append(f"token-{len(self.tokens)}")
            return reply({"token": self.tokens[-1]})
        if seen.authorization not in {f"Bearer {token}" for token in self.tokens}:
            realm = self.realm or f"http://{seen.headers['host']}/token"
            return asks_for(f'Bearer realm="{realm}",service="the registry"{self.scope}')
        return self.read_catalogs(seen)


@pytest.fixture
def guarded(shelf, serve):
    shelf.image("1")
    guard = Guarded(shelf)
    return guard, serve(guard)


def test_an_anonymous_token_is_requested_only_after_a_challenge(guarded, at, tool, shelf):
    _, server = guarded

    found = at(server).digest(tool(server))

    assert found in shelf.manifests
    first, token, second = server.seen
    assert (first.authorization, token.authorization) == ("", "")
    assert parse_qs(token.query) == {"client_id": ["applaunch"], "service": ["the registry"], "scope": [SCOPE]}
    assert second.authorization == "Bearer token-0"


def test_a_token_is_requested_once_for_each_repository(guarded, at, tool):
    guard, server = guarded
    registry = at(server)

    registry.manifest(tool(server))
    registry.tags("team/tool")
    assert len(guard.tokens) == 1
    registry.tags("team/other")
    assert len(guard.tokens) == 2


def test_an_expired_token_is_replaced(guarded, at, tool):
    guard, server = guarded
    registry = at(server)
    registry.tags("team/tool")
    guard.tokens[0] = "run out"

    assert registry.tags("team/tool") == []
    assert server.seen[-1].authorization == "Bearer token-1"


def test_a_login_is_sent_to_the_token_server_only(guarded, at, tool):
    guard, server = guarded
    guard.knows = lambda seen: seen.authorization == BASIC

    at(server, ANA).manifest(tool(server))

    assert [each.path for each in server.seen if each.authorization == BASIC] == ["/token"]
    assert parse_qs(server.seen[1].query)["account"] == ["ana"]


def test_an_identity_token_is_posted(guarded, at, tool):
    _, server = guarded

    at(server, {"identitytoken": "id+entity"}).manifest(tool(server))

    token = server.seen[1]
    assert (token.method, token.authorization, token.query) == ("POST", "", "")
    assert parse_qs(token.body.decode()) == {
        "client_id": ["applaunch"],
        "service": ["the registry"],
        "scope": [SCOPE],
        "grant_type": ["refresh_token"],
        "refresh_token": ["id+entity"],
    }


def test_the_field_access_token_is_accepted_too(serve, at, tool, shelf):
    shelf.image("1")
    guard = Guarded(shelf)

    def named_otherwise(seen):
        said = guard(seen)
        return reply({"access_token": guard.tokens[-1]}) if seen.path == "/token" else said

    server = serve(named_otherwise)

    assert at(server).digest(tool(server)) in shelf.manifests


def test_the_default_scope_is_the_repositorys(guarded, at, tool):
    guard, server = guarded
    guard.scope = ""

    at(server).manifest(tool(server))
    at(server).push_blob("team/tool", b"here")

    assert [parse_qs(each.query)["scope"] for each in server.seen if each.path == "/token"] == [
        [SCOPE],
        ["repository:team/tool:pull,push"],
    ]


def test_basic_credentials_are_sent_after_the_first_challenge(serve, at, tool, shelf):
    shelf.image("1")
    server = serve(lambda seen: shelf(seen) if seen.authorization == BASIC else asks_for('Basic realm="r"'))
    registry = at(server, ANA)

    registry.manifest(tool(server))
    registry.tags("team/tool")

    assert [each.authorization for each in server.seen] == ["", BASIC, BASIC]


NO_ENTRY = "applaunch: {0}/team/tool:1: {0} has no image team/tool, or it needs a login{1}; docker login {0}"


def test_an_anonymous_user_who_is_denied_gets_the_login_command(serve, at, tool):
    server = serve(lambda seen: asks_for('Basic realm="r"'))

    with pytest.raises(RegistryError) as refused:
        at(server, why_anonymous="docker-credential-safe is not installed").manifest(tool(server))

    why = " (anonymous, because docker-credential-safe is not installed)"
    assert refused.value.line == NO_ENTRY.format(server.name, why)
    assert len(server.seen) == 1


@pytest.mark.parametrize("scheme", ["Negotiate", "", 'Digest realm="r"'])
def test_an_unsupported_challenge_is_reported_as_a_missing_login(serve, at, tool, scheme):
    server = serve(lambda seen: asks_for(scheme))

    with pytest.raises(RegistryError, match=r"refuses this login"):
        at(server, ANA).digest(tool(server))


def test_a_refused_login_is_not_reported_as_missing(guarded, at, tool):
    guard, server = guarded
    guard.knows = lambda seen: False

    with pytest.raises(RegistryError) as refused:
        at(server, ANA).manifest(tool(server))

    assert refused.value.what == f"{server.name} refuses this login, or has no image team/tool"
    assert refused.value.fix == f"docker login {server.name}"


def test_a_rejected_token_is_retried_once(guarded, at, tool):
    guard, server = guarded
    guard.tokens = Forgetful()

    with pytest.raises(RegistryError, match="has no image team/tool, or it needs a login"):
        at(server).manifest(tool(server))

    assert server.paths() == ["/v2/team/tool/manifests/1", "/token", "/v2/team/tool/manifests/1"]


class Forgetful(list):
    def __iter__(self):
        return iter(())


@pytest.mark.parametrize(
    "said",
    [
        b"{}",
        b"[]",
        b"no json",
        b'{"token": ""}',
        b'{"token": 7}',
        json.dumps({"token": "two\r\nInjected: header"}).encode(),
        json.dumps({"token": "t\u00f6ken"}).encode(),
        b"[" * 100_000,
    ],
)
def test_an_invalid_token_is_never_sent(guarded, at, tool, serve, said):
    guard, _ = guarded
    server = serve(lambda seen: (200, {}, said) if seen.path == "/token" else guard(seen))

    with pytest.raises(RegistryError) as refused:
        at(server).manifest(tool(server))

    assert refused.value.what == f"{server.name} gave no token"
    assert server.paths() == ["/v2/team/tool/manifests/1", "/token"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2"])
def test_a_token_server_on_another_host_over_plain_http_is_not_asked(guarded, at, tool, serve, host):
    guard, server = guarded
    thief = serve(lambda seen: reply({"token": "t"}))
    guard.realm = f"http://{host}:{thief.port}/token"

    with pytest.raises(RegistryError) as refused:
        at(server, ANA).manifest(tool(server))

    assert refused.value.what == (f"{server.name} names a token server that is not allowed: plain HTTP to {host}")
    assert thief.seen == []


def test_a_token_server_at_another_port_of_the_loopback_is_asked(guarded, at, tool, serve):
    guard, server = guarded
    guard.knows = lambda seen: seen.authorization == BASIC
    realm = serve(guard)
    guard.realm = f"http://{realm.name}/token"

    at(server, ANA).manifest(tool(server))

    assert realm.paths() == ["/token"]


def test_docker_io_gets_its_tokens_from_another_host_over_tls(guarded, at, elsewhere, shelf):
    guard, _ = guarded
    guard.realm = "https://auth.docker.io/token"
    guard.knows = lambda seen: seen.authorization == BASIC
    server, proxy, env = elsewhere(guard)

    found = at("docker.io", ANA, env).digest(parse("docker.io/team/tool:1"))

    assert found in shelf.manifests
    assert [(each.headers["host"], each.authorization) for each in server.seen] == [
        ("registry-1.docker.io", ""),
        ("auth.docker.io", BASIC),
        ("registry-1.docker.io", "Bearer token-0"),
    ]
    assert [host for host, _ in proxy.asked] == ["registry-1.docker.io:443", "auth.docker.io:443"]


def test_a_public_registry_cannot_name_this_machine_as_token_server(guarded, at, elsewhere, serve):
    guard, _ = guarded
    here = serve(lambda seen: reply({"token": "t"}))
    guard.realm = f"http://{here.name}/token"
    _, _, env = elsewhere(guard)

    with pytest.raises(RegistryError, match=r"not allowed: 127\.0\.0\.1 is this machine"):
        at("registry.example", ANA, env).digest(parse("registry.example/team/tool:1"))
    assert here.seen == []


def test_a_token_in_an_error_response_is_ignored(guarded, at, tool, serve):
    guard, _ = guarded
    server = serve(lambda seen: (404, {}, b'{"token": "t"}') if seen.path == "/token" else guard(seen))

    with pytest.raises(RegistryError, match=r"gave no token \(HTTP 404\)"):
        at(server).manifest(tool(server))


def test_a_redirect_of_the_token_server_is_not_followed(guarded, at, tool, serve):
    guard, _ = guarded
    other = serve(lambda seen: reply({"token": "t"}))
    moved = 302, {"Location": f"http://{other.name}/token"}, b""
    server = serve(lambda seen: moved if seen.path == "/token" else guard(seen))

    with pytest.raises(RegistryError, match=r"gave no token \(HTTP 302\)"):
        at(server, ANA).manifest(tool(server))
    assert other.seen == []


def test_a_challenge_after_a_redirect_gets_no_credentials(at, tool, serve):
    thief = serve(lambda seen: asks_for('Basic realm="r"'))
    server = serve(lambda seen: (307, {"Location": f"http://{thief.name}{seen.path}"}, b""))

    with pytest.raises(RegistryError, match="refuses this login"):
        at(server, ANA).manifest(tool(server))
    assert [each.authorization for each in thief.seen] == [""]


def test_netrc_is_not_read(serve, at, tool, shelf, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ana password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ana password secret\n")
    shelf.image("1")
    other = serve(shelf)
    server = serve(lambda seen: (307, {"Location": f"http://{other.name}{seen.path}"}, b""))

    at(server).manifest(tool(server))

    assert [each.authorization for each in (*server.seen, *other.seen)] == ["", ""]


def test_cookies_are_not_stored(serve, at, tool, shelf):
    shelf.image("1")

    def with_cookie(seen):
        status, headers, body = shelf(seen)
        return status, headers | {"Set-Cookie": "who=ana"}, body

    server = serve(with_cookie)
    registry = at(server)
    registry.manifest(tool(server))
    registry.manifest(tool(server))

    assert ["cookie" in each.headers for each in server.seen] == [False, False]
