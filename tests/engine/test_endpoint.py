import hashlib
import json
import socket

import pytest

from launcher.engine.endpoint import Endpoint, find_endpoint, probe_socket, read_docker_config, remote_engine
from launcher.engine.named_endpoint import Tls
from launcher.errors import EngineError

DOCKER = "/var/run/docker.sock"


def answering(*paths):
    return lambda path: "" if path in paths else "no such file or directory"


def nothing_is_asked(path):
    raise AssertionError(path)


@pytest.fixture
def home(tmp_path):
    (tmp_path / ".docker").mkdir()
    return tmp_path


def a_context(home, name, host, *, skip=False, tls=()):
    key = hashlib.sha256(name.encode()).hexdigest()
    meta = home / ".docker/contexts/meta" / key
    meta.mkdir(parents=True)
    endpoint = {"Host": host, "SkipTLSVerify": skip}
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": endpoint}}))
    folder = home / ".docker/contexts/tls" / key / "docker"
    folder.mkdir(parents=True)
    for file in tls:
        (folder / file).write_text("")
    return folder


def use(home, name):
    (home / ".docker/config.json").write_text(json.dumps({"currentContext": name}))


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({"DOCKER_HOST": "tcp://h:2375"}, Endpoint("tcp://h:2375", None, "DOCKER_HOST")),
        ({"DOCKER_HOST": "h:1"}, Endpoint("tcp://h:1", None, "DOCKER_HOST")),
        ({"DOCKER_HOST": "tcp://h"}, Endpoint("tcp://h:2375", None, "DOCKER_HOST")),
        ({"DOCKER_HOST": "tcp://[::1]"}, Endpoint("tcp://[::1]:2375", None, "DOCKER_HOST")),
        ({"DOCKER_HOST": "ssh://me@h"}, Endpoint("ssh://me@h", None, "DOCKER_HOST")),
        ({"DOCKER_HOST": "unix://"}, Endpoint("unix:///var/run/docker.sock", None, "DOCKER_HOST")),
        ({"DOCKER_HOST": "tcp://h:1", "DOCKER_CERT_PATH": "/c"}, Endpoint("tcp://h:1", None, "DOCKER_HOST")),
        (
            {"DOCKER_HOST": "tcp://h", "DOCKER_CERT_PATH": "/c", "DOCKER_TLS_VERIFY": "0"},
            Endpoint("tcp://h:2376", Tls("/c/ca.pem", "/c/cert.pem", "/c/key.pem", verify=True), "DOCKER_HOST"),
        ),
        (
            {"DOCKER_HOST": "tcp://h:9", "DOCKER_TLS": "1", "DOCKER_CONFIG": "/d"},
            Endpoint("tcp://h:9", Tls("/d/ca.pem", "/d/cert.pem", "/d/key.pem", verify=False), "DOCKER_HOST"),
        ),
    ],
)
def test_docker_host_is_read_like_docker_does(env, expected):
    assert find_endpoint(env, "/home/ana", 1000, probe=answering(DOCKER)) == expected


NO_ADDRESSES = [
    *(
        "gopher://x",
        "ssh://",
        "fd://",
        "npipe:////./pipe/x",
        "http://[",
        "tcp://[",
        "tcp://]",
        "tcp://[::1",
        "tcp://[::1]x",
    ),
    *(
        "tcp://[]:1",
        "tcp://[zz]:1",
        "tcp://h:abc",
        "tcp://h:99999",
        "tcp://h:-1",
        "tcp://h:",
        "tcp://:",
        "tcp://h/path",
    ),
    *(
        "tcp://user@h",
        "tcp://u:p@h:1",
        "tcp://h:1:2",
        "::1",
        "ssh://[",
        "ssh://h:abc",
        "ssh://h:99999",
        "ssh://@",
        "ssh:///s",
    ),
    *(
        "ssh://h /x",
        "https://[::1",
        "tcp://h\x01:1",
        "tcp://h h:1",
        "tcp://%zz:1",
        "\udcff",
        "tcp://h?x=1",
        "tcp://h#f",
    ),
    *("/var/run/docker.sock", "tcp:/h", "tcp://h:²", "tcp://h:" + "1" * 5000, "tcp://[::1]:", "unix:///a\0b"),
]


