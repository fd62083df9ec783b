import json

import pytest

from launcher.core.values.limits import Ulimit
from launcher.core.values.mount import Mount
from launcher.core.values.port import Port
from launcher.core.values.run_spec import RunSpec
from launcher.engine.create_body import container_body
from launcher.errors import CannotRunError


def test_the_request_for_a_plain_spec():
    assert container_body(RunSpec("jq"), "docker") == {
        "Image": "jq",
        "Entrypoint": None,
        "Cmd": None,
        "User": "",
        "WorkingDir": "",
        "Env": [],
        "Tty": False,
        "OpenStdin": True,
        "StdinOnce": True,
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "Hostname": "",
        "StopSignal": None,
        "Labels": {},
        "ExposedPorts": {},
        "NetworkDisabled": False,
        "HostConfig": {
            "AutoRemove": True,
            "LogConfig": {"Type": "none", "Config": {}},
            "Init": True,
            "NetworkMode": "bridge",
            "Mounts": [],
            "Binds": [],
            "Tmpfs": {},
            "PortBindings": {},
            "UsernsMode": "",
            "GroupAdd": [],
            "CapAdd": [],
            "CapDrop": [],
            "SecurityOpt": [],
            "ReadonlyRootfs": False,
            "Dns": [],
            "ExtraHosts": [],
            "Ulimits": [],
            "ConsoleSize": [0, 0],
        },
    }


def test_the_request_contains_every_field():
    spec = RunSpec(
        image="x",
        entrypoint=("e",),
        command=("c", ""),
        mounts=(
            Mount("/a:1", "/b", read_only=True),
            Mount("v", "/v", kind="volume"),
            Mount("/s", "/t", True, True, "Z"),
        ),
        tmpfs=(("/run", "size=1m"),),
        user="1:2",
        userns_mode="keep-id",
        group_add=("3",),
        working_dir="/w",
        environment=(("A", "1=2"), ("B", "")),
        network_mode="none",
        hosts=Mount("/h", "/etc/hosts", read_only=True),
        ports=(Port(80, 8080), Port(80, 0, "::1"), Port(53, 53, protocol="udp")),
        tty=True,
        stdin=False,
        init=False,
        read_only=True,
        cap_add=("NET_ADMIN",),
        cap_drop=("ALL",),
        security_opt=("no-new-privileges:true",),
        shm_size=64,
        ulimits=(Ulimit("nofile", 1, 2),),
        mem_limit=128,
        cpus=1.5,
        pids_limit=7,
        stop_signal="SIGINT",
        hostname="h",
        dns=("9.9.9.9",),
        extra_hosts=("db:10.0.0.2",),
        labels=(("a", "b"),),
        size=(24, 80),
    )

    request = container_body(spec, "docker")

    config = request.pop("HostConfig")
    assert request == {
        "Image": "x",
        "Entrypoint": ["e"],
        "Cmd": ["c", ""],
        "User": "1:2",
        "WorkingDir": "/w",
        "Env": ["A=1=2", "B="],
        "Tty": True,
        "OpenStdin": False,
        "StdinOnce": False,
        "AttachStdin": False,
        "AttachStdout": True,
        "AttachStderr": True,
        "Hostname": "h",
        "StopSignal": "SIGINT",
        "Labels": {"a": "b"},
        "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
        "NetworkDisabled": True,
    }
    assert config == {
        "AutoRemove": True,
        "LogConfig": {"Type": "none", "Config": {}},
        "Init": False,
        "NetworkMode": "none",
        "Mounts": [
            {"Type": "bind", "Source": "/a:1", "Target": "/b", "ReadOnly": True},
            {"Type": "volume", "Source": "v", "Target": "/v", "ReadOnly": False},
            {"Type": "bind", "Source": "/h", "Target": "/etc/hosts", "ReadOnly": True},
        ],
        "Binds": ["/s:/t:Z,ro"],
        "Tmpfs": {"/run": "size=1m"},
        "PortBindings": {
            "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}, {"HostIp": "::1", "HostPort": ""}],
            "53/udp": [{"HostIp": "127.0.0.1", "HostPort": "53"}],
        },
        "UsernsMode": "keep-id",
        "GroupAdd": ["3"],
        "CapAdd": ["NET_ADMIN"],
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges:true"],
        "ReadonlyRootfs": True,
        "Dns": ["9.9.9.9"],
        "ExtraHosts": ["db:10.0.0.2"],
        "Ulimits": [{"Name": "nofile", "Soft": 1, "Hard": 2}],
        "ConsoleSize": [24, 80],
        "Memory": 128,
        "NanoCpus": 1_500_000_000,
        "PidsLimit": 7,
        "ShmSize": 64,
    }


def test_the_request_is_json():
    assert json.loads(json.dumps(container_body(RunSpec("x", command=("ñ", "🎬", "\n")), "docker"))) == container_body(
        RunSpec("x", command=("ñ", "🎬", "\n")), "docker"
    )


def test_an_empty_command_differs_from_none():
    assert (
        container_body(RunSpec("x", command=()), "docker")["Cmd"],
        container_body(RunSpec("x"), "docker")["Cmd"],
    ) == ([], None)


def test_the_console_size_is_sent_only_with_a_terminal():
    assert container_body(RunSpec("x", size=(24, 80)), "docker")["HostConfig"]["ConsoleSize"] == [0, 0]


@pytest.mark.parametrize(
    ("name", "form"), [("plain", "Binds"), ("a,b", "Binds"), ('a"b', "Binds"), ("a\nb", "Binds"), ("a:b", "Mounts")]
)
def test_podman_gets_each_folder_in_a_form_that_can_express_its_name(name, form):
    spec = RunSpec("x", mounts=(Mount(f"/{name}", "/w", read_only=True),))

    config = container_body(spec, "podman")["HostConfig"]

    assert config[form] == ([f"/{name}:/w:ro"] if form == "Binds" else [_form(f"/{name}")])
    assert container_body(spec, "docker")["HostConfig"]["Mounts"] == [_form(f"/{name}")]


def _form(source):
    return {"Type": "bind", "Source": source, "Target": "/w", "ReadOnly": True}


def test_a_folder_name_that_podman_cannot_express_is_refused():
    with pytest.raises(CannotRunError):
        container_body(RunSpec("x", mounts=(Mount("/a:b,c", "/w"),)), "podman")
