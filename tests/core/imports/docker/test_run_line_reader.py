"""docker run command lines as entries."""

import pytest

from tests.core.imports.texts import keys, line, lost, read, told


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", {}),
        ("-it --rm", {}),
        ("-u $(id -u):$(id -g)", {"user": "host"}),
        ('-u "$(id -u):$(id -g)"', {"user": "host"}),
        ("--user=$(id -u $USER):$(id -g ${USER})", {"user": "host"}),
        ("-u `id -u`:`id -g`", {"user": "host"}),
        ("-u $UID:$GID", {"user": "host"}),
        ("-u $UID", {"user": "host"}),
        ("-u ${UID}", {"user": "host"}),
        ("--userns=keep-id", {"user": "host"}),
        ("-u $(id -u):0", {"user": "1000:0"}),
        ("-u $USER", {"user": "${USER}"}),
        ("-u ${WHO:-nobody}", {"user": "${WHO:-nobody}"}),
        ("-u 0:0", {"user": "0:0"}),
        ("-u $UID:$GROUPS", {"user": "host"}),
        ('-u "$(id -u):${GROUPS[0]}"', {"user": "host"}),
        ("-u $EUID:${GID}", {"user": "host"}),
        ("-u $(id -u):$(id -g) -v $PWD:/data", {"user": "host", "volumes": ["${PWD}:/data"]}),
        ("-v $PWD:/data -w /data", {"mount_cwd": "rw", "working_dir": "/data"}),
        ('-v "$(pwd)":/data:ro', {"volumes": ["${PWD}:/data:ro"]}),
        ('-v "$(pwd)":/data:ro -w /data', {"mount_cwd": "ro", "working_dir": "/data"}),
        ("-v `pwd`:/data/", {"volumes": ["${PWD}:/data/"]}),
        ("-v `PWD`:/data -w /data", {"mount_cwd": "rw", "working_dir": "/data"}),
        ("-v $(PWD):/data -w /data", {"mount_cwd": "rw", "working_dir": "/data"}),
        ("-v .:/data -w /data", {"mount_cwd": "rw", "working_dir": "/data"}),
        ("-v ./:/data -w /data", {"mount_cwd": "rw", "working_dir": "/data"}),
        ("-v ${PWD}:/data:z", {"volumes": ["${PWD}:/data:z"]}),
        ("-v $PWD:$PWD -w $PWD", {"mount_cwd": "rw"}),
        ("-v $PWD:$PWD", {"mount_cwd": "rw"}),
        ("--mount type=bind,source=$PWD,target=/data", {"volumes": ["${PWD}:/data"]}),
        ("--mount type=bind,src=.,dst=/data,readonly -w /data", {"mount_cwd": "ro", "working_dir": "/data"}),
        ("-v ${X:-$HOME/.y}:/y", {"volumes": ["${X:-/home/ana/.y}:/y"]}),
        ("-v ${X:-${HOME}/.y}:/y", {"volumes": ["${X:-/home/ana/.y}:/y"]}),
        ("-v $PWD:/data -w /data/sub", {"volumes": ["${PWD}:/data"], "working_dir": "/data/sub"}),
        ("-v $PWD:/data -w /other", {"volumes": ["${PWD}:/data"], "working_dir": "/other"}),
        ("-v $PWD:/a -v $PWD:/b -w /b", {"mount_cwd": "rw", "working_dir": "/b", "volumes": ["${PWD}:/a"]}),
        ("-v $PWD/src:/src", {"volumes": ["${PWD}/src:/src"]}),
        ("-v ../other:/src", {"volumes": ["${PWD}/../other:/src"]}),
        ("-w $PWD", {"working_dir": "${PWD}"}),
        ("-v ~/.aws:/root/.aws", {"volumes": ["~/.aws:/root/.aws"]}),
        ("-v $HOME/.aws:/root/.aws:ro", {"volumes": ["~/.aws:/root/.aws:ro"]}),
        ("--volume=~/.aws:/root/.aws", {"volumes": ["~/.aws:/root/.aws"]}),
        ("-v $HOME:/h", {"volumes": ["~:/h"]}),
        ("-v $HOME/.aws:$HOME/.aws", {"volumes": ["~/.aws:/home/ana/.aws"]}),
        ("-u $UID -v $HOME/.aws:$HOME/.aws", {"user": "host", "volumes": ["~/.aws:~/.aws"]}),
        ("-v ${XDG_CACHE_HOME:-/tmp}/x:/x", {"volumes": ["${XDG_CACHE_HOME:-/tmp}/x:/x"]}),
        ("-v $CACHE/x:/x", {"volumes": ["${CACHE}/x:/x"]}),
        ("-v data:/data:Z", {"volumes": ["data:/data:Z"]}),
        ("-v /a:/b:cached", {"volumes": ["/a:/b"]}),
        ("-v '/a b:/c d'", {"volumes": ["/a b:/c d"]}),
        ("-v '/a$b:/c'", {"volumes": ["/a$$b:/c"]}),
        ("--mount 'type=bind,\"source=/a,b:c\",target=/d'", {"volumes": [{"source": "/a,b:c", "target": "/d"}]}),
        ("--mount type=bind,source=/a,target=/b,relabel=private", {"volumes": ["/a:/b:Z"]}),
        ("--mount type=tmpfs,dst=/t,tmpfs-size=10,tmpfs-mode=700,ro", {"tmpfs": ["/t:ro,size=10,mode=700"]}),
        ("-e A -e B= -e C=d=e", {"environment": ["A", "B=", "C=d=e"]}),
        ("-e A=$A -e HOME=$HOME -e USER=$USER", {"environment": ["A", "HOME", "USER"]}),
        ("-e A=$B -e C=${D:-e}", {"environment": ["A=${B:-}", "C=${D:-e}"]}),
        ("-e A=~/x -e B=$PWD -e C=$(pwd)/y", {"environment": ["A=${HOME}/x", "B=${PWD}", "C=${PWD}/y"]}),
        ("-e PUID=$(id -u) -e PGID=$(id -g)", {"environment": ["PUID=1000", "PGID=1000"]}),
        ("-e 'A=$B'", {"environment": ["A=$$B"]}),
        ("--entrypoint ''", {"entrypoint": []}),
        ("--entrypoint sh", {"entrypoint": ["sh"]}),
        ("--network none", {"network_mode": "none"}),
        ("--net host", {"network_mode": "host"}),
        ("--network name=lan", {"network_mode": "lan"}),
        ("--network host --network bridge", {}),
        ("-p 8080:80 -p 0.0.0.0:1:1", {"ports": ["8080:80", "0.0.0.0:1:1"]}),
        ("--cap-add net_admin --cap-drop all", {"cap_add": ["NET_ADMIN"], "cap_drop": ["ALL"]}),
        ("--cap-drop ALL -u 5", {"user": "5"}),
        ("--security-opt no-new-privileges --security-opt label=disable", {"security_opt": ["label=disable"]}),
        ("-m 1g --cpus 2.0 --cpus=1.5 --pids-limit 5", {"mem_limit": "1g", "cpus": 1.5, "pids_limit": 5}),
        ("--ulimit nofile=1:2 --ulimit core=0", {"ulimits": {"nofile": {"soft": 1, "hard": 2}, "core": 0}}),
        ("--init --init=false", {"init": False}),
        ("--init=false --init", {}),
        ("--read-only", {"read_only": True}),
        ("--stop-timeout 3", {"stop_grace_period": "3s"}),
        ("--add-host a:1.2.3.4 --add-host 'b=[::1]'", {"extra_hosts": ["a:1.2.3.4", "b:::1"]}),
        ("--label a=b -l c", {"labels": ["a=b", "c"]}),
        ("--pull always --platform linux/arm64", {"pull_policy": "always", "platform": "linux/arm64"}),
    ],
)
def test_options_become_keys(options, expected):
    assert keys(options) == expected