@pytest.mark.parametrize("host", NO_ADDRESSES)
def test_an_invalid_address_is_refused_and_named(host):
    with pytest.raises(EngineError) as refused:
        find_endpoint({"DOCKER_HOST": host}, "/home/ana", 1000, probe=nothing_is_asked)

    assert refused.value.line.startswith(
        f"applaunch: DOCKER_HOST: {host!r} is not an engine's address; such as unix://"
    )


@pytest.mark.parametrize("host", NO_ADDRESSES)
def test_the_host_of_a_context_is_checked_like_docker_host(home, host):
    a_context(home, "odd", host)

    with pytest.raises(EngineError) as refused:
        find_endpoint({"DOCKER_CONTEXT": "odd"}, str(home), 1000, probe=nothing_is_asked)

    assert refused.value.line.startswith("applaunch: docker context 'odd': ")
    assert "is not an engine's address; such as unix://" in refused.value.line


@pytest.mark.parametrize("host", [None, 7, ["tcp://h"], {}])
def test_a_context_whose_host_is_not_text_cannot_be_read(home, host):
    a_context(home, "odd", host)

    with pytest.raises(EngineError, match="the docker context 'odd' cannot be read"):
        find_endpoint({"DOCKER_CONTEXT": "odd"}, str(home), 1000, probe=nothing_is_asked)


def test_a_context_name_that_is_not_text_is_ignored(home):
    with pytest.raises(EngineError, match="there is no docker context"):
        find_endpoint({"DOCKER_CONTEXT": "\udcff"}, str(home), 1000, probe=nothing_is_asked)


def test_docker_host_wins_over_both_kinds_of_context(home):
    use(home, "chosen")
    env = {"DOCKER_HOST": "tcp://h:1", "DOCKER_CONTEXT": "named"}

    assert find_endpoint(env, str(home), 1000, probe=nothing_is_asked).host == "tcp://h:1"


def test_docker_context_wins_over_context_use(home):
    use(home, "chosen")
    a_context(home, "chosen", "tcp://chosen:1")
    a_context(home, "named", "tcp://named:1")

    assert find_endpoint({"DOCKER_CONTEXT": "named"}, str(home), 1000).host == "tcp://named:1"
    assert find_endpoint({}, str(home), 1000) == Endpoint("tcp://chosen:1", None, "docker context 'chosen'")


def test_a_context_brings_its_tls_files(home):
    folder = a_context(home, "work", "tcp://work:2376", tls=["ca.pem", "cert.pem", "key.pem"])
    tls = Tls(f"{folder}/ca.pem", f"{folder}/cert.pem", f"{folder}/key.pem", verify=True)

    assert find_endpoint({"DOCKER_CONTEXT": "work"}, str(home), 1000).tls == tls


def test_the_default_context_means_the_default_socket(home):
    use(home, "work")

    assert (
        find_endpoint({"DOCKER_CONTEXT": "default"}, str(home), 1000, probe=answering(DOCKER)).host
        == f"unix://{DOCKER}"
    )


@pytest.mark.parametrize(
    ("env", "line"),
    [
        (
            {"DOCKER_CONTEXT": "gone"},
            "applaunch: DOCKER_CONTEXT: there is no docker context 'gone'; docker context ls, or unset DOCKER_CONTEXT",
        ),
        (
            {},
            (
                "applaunch: docker context use: there is no docker context 'gone'; "
                "docker context ls, or docker context use default"
            ),
        ),
    ],
)
def test_an_unknown_context_is_an_error_and_never_the_default_socket(home, env, line):
    use(home, "gone")

    with pytest.raises(EngineError) as refused:
        find_endpoint(env, str(home), 1000, probe=answering(DOCKER))

    assert refused.value.line == line


@pytest.mark.parametrize("text", ["", "[]", "{", '{"currentContext": 7}', "\xff", '{"currentContext": "default"}'])
def test_an_unreadable_config_selects_no_context(home, text):
    (home / ".docker/config.json").write_text(text, encoding="latin-1")

    assert find_endpoint({}, str(home), 1000, probe=answering(DOCKER)).host == f"unix://{DOCKER}"
    assert isinstance(read_docker_config({}, str(home)), dict)


