"""Compose services, whalebrew packages and image labels as entries."""

import pytest

from launcher.core.catalog.keys import KEYS, NOT_YET
from launcher.core.imports.compose.compose_keys import FILE, NOT_CARRIED
from launcher.core.imports.compose.compose_services import FIELDS, from_compose
from launcher.core.imports.labels import whalebrew
from launcher.core.imports.labels.image_labels import from_labels
from launcher.core.values.invalid_value import InvalidValueError
from tests.core.imports.docker.test_run_flags import PAGE
from tests.core.imports.texts import ANA


def service(**keys):
    """Return the proposal of one service."""
    (one,) = from_compose({"services": {"x": {"image": "y", **keys}}}, "compose.yaml", ANA).proposals
    return one


def said(**keys):
    """Return the keys that one service makes, those left out that every service makes."""
    every = {"image": "docker.io/library/y:latest", "user": "image", "mount_cwd": "none", "path_args": "none"}
    return {key: value for key, value in service(**keys).table.items() if every.get(key) != value}


def lost(**keys):
    return {note.part: note.why for note in service(**keys).notes if note.fate == "refused"}


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"command": "sh -c 'echo \"$$A\"'"}, {"command": ["sh", "-c", 'echo "$A"']}),
        ({"command": ["a", "b c"], "entrypoint": "e f"}, {"command": ["a", "b c"], "entrypoint": ["e", "f"]}),
        ({"command": None, "entrypoint": []}, {"entrypoint": []}),
        ({"environment": {"A": 1, "B": None, "C": True}}, {"environment": ["A=1", "B", "C=true"]}),
        ({"environment": ["A=1", "B", "C=$D", "E=${F:-g}"]}, {"environment": ["A=1", "B", "C=${D:-}", "E=${F:-g}"]}),
        (
            {"volumes": ["./data:/data:ro", "../up:/up", "~/x:/x", "named:/n"]},
            {"volumes": ["/home/ana/project/data:/data:ro", "/home/ana/up:/up", "~/x:/x", "named:/n"]},
        ),
        ({"volumes": ["${PWD}:/work"], "working_dir": "/work"}, {"mount_cwd": "rw", "working_dir": "/work"}),
        (
            {
                "volumes": [
                    {
                        "type": "bind",
                        "source": ".",
                        "target": "/a",
                        "read_only": True,
                        "bind": {"selinux": "z", "create_host_path": False},
                    }
                ]
            },
            {"volumes": ["/home/ana/project:/a:ro,z"]},
        ),
        (
            {"volumes": [{"type": "tmpfs", "target": "/t", "tmpfs": {"size": 100, "mode": 0o700}}]},
            {"tmpfs": ["/t:size=100,mode=700"]},
        ),
        (
            {"ports": ["8080:80", 9000, {"target": 80, "published": "81", "host_ip": "0.0.0.0", "protocol": "udp"}]},
            {"ports": ["8080:80", "9000", "0.0.0.0:81:80/udp"]},
        ),
        ({"user": "${UID:-1000}:${GID:-1000}"}, {"user": "${UID:-1000}:${GID:-1000}"}),
        (
            {"extra_hosts": {"a": "1.2.3.4"}, "dns": "9.9.9.9", "tmpfs": "/run"},
            {"extra_hosts": ["a:1.2.3.4"], "dns": ["9.9.9.9"], "tmpfs": ["/run"]},
        ),
        (
            {"ulimits": {"nofile": {"soft": 1, "hard": 2}, "nproc": 5}},
            {"ulimits": {"nofile": {"soft": 1, "hard": 2}, "nproc": 5}},
        ),
        (
            {"network_mode": "none", "init": False, "read_only": True},
            {"network_mode": "none", "init": False, "read_only": True},
        ),
        (
            {"labels": {"a": "b"}, "cap_add": ["SYS_TIME"], "shm_size": "64m"},
            {"labels": ["a=b"], "cap_add": ["SYS_TIME"], "shm_size": "64m"},
        ),
        (
            {"mem_limit": "1g", "cpus": "0.5", "pids_limit": 5, "stop_grace_period": "1m30s"},
            {"mem_limit": "1g", "cpus": 0.5, "pids_limit": 5, "stop_grace_period": "1m30s"},
        ),
        (
            {"networks": ["default"], "restart": "unless-stopped", "init": True, "tty": True, "network_mode": "bridge"},
            {},
        ),
        ({"pull_policy": "if_not_present"}, {}),
    ],
)
def test_keys_of_a_service_are_converted(keys, expected):
    assert said(**keys) == expected
    assert lost(**keys) == {}


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"command": "a; b"}, "would need a shell"),
        ({"command": "echo $A"}, "your variable A may change"),
        ({"environment": ["A=${B:+c}"]}, "is not supported"),
        ({"volumes": ["/scratch"]}, "removed after the run"),
        ({"volumes": "a:b"}, "is not a list of volumes"),
        (
            {"volumes": [{"type": "volume", "source": "a", "target": "/b", "volume": {"subpath": "c"}}]},
            "'subpath' is not supported",
        ),
        (
            {"volumes": [{"type": "bind", "source": "/a", "target": "/b", "bind": {"propagation": "shared"}}]},
            "'propagation' is not supported",
        ),
        ({"ports": [{"target": 80, "x": 1}]}, "'x' is not supported"),
        ({"networks": ["back"]}, "networks of a compose file are its own"),
        ({"network_mode": "service:db"}, "an app does not join other containers"),
        ({"restart": "on-failure"}, "use compose for services"),
        ({"devices": ["/dev/kvm"]}, "is reserved"),
        ({"deploy": {}}, "write cpus, mem_limit and pids_limit"),
        ({"imag": "x"}, "no such key is known (did you mean 'image'?)"),
        ({"init": "yes"}, "neither true nor false"),
        ({"environment": [["A"]]}, "is not a text"),
        ({"user": {"a": 1}}, "is not a text"),
    ],
)
def test_unsupported_keys_are_refused_by_name(keys, why):
    (reason,) = lost(**keys).values()

    assert why in reason