@pytest.mark.parametrize(
    ("options", "part", "why"),
    [
        ("--gpus all", "--gpus all", "the key 'gpus' is reserved"),
        ("--privileged", "--privileged", "the key 'privileged' is reserved"),
        ("-d", "-d", "use compose or systemd for services"),
        (
            "-u $(stat -c %u .)",
            "-u $(stat -c %u .)",
            "is a command for a shell; applaunch runs none; the program runs as you",
        ),
        ("--userns=keep-id --user node", "--userns=keep-id", "no key maps your id to that user"),
        ("--hostname $(hostname)", "--hostname $(hostname)", "is a command for a shell"),
        ("--hostname $HOST", "--hostname $HOST", "your variable HOST may change"),
        (
            "-v $(git rev-parse --show-toplevel):/x",
            "-v $(git rev-parse --show-toplevel):/x",
            "is a command for a shell",
        ),
        ("-v /x:/y:rshared", "-v /x:/y:rshared", "'rshared' is not supported"),
        ("-v /scratch", "-v /scratch", "removed after the run"),
        ("-v /x:$PWD/y", "-v /x:$PWD/y", "the current folder changes"),
        ("-v x:y", "-v x:y", "not an absolute path"),
        ("-v /:/:ro", "-v /:/:ro", "would hide everything"),
        ("-v $PWD:/", "-v $PWD:/", "would hide everything"),
        ("-v a:b:c:d", "-v a:b:c:d", "more than three parts"),
        ("-v $PWD:$PWD -w /x", "-w /x", "mounted at its own path"),
        ("-w relative", "-w relative", "not an absolute path"),
        ("--mount type=bind,source=/a,target=/b,bind-propagation=shared", None, "'bind-propagation' is not supported"),
        ("--mount type=image,source=a,target=/b", None, "no key mounts the type 'image'"),
        ("--mount type=volume,source=/a,target=/b", None, "a volume's name is no path"),
        ("--mount source=$PWD,target=/b", None, "a variable stands where a word of docker's belongs"),
        ("--mount type=bind,source=/a", None, "it has no target"),
        ("--network container:x", "--network container:x", "an app does not join other containers"),
        ("--network pasta", "--network pasta", "how podman makes a network"),
        ("--group-add keep-groups", "--group-add keep-groups", "podman's own word"),
        ("--network host --network lan", "--network host", "a program joins one network"),
        ("--security-opt seccomp=/x.json", None, "applaunch reads no such file"),
        ("--security-opt systempaths=unconfined", None, "'systempaths' is none of"),
        ("--userns host", "--userns host", "the key 'userns_mode' is reserved"),
        ("--sig-proxy=false", "--sig-proxy=false", "it cannot be turned off"),
        ("--pids-limit many", None, "not a whole number"),
        ("--cpus lots", None, "not a number of processors"),
        ("--ulimit nofile", None, "it has no limit"),
        ("-m 1.5g", None, "not a size"),
        ("-p 99999:1", None, "out of range"),
        ("-e 1A=2", None, "cannot name a variable"),
        ("--cap-add 'x y'", None, "not a capability"),
        ("--label applaunch.app=x", None, "are set by applaunch"),
        ("-i=maybe", "-i=maybe", "neither true nor false"),
        ("--frobnicate=3", "--frobnicate=3", "docker and podman know no such option"),
        ("--env-file .env", None, "the key 'env_file' is reserved"),
    ],
)
def test_options_without_a_key_are_refused_by_name(options, part, why):
    found = lost(options)

    assert [*found] == [part or options]
    assert why in found[part or options]


