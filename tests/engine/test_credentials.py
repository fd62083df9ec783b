import base64
import json

import pytest

from launcher.core.values.reference import parse
from launcher.engine.credentials import ANONYMOUS, Login, find_login

HUB = parse("jq")
GHCR = parse("ghcr.io/team/tool")


def basic(name, password):
    return {"auth": base64.b64encode(f"{name}:{password}".encode()).decode()}


@pytest.fixture
def home(tmp_path):
    (tmp_path / ".docker").mkdir()
    (tmp_path / "bin").mkdir()
    return tmp_path


@pytest.fixture
def docker(home):
    return lambda config: (home / ".docker/config.json").write_text(
        config if isinstance(config, str) else json.dumps(config)
    )


@pytest.fixture
def helper(home, monkeypatch):
    def make(name, script):
        path = home / "bin" / f"docker-credential-{name}"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    monkeypatch.setenv("PATH", f"{home}/bin:/usr/bin:/bin")  # docker-py looks the helper up on PATH
    return make


def ask(ref, home, **env):
    return find_login(ref, {"XDG_RUNTIME_DIR": f"{home}/run", **env}, str(home), 1000)


def test_without_configuration_the_login_is_anonymous(home):
    assert ask(HUB, home) == ANONYMOUS


@pytest.mark.parametrize("key", ["https://index.docker.io/v1/", "docker.io", "index.docker.io", "https://docker.io"])
def test_docker_hub_is_found_under_each_of_its_names(home, docker, key):
    docker({"auths": {key: basic("ana", "pass:word")}})

    assert ask(HUB, home).fields == {"username": "ana", "password": "pass:word", "serveraddress": key}


def test_a_login_for_one_registry_is_not_sent_to_another(home, docker):
    docker({"auths": {"ghcr.io": basic("ana", "x"), "ghcr.io.evil.example": basic("eve", "y")}})

    assert ask(HUB, home) == ANONYMOUS
    assert ask(GHCR, home).fields["username"] == "ana"
    assert ask(parse("ghcr.io.evil/x/y"), home) == ANONYMOUS


def test_an_identity_token_is_sent(home, docker):
    docker({"auths": {"ghcr.io": {**basic("ana", ""), "identitytoken": "tok"}}})

    assert ask(GHCR, home).fields == {"identitytoken": "tok", "serveraddress": "ghcr.io"}


def test_a_plain_user_and_password_are_read(home, docker):
    docker({"auths": {"ghcr.io": {"username": "ana", "password": "x"}}})

    assert ask(GHCR, home).fields["password"] == "x"


@pytest.mark.parametrize("broken", [{"auth": "%%%"}, "text", 7, None, {"auth": 7}, {"username": "ana"}])
def test_a_broken_login_makes_the_pull_anonymous_and_is_recorded(home, docker, broken):
    docker({"auths": {"ghcr.io": broken}})

    found = ask(GHCR, home)

    assert found == Login({}, "the login for ghcr.io cannot be read")


def test_a_broken_login_does_not_hide_the_others(home, docker):
    docker({"auths": {"quay.io": "text", "ghcr.io": basic("ana", "x")}})

    assert ask(GHCR, home).fields["username"] == "ana"


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"auths": []}', '{"auths": null}', '{"credsStore": ""}'])
def test_an_invalid_config_gives_an_anonymous_login(home, docker, text):
    docker(text)

    assert ask(GHCR, home).fields == {}


def test_a_credential_helper_is_asked_for_its_registry(home, docker, helper):
    helper("safe", """read host; echo "{\\"Username\\": \\"ana\\", \\"Secret\\": \\"from $host\\"}" """)
    docker({"credHelpers": {"ghcr.io": "safe"}, "auths": {"ghcr.io": basic("old", "old")}})

    assert ask(GHCR, home).fields == {"username": "ana", "password": "from ghcr.io", "serveraddress": "ghcr.io"}
    assert ask(HUB, home) == ANONYMOUS


def test_the_file_is_used_if_the_credential_store_has_no_login(home, docker, helper):
    helper("safe", "echo 'credentials not found in native keychain'; exit 1")
    docker({"credsStore": "safe", "auths": {"ghcr.io": basic("ana", "x")}})

    assert ask(GHCR, home).fields["username"] == "ana"
    assert ask(GHCR, home).error == ""


@pytest.mark.parametrize("script", ["echo the keyring is locked; exit 1", "echo not json", "kill -9 $$"])
def test_a_failing_helper_never_stops_a_pull(home, docker, helper, script):
    helper("safe", script)
    docker({"credsStore": "safe"})

    found = ask(HUB, home)

    assert found.fields == {}
    assert found.error


def test_a_missing_helper_is_recorded_by_name(home, docker):
    docker({"credsStore": "nowhere"})

    assert "docker-credential-nowhere" in ask(HUB, home).error


@pytest.mark.parametrize("place", ["run/containers/auth.json", ".config/containers/auth.json"])
def test_podmans_logins_are_used_if_docker_has_none(home, place):
    (home / place).parent.mkdir(parents=True)
    (home / place).write_text(json.dumps({"auths": {"ghcr.io": basic("ana", "x")}}))

    assert ask(GHCR, home).fields["username"] == "ana"


def test_podmans_login_for_a_repository_wins_over_that_for_its_registry(home):
    auths = {"ghcr.io": basic("all", "x"), "ghcr.io/team": basic("team", "x"), "ghcr.io/tea": basic("tea", "x")}
    (home / "auth.json").write_text(json.dumps({"auths": auths}))
    env = {"REGISTRY_AUTH_FILE": f"{home}/auth.json"}

    assert ask(GHCR, home, **env).fields["username"] == "team"
    assert ask(parse("ghcr.io/other/x"), home, **env).fields["username"] == "all"


def test_docker_auth_config_in_the_environment_comes_first(home, docker):
    docker({"auths": {"ghcr.io": basic("file", "x")}})

    found = ask(GHCR, home, DOCKER_AUTH_CONFIG=json.dumps({"auths": {"ghcr.io": basic("ci", "x")}}))

    assert found.fields["username"] == "ci"
