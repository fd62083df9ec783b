import socket

import pytest

from launcher.core.run.engine_traits import EngineTraits
from launcher.engine.detect_traits import cached_traits, detect, forget_traits, parse_traits
from launcher.engine.endpoint import Endpoint

FOUND = EngineTraits(version="20.10.24", arch="x86_64")


class Counting:
    def __init__(self, *answers):
        self.answers = list(answers)

    def __call__(self):
        return self.answers.pop(0)


@pytest.fixture
def listening(tmp_path):
    def listen():
        path = tmp_path / "docker.sock"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
        return Endpoint(f"unix://{path}")

    return listen


@pytest.mark.parametrize(
    ("ping", "info", "expected"),
    [
        ({}, {"SecurityOptions": ["name=seccomp,profile=default"]}, EngineTraits()),
        ({"Libpod-Api-Version": "4.3.1"}, {"Rootless": True}, EngineTraits(flavour="podman", rootless=True)),
        ({"Server": "Libpod/5.8.6 (linux)"}, {}, EngineTraits(flavour="podman")),
        ({}, {"SecurityOptions": ["name=rootless"]}, EngineTraits(rootless=True)),
        ({}, {"SecurityOptions": ["name=userns"]}, EngineTraits(userns=True)),
        ({}, {"SecurityOptions": ["name=selinux"]}, EngineTraits(selinux=True)),
        ({}, {"OperatingSystem": "Docker Desktop", "SecurityOptions": None}, EngineTraits(desktop=True)),
        ({}, {"Architecture": "aarch64", "OSType": "linux"}, EngineTraits(arch="aarch64")),
    ],
)
def test_each_trait_is_read_from_the_engines_answers(ping, info, expected):
    assert parse_traits("1.41", ping, info) == expected


def test_an_unchanged_engine_is_asked_only_once(listening, tmp_path):
    endpoint, ask = listening(), Counting(FOUND)

    assert [cached_traits(endpoint, f"{tmp_path}/cache", ask) for _ in range(3)] == [FOUND] * 3


def test_a_restarted_engine_is_asked_again(listening, tmp_path):
    ask = Counting(FOUND, FOUND._replace(version="29.0"))
    cached_traits(listening(), str(tmp_path), ask)

    assert cached_traits(listening(), str(tmp_path), ask).version == "29.0"


def test_an_engine_with_a_new_pid_file_is_asked_again(listening, tmp_path):
    endpoint, ask = listening(), Counting(FOUND, FOUND._replace(version="29.0"))
    (tmp_path / "docker.pid").write_text("1")
    cached_traits(endpoint, str(tmp_path / "cache"), ask)
    (tmp_path / "docker.pid").write_text("2")

    assert cached_traits(endpoint, str(tmp_path / "cache"), ask).version == "29.0"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"engine": 1, "traits": 2}', "{" * 100_000])
def test_a_damaged_cache_file_is_ignored(listening, tmp_path, text):
    endpoint = listening()
    cached_traits(endpoint, str(tmp_path / "cache"), Counting(FOUND))
    [file] = (tmp_path / "cache").iterdir()
    file.write_text(text)

    assert cached_traits(endpoint, str(tmp_path / "cache"), Counting(FOUND)) == FOUND


def test_an_unwritable_cache_folder_only_costs_time(listening, tmp_path):
    (tmp_path / "file").write_text("")

    assert cached_traits(listening(), f"{tmp_path}/file/cache", Counting(FOUND)) == FOUND


def test_a_remote_engine_is_asked_every_time(tmp_path):
    ask = Counting(FOUND, FOUND)

    assert [cached_traits(Endpoint("tcp://h:1"), str(tmp_path), ask) for _ in "ab"] == [FOUND, FOUND]
    assert list(tmp_path.iterdir()) == []


def test_forgotten_traits_are_detected_again(listening, tmp_path):
    endpoint, ask = listening(), Counting(FOUND, FOUND)
    folder = str(tmp_path / "cache")
    cached_traits(endpoint, folder, ask)
    forget_traits(endpoint, folder)
    forget_traits(endpoint, folder)

    cached_traits(endpoint, folder, ask)
    assert ask.answers == []


def test_traits_round_trip_through_json_and_other_json_is_rejected():
    assert EngineTraits.from_json(FOUND.to_json()) == FOUND
    for wrong in ({}, FOUND.to_json() | {"more": 1}, FOUND.to_json() | {"rootless": "no"}):
        with pytest.raises(ValueError):
            EngineTraits.from_json(wrong)


@pytest.mark.engine
def test_a_real_engine_reports_its_traits(client):
    traits = detect(client)

    assert traits.flavour in {"docker", "podman"}
    assert traits.os == "linux"
    assert traits.arch in {"x86_64", "amd64", "aarch64", "arm64"}
    assert traits.version[0].isdigit()
    assert traits.api == client.api_version