@pytest.mark.parametrize(("form", "fish"), [('"$*"', False), ('"${*}"', False), ('"$argv"', True)])
def test_arguments_that_are_joined_are_left(form, fish):
    definition = (
        f"function x; docker run --rm y sh -c {form}; end" if fish else f"x() {{ docker run --rm y sh -c {form}; }}"
    )
    (left,) = read(definition, fish=fish).skipped

    assert "joins the arguments" in left.why


def test_the_image_may_begin_with_the_callers_name():
    assert line("docker run --rm $USER/img").table["image"] == "docker.io/ana/img:latest"


def test_a_refused_user_never_becomes_root():
    assert keys("-u $(stat -c %u .)") == {"user": "host"}


@pytest.mark.parametrize(
    ("options", "part", "why"),
    [
        ("-it", "-t", "applaunch allocates a terminal if you have one"),
        ("-it", "-i", "applaunch passes input on by default"),
        ("--name x", "--name x", "each run gets its own name"),
        ("--name x-$$", "--name x-$$", "each run gets its own name"),
        ("--name x-$(date +%s)", "--name x-$(date +%s)", "each run gets its own name"),
        ("--log-opt max-size=$((2*5))m", "--log-opt max-size=$((2*5))m", "applaunch keeps no logs"),
        ("--log-driver json-file", "--log-driver json-file", "applaunch keeps no logs"),
        ("--restart no", "--restart no", "that is the default"),
        ("--privileged=false", "--privileged=false", "that is the default"),
        ("-e TERM", "-e TERM", "every program gets your TERM"),
        ("-m 1g -m 2g", "-m 1g", "a later one wins"),
        (
            "--security-opt no-new-privileges:true",
            "--security-opt no-new-privileges:true",
            "applaunch does that by default",
        ),
        ("--pids-limit -1", "--pids-limit -1", "no limit is what there is"),
        ("--expose 80", "--expose 80", "it publishes no port"),
    ],
)
def test_options_that_applaunch_applies_anyway_are_explained(options, part, why):
    assert why in told(options)[part]