def test_a_service_without_an_image_is_skipped_with_the_reason():
    services = {"a": {"build": {"context": ".", "ssh": ["default"]}}, "b": {}, "c": 1}
    found = from_compose({"services": services}, "compose.yaml", ANA)

    assert [(each.name, each.why) for each in found.skipped] == [
        ("a", "a recipe of the catalog has no 'ssh'"),
        ("b", "it names no image"),
        ("c", "is not a table"),
    ]


@pytest.mark.parametrize(
    ("build", "recipe"),
    [
        ("./ctx", {"context": f"{ANA.folder}/ctx"}),
        ("ctx", {"context": f"{ANA.folder}/ctx"}),
        ({"dockerfile": "D", "pull": True}, {"context": ANA.folder, "dockerfile": "D", "pull": True}),
        ({"dockerfile_inline": "FROM a$$b\n"}, {"dockerfile_inline": "FROM a$b\n"}),
        (
            {"context": "..", "args": {"A": 1}, "target": "t"},
            {"context": "/home/ana", "args": {"A": "1"}, "target": "t"},
        ),
        (
            {"context": "/c", "args": ["A=", "B=c=d"], "no_cache": True},
            {"context": "/c", "args": {"A": "", "B": "c=d"}},
        ),
        (f"https://x.example/r.git#{40 * 'a'}", {"context": f"https://x.example/r.git#{40 * 'a'}"}),
    ],
)
def test_a_recipe_is_converted_with_an_absolute_context(build, recipe):
    (proposal,) = from_compose({"services": {"a": {"build": build, "image": "me/a"}}}, "c", ANA).proposals

    assert recipe.items() <= proposal.table["build"].items()
    assert "image" not in proposal.table
    assert [(note.fate, note.key) for note in proposal.notes] == [("carried", "build"), ("explained", "")]


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (1, "is not a recipe"),
        ({"context": ".", "cache_from": ["x"]}, "a recipe of the catalog has no 'cache_from'"),
        ({"context": ".", "args": ["A"]}, "the argument 'A' has no value"),
        ({"context": "https://x.example/r.git"}, "names no commit"),
        ({"context": ".", "dockerfile": "../D"}, "is not in the context"),
        ({"context": ".", "pull": "yes"}, "'pull' of 'build' is 'yes'"),
        ({"context": ".", "platforms": ["a/b", "c/d"]}, "has more than one item"),
        ({"context": "${WHERE}"}, "WHERE"),
    ],
)
def test_an_unsupported_recipe_is_refused_by_name(build, why):
    (left,) = from_compose({"services": {"a": {"build": build}}}, "c", ANA).skipped

    assert why in left.why


