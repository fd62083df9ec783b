import csv
import io
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.core.run.docker_command import docker_command
from launcher.core.values.limits import Ulimit
from launcher.core.values.mount import Mount
from launcher.core.values.port import Port
from launcher.core.values.run_spec import RunSpec

PATH = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).map("/".__add__)


def test_the_shortest_line():
    assert docker_command(RunSpec("jq", stdin=False, init=False)) == (
        "docker",
        "run",
        "--rm",
        "--log-driver",
        "none",
        "jq",
    )


def test_every_field_has_its_option():
    spec = RunSpec(
        image="x",
        entrypoint=("e", "f"),
        command=("c",),
        mounts=(Mount("/a", "/b", read_only=True, relabel="z"), Mount("v", "/v", kind="volume")),
        tmpfs=(("/run", "size=1m"), ("/tmp", "")),
        user="1:2",
        userns_mode="keep-id",
        group_add=("3",),
        working_dir="/w",
        environment=(("A", "1"), ("B", "")),
        network_mode="none",
        ports=(Port(80, 8080), Port(53, 0, "::1", "udp")),
        tty=True,
        stdin=True,
        init=True,
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
        platform="linux/arm64",
        labels=(("a", "b"), ("c", ""), ("applaunch.run", "1")),
    )

    assert shlex.join(docker_command(spec, "podman")) == (
        "podman run --rm -i -t --init --read-only --log-driver none --user 1:2 --userns keep-id --network none "
        "--workdir /w --hostname h --platform linux/arm64 --stop-signal SIGINT --memory 128 --cpus 1.5 --pids-limit 7 "
        "--shm-size 64 --group-add 3 --cap-drop ALL --cap-add NET_ADMIN --security-opt no-new-privileges:true "
        "--env A=1 --env B= --publish 127.0.0.1:8080:80 --publish '[::1]::53/udp' --dns 9.9.9.9 --add-host db:10.0.0.2 "
        "--ulimit nofile=1:2 --tmpfs /run:size=1m --tmpfs /tmp --label a=b --label c= "
        "--volume /a:/b:ro,z --volume v:/v --entrypoint e x f c"
    )


def test_an_empty_entrypoint_takes_the_images_own_away():
    assert docker_command(RunSpec("x", entrypoint=(), command=("c",)))[-4:] == ("--entrypoint", "", "x", "c")


@pytest.mark.parametrize(
    ("mount", "words"),
    [
        (Mount("/a", "/b"), ("--volume", "/a:/b")),
        (Mount("/a b", "/b", read_only=True), ("--volume", "/a b:/b:ro")),
        (Mount("/a:1", "/b"), ("--mount", "type=bind,source=/a:1,target=/b")),
        (Mount("/a,1", "/b", read_only=True), ("--mount", 'type=bind,"source=/a,1",target=/b,readonly')),
        (Mount('/a"1', "/b:2"), ("--mount", 'type=bind,"source=/a""1",target=/b:2')),
        (Mount("/a:\n", "/b"), ("--mount", 'type=bind,"source=/a:\n",target=/b')),
        (Mount("v", "/b,2", kind="volume"), ("--mount", 'type=volume,source=v,"target=/b,2"')),
    ],
)
def test_a_mount_is_one_that_docker_cannot_misread(mount, words):
    line = docker_command(RunSpec("x", mounts=(mount,)))

    assert line[-3:-1] == words


@given(PATH, PATH, st.booleans())
def test_a_mount_says_source_and_target_whatever_they_are(source, target, read_only):
    option, text = docker_command(RunSpec("x", mounts=(Mount(source, target, read_only),)))[-3:-1]

    if option == "--volume":
        assert text == f"{source}:{target}" + ":ro" * read_only
        assert text.count(":") == 1 + read_only
    else:
        (row,) = csv.reader(io.StringIO(text, newline=""), strict=True)
        assert row == ["type=bind", f"source={source}", f"target={target}", *["readonly"] * read_only]


@given(st.lists(st.text(), min_size=1))
def test_a_shell_reads_the_arguments_back_as_they_were(args):
    line = docker_command(RunSpec("x", command=tuple(args), environment=(("A", args[0]),)))

    again = shlex.split(shlex.join(line))

    assert tuple(again) == line
    assert again[-len(args) :] == args