def test_a_context_whose_file_is_broken_is_an_error(home):
    folder = home / ".docker/contexts/meta" / hashlib.sha256(b"bad").hexdigest()
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text('{"Endpoints": []}')

    with pytest.raises(EngineError, match="the docker context 'bad' cannot be read"):
        find_endpoint({"DOCKER_CONTEXT": "bad"}, str(home), 1000)


@pytest.mark.parametrize(
    "path",
    [
        "/var/run/docker.sock",
        "/run/user/1000/docker.sock",
        "/home/ana/.docker/run/docker.sock",
        "/home/ana/.docker/desktop/docker.sock",
        "/home/ana/.colima/default/docker.sock",
        "/home/ana/.orbstack/run/docker.sock",
        "/run/user/1000/podman/podman.sock",
        "/run/podman/podman.sock",
        "/state/engine.sock",
    ],
)
def test_an_engine_is_found_at_the_usual_sockets(path):
    found = find_endpoint(
        {"XDG_RUNTIME_DIR": "/run/user/1000"}, "/home/ana", 1000, "/state/engine.sock", answering(path)
    )

    assert found.host == f"unix://{path}"
    assert found.socket == path
    assert found.origin


def test_the_first_socket_that_answers_is_used():
    env = {"XDG_RUNTIME_DIR": "/r"}

    found = find_endpoint(env, "/h", 1000, "/mine", answering("/mine", "/r/podman/podman.sock", "/r/docker.sock"))

    assert found == Endpoint("unix:///r/docker.sock", None, "rootless docker's socket")


def test_without_an_engine_one_line_says_what_to_type():
    with pytest.raises(EngineError) as nothing:
        find_endpoint({}, "/h", 1000, "", answering())

    assert nothing.value.line.startswith("applaunch: engine: no container engine answers; ")


def test_a_socket_without_permission_is_named_if_nothing_else_answers():
    def shut(path):
        return "permission denied" if path == DOCKER else "no such file or directory"

    with pytest.raises(EngineError) as nothing:
        find_endpoint({}, "/h", 1000, "", shut)

    assert "you have no access to unix:///var/run/docker.sock; sudo usermod -aG docker $USER" in nothing.value.line


def test_a_named_socket_that_refuses_is_an_error_and_not_another_engine(tmp_path):
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))  # bound and never listening: it refuses

    with pytest.raises(EngineError) as refused:
        find_endpoint({"DOCKER_HOST": f"unix://{path}"}, "/h", 1000)

    assert refused.value.line == (
        f"applaunch: engine: cannot connect to unix://{path}: connection refused; "
        "is the engine running? start it, or unset DOCKER_HOST"
    )


def test_probe_socket_says_why_a_socket_does_not_answer(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()

        assert probe_socket(str(tmp_path / "s")) == ""
    assert probe_socket(str(tmp_path / "s")) == "connection refused"
    assert probe_socket(str(tmp_path / "none")) == "no such file or directory"
    assert probe_socket("/" + "x" * 200) == "af_unix path too long"


@pytest.mark.parametrize(
    ("env", "address"),
    [
        ({}, ""),
        ({"DOCKER_HOST": "unix:///run/x.sock"}, ""),
        ({"DOCKER_HOST": "ssh://me@far"}, "ssh://me@far"),
        ({"DOCKER_HOST": "far:2375"}, "tcp://far:2375"),
        ({"DOCKER_CONTEXT": "far"}, "ssh://far"),
        ({"DOCKER_CONTEXT": "near"}, ""),
        ({"DOCKER_CONTEXT": "default"}, ""),
    ],
)
def test_a_chosen_engine_that_is_not_a_local_socket_is_remote(home, env, address):
    a_context(home, "far", "ssh://far")
    a_context(home, "near", "unix:///run/near.sock")

    assert remote_engine(env, str(home)) == address


def test_the_context_in_use_may_be_remote(home):
    a_context(home, "far", "ssh://far")
    use(home, "far")

    assert remote_engine({}, str(home)) == "ssh://far"