def test_keys_of_the_file_are_reported():
    found = from_compose({"version": "3", "x-a": 1, "volumes": {}, "foo": 1, "services": {}}, "compose.yaml", ANA)

    assert [each.name for each in found.skipped] == ["version", "x-a", "volumes", "foo"]


def test_a_file_without_services_is_reported():
    assert from_compose({"services": []}, "c", ANA).skipped[-1].why == "is not a table of services"


def test_each_key_of_a_service_has_a_fate():
    for name, field in FIELDS.items():
        assert (field.read is None) == (name in NOT_CARRIED), name
        assert field.why or field.read, name
        assert field.key in ("", *KEYS, *NOT_YET), name
        assert not (field.read is None and field.key in KEYS), f"{name}: this key works by now"


@pytest.mark.parametrize("name", [*FIELDS, *FILE])
def test_the_page_lists_each_key_of_compose(name):
    assert f"`{name}`" in PAGE.partition("## Compose files")[2]


def test_a_package_of_whalebrew():
    table, notes = whalebrew.read(
        {
            "image": "whalebrew/awscli",
            "entrypoint": ["aws"],
            "environment": ["AWS_PROFILE", "TEST=${X}"],
            "volumes": ["~/.aws:/.aws"],
            "ports": ["8100:8100"],
            "networks": ["host"],
            "path_arguments": ["C", "exec-path"],
            "required_version": ">=0.1.0",
            "mount_missing_volumes": True,
            "frob": 1,
        },
        ANA,
    )

    assert table == {
        "image": "docker.io/whalebrew/awscli:latest",
        "entrypoint": ["aws"],
        "user": "host",
        "mount_cwd": "rw",
        "working_dir": "/workdir",
        "volumes": ["~/.aws:/.aws"],
        "path_args": ["-C", "--exec-path"],
        "environment": ["AWS_PROFILE", "TEST=${X:-}"],
        "network_mode": "host",
        "ports": ["8100:8100"],
    }
    assert [note.part for note in notes if note.fate == "refused"] == ["mount_missing_volumes: true", "frob: 1"]


@pytest.mark.parametrize(
    ("package", "expected"),
    [
        ({"working_dir": "$PWD"}, {"mount_cwd": "rw", "user": "host"}),
        ({"working_dir": "/w", "keep_container_user": True}, {"mount_cwd": "rw", "working_dir": "/w", "user": "image"}),
        (
            {"volumes": ["~/a:/a:ro"], "skip_missing_volumes": True},
            {
                "mount_cwd": "rw",
                "working_dir": "/workdir",
                "user": "host",
                "volumes": [{"source": "~/a", "target": "/a", "read_only": True, "required": False}],
            },
        ),
    ],
)
def test_folders_of_whalebrew(package, expected):
    table, notes = whalebrew.read({"image": "x", **package}, ANA)

    assert table == {"image": "docker.io/library/x:latest", "path_args": "none", **expected}
    assert [note for note in notes if note.fate == "refused"] == []


def test_a_package_without_an_image_is_refused():
    with pytest.raises(InvalidValueError, match="it names no image"):
        whalebrew.read({"image": 1}, ANA)


def labelled(labels, read=None, family=""):
    return from_labels(labels, read or {}, "quay.io/team/tool:1", ANA, family)


