"""The mirrors of Docker Hub in the files of docker and podman, whatever these hold."""

import pytest

from launcher.engine.mirror_files import configured_mirrors
from launcher.registry.registry_url import mirror_hosts

DOCKER, PODMAN, MORE = "docker/daemon.json", "containers/registries.conf", "containers/registries.conf.d"


def of(location, name="docker.io", **more):
    lines = "".join(f"{key} = {value}\n" for key, value in more.items())
    return f'[[registry]]\nlocation = "{name}"\n[[registry.mirror]]\nlocation = "{location}"\n{lines}'


CASES = {
    "none": ({}, []),
    "docker": ({f"etc/{DOCKER}": '{"registry-mirrors": ["https://a", "https://b/"]}'}, ["https://a", "https://b/"]),
    "rootless docker, before the system's": ({f"home/.config/{DOCKER}": '{"registry-mirrors": ["https://a"]}', f"etc/{DOCKER}": '{"registry-mirrors": ["https://b", "https://a"]}'}, ["https://a", "https://b"]),
    "podman": ({f"etc/{PODMAN}": of("a:5000")}, ["https://a:5000"]),
    "podman, over http": ({f"etc/{PODMAN}": of("a", insecure="true")}, ["http://a"]),
    "podman, the user's own in its place": ({f"etc/{PODMAN}": of("a"), f"home/.config/{PODMAN}": of("b")}, ["https://b"]),
    "podman, additions": ({f"etc/{PODMAN}": of("a"), f"etc/{MORE}/1.conf": of("b"), f"etc/{MORE}/2.txt": of("c"), f"home/.config/{MORE}/0.conf": of("d")}, ["https://a", "https://b", "https://d"]),
    "podman, by prefix": ({f"etc/{PODMAN}": 'prefix = 1\n[[registry]]\nprefix = "docker.io"\nlocation = "x"\n[[registry.mirror]]\nlocation = "a"\n'}, ["https://a"]),
    "another registry's": ({f"etc/{PODMAN}": of("a", "quay.io")}, []),
    "invalid files": ({f"etc/{DOCKER}": "{", f"etc/{PODMAN}": "[["}, []),
    "files of another kind": ({f"etc/{DOCKER}": '{"registry-mirrors": {"a": 1}}', f"etc/{PODMAN}": "registry = 3\n"}, []),
    "members of another kind": ({f"etc/{DOCKER}": '{"registry-mirrors": [1, null, "https://a"]}', f"etc/{PODMAN}": 'registry = [3, {location = "docker.io", mirror = 7}]\n'}, ["https://a"]),
}  # fmt: skip


@pytest.mark.parametrize(("files", "urls"), CASES.values(), ids=CASES)
def test_mirrors_are_read_from_the_files_of_engines(tmp_path, files, urls):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    assert configured_mirrors({}, str(tmp_path / "home"), str(tmp_path / "etc")) == urls


def test_the_variables_of_docker_and_podman_are_respected(tmp_path):
    (tmp_path / "c/docker").mkdir(parents=True)
    (tmp_path / "c" / DOCKER).write_text('{"registry-mirrors": ["https://a"]}')
    (tmp_path / "r.conf").write_text(of("b"))
    env = {"XDG_CONFIG_HOME": str(tmp_path / "c"), "CONTAINERS_REGISTRIES_CONF": str(tmp_path / "r.conf")}

    assert configured_mirrors(env, "/nowhere", str(tmp_path)) == ["https://a", "https://b"]


def test_only_mirrors_that_are_spoken_to_as_registries_are_used():
    urls = ["https://a", "http://b", "http://127.0.0.1:5000/", "https://127.0.0.1", "https://c/hub", "https://", "d"]

    assert mirror_hosts(urls) == ["a", "127.0.0.1:5000"]