def test_a_line_without_rm_gets_a_note():
    assert "(no --rm)" in [note.part for note in line("docker run x").notes]


@pytest.mark.parametrize(
    ("image", "full"),
    [
        ("jq", "docker.io/library/jq:latest"),
        ("vimagick/youtube-dl", "docker.io/vimagick/youtube-dl:latest"),
        ("ghcr.io/jqlang/jq:1.7.1", "ghcr.io/jqlang/jq:1.7.1"),
        ("localhost:5000/a/b", "localhost:5000/a/b:latest"),
        ("jq@sha256:" + "0" * 64, "docker.io/library/jq@sha256:" + "0" * 64),
    ],
)
def test_an_image_gets_its_full_name(image, full):
    assert line(f"docker run --rm {image}").table["image"] == full


@pytest.mark.parametrize(
    ("rest", "command"),
    [
        ("x a 'b c' --rm -v /x:/y", ["a", "b c", "--rm", "-v", "/x:/y"]),
        ("x -- a", ["--", "a"]),
        ("x ''", [""]),
        ("x $(id -u) ~/y $USER", ["1000", "/home/ana/y", "ana"]),
    ],
)
def test_the_words_after_the_image_are_the_command(rest, command):
    assert line(f"docker run --rm {rest}").table["command"] == command


def test_arguments_are_appended_unchanged():
    assert line('x() { docker run --rm y z "$@"; }').table["command"] == ["z"]
    assert line('x() { docker run --rm y "$@"; }').table.keys() & {"command", "commands"} == set()


def test_arguments_in_the_middle_are_refused():
    (left,) = read('x() { docker run --rm y "$@" z; }').skipped

    assert "means the arguments" in left.why


def test_a_note_says_where_a_volume_of_the_current_folder_is_refused():
    (note,) = [each for each in line("docker run -v $PWD:/data x").notes if each.part == "-v $PWD:/data"]

    assert note.fate == "carried"
    assert "a system folder is refused" in note.why