def test_labels_of_whalebrew():
    labels = {
        "io.whalebrew.name": "say",
        "io.whalebrew.config.ports": "['80:80']",
        "io.whalebrew.config.missing_volumes": "skip",
    }
    read = {
        "io.whalebrew.name": "say",
        "io.whalebrew.config.ports": ["80:80"],
        "io.whalebrew.config.missing_volumes": "skip",
    }
    (one,) = labelled(labels, read).proposals

    assert one.name == "say"
    assert one.table["ports"] == ["80:80"]
    assert one.table["image"] == "quay.io/team/tool:1"


def test_an_invalid_label_is_skipped():
    (left,) = labelled(
        {"io.whalebrew.config.ports": "["}, {"io.whalebrew.config.ports": InvalidValueError("is not YAML")}
    ).skipped

    assert left.why == "io.whalebrew.config.ports is not YAML"


def test_the_label_run_of_atomic():
    run = (
        "/usr/bin/docker run -t -i --rm ${OPT1} --privileged -v /:/host --net=host --name ${NAME}"
        " -u ${SUDO_UID}:${SUDO_GID} -e IMAGE=IMAGE -e NAME=NAME \\${IMAGE} ${OPT2} run.sh ${OPT3}"
    )
    (one,) = labelled({"RUN": run, "org.opencontainers.image.description": "Look around"}).proposals

    assert one.table == {
        "description": "Look around",
        "image": "quay.io/team/tool:1",
        "command": ["run.sh"],
        "user": "host",
        "mount_cwd": "none",
        "volumes": ["/:/host"],
        "path_args": "none",
        "environment": ["IMAGE=IMAGE", "NAME=NAME"],
        "network_mode": "host",
    }
    assert [note.part for note in one.notes if note.fate == "refused"] == ["--privileged"]
    assert {"${OPT1}", "${OPT2}", "${OPT3}"} <= {note.part for note in one.notes if note.fate == "explained"}


@pytest.mark.parametrize("run", ["echo hi", "docker run x; rm -rf /", "docker run x | sh", "docker run 'x"])
def test_a_label_run_without_a_run_is_skipped(run):
    found = labelled({"RUN": run})

    assert found.proposals == ()
    assert len(found.skipped) == 1


def test_the_label_of_a_devcontainer():
    metadata = [
        {"id": "feature", "capAdd": ["SYS_PTRACE"], "mounts": [{"type": "volume", "source": "vol", "target": "/v"}]},
        {
            "remoteUser": "vscode",
            "containerEnv": {"A": "${localEnv:HOME}/x", "B": "${localEnv:B}", "C": "1"},
            "mounts": ["source=${localWorkspaceFolder}/a,target=/a,type=bind,consistency=cached"],
            "forwardPorts": [3000],
            "postStartCommand": "rm -rf /",
            "init": True,
            "privileged": True,
            "customizations": {"vscode": {}},
        },
    ]
    (one,) = labelled({"devcontainer.metadata": "..."}, {"devcontainer.metadata": metadata}).proposals

    assert one.table == {
        "image": "quay.io/team/tool:1",
        "user": "vscode",
        "mount_cwd": "rw",
        "volumes": ["vol:/v", "${PWD}/a:/a"],
        "path_args": "none",
        "environment": ["A=${HOME}/x", "B", "C=1"],
        "ports": ["127.0.0.1:3000:3000"],
        "cap_add": ["SYS_PTRACE"],
    }
    assert [note.part for note in one.notes if note.fate == "refused"] == [
        "postStartCommand: rm -rf /",
        "privileged: true",
    ]


def test_an_image_with_labels_of_several_tools_proposes_one_and_names_the_others():
    labels = {"io.whalebrew.name": "a", "RUN": "docker run IMAGE"}
    found = labelled(labels, {"io.whalebrew.name": "a"})

    assert [each.name for each in found.proposals] == ["a"]
    assert found.skipped[0].why == "whalebrew counts; for the other one: --from atomic"
    assert [each.name for each in labelled(labels, {"io.whalebrew.name": "a"}, "atomic").proposals] == ["tool"]


def test_an_image_without_such_labels_says_so():
    assert labelled({"a": "b"}).skipped[0].why == "say nothing of how to run it"
    assert labelled({"a": "b"}, family="atomic").skipped[0].why == "say nothing in the way of atomic"
