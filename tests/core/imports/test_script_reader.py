"""Aliases, functions and lines of scripts as proposals."""

import pytest

from launcher.core.imports.docker.proposal import NO_RUN
from tests.core.imports.texts import corpus, line, read


def by_name(found):
    return {each.name: each.table for each in found.proposals}


def why(found, name):
    return next(each.why for each in found.skipped if each.name == name)


NOTHING_SAID = {"user": "image", "mount_cwd": "none", "path_args": "none"}


def test_the_talks_aliases_are_imported_as_they_are():
    found = corpus("talk")

    openstack = {"image": "registry.gitlab.com/gbraad/openstack-client:latest", **NOTHING_SAID}
    assert by_name(found) == {
        "stack": openstack | {"volumes": ["~/.stack:/root/.stack"]},
        "openstack": openstack | {"volumes": ["~/.config/openstack:/root/.config/openstack"]},
        "youtube-dl": {
            "image": "docker.io/vimagick/youtube-dl:latest",
            "user": "host",
            "mount_cwd": "none",
            "volumes": ["${PWD}:/data"],
            "path_args": "none",
        },
    }
    assert found.skipped == ()


def test_aliases_and_functions_of_bash():
    found = corpus("bash")
    tables = by_name(found)

    assert sorted(tables) == ["aws", "composer", "jq", "node", "pandoc", "psql", "shellcheck", "tf", "yq"]
    assert tables["yq"]["volumes"] == ["${PWD}:/workdir"]
    assert tables["aws"]["volumes"] == ["~/.aws:/root/.aws", "${PWD}:/aws"]
    assert tables["aws"]["environment"] == ["AWS_PROFILE", "AWS_REGION"]
    assert tables["node"]["command"] == ["node"]
    assert tables["pandoc"]["user"] == tables["tf"]["user"] == tables["composer"]["user"] == "host"
    assert "working_dir" not in tables["tf"]
    assert tables["shellcheck"]["volumes"] == ["${PWD}:/mnt:ro"]
    assert "never" not in tables
    assert why(found, "both") == "an entry is one run, and this also has '; docker run --rm b'"
    assert "$1 needs a shell to expand it" in why(found, "first")
    assert why(found, "dclean") == "docker rm is not a run of a container"
    assert why(found, "mkcd") == why(found, "d") == NO_RUN
    assert why(found, "dps") == "docker ps is not a run of a container"


def test_aliases_and_functions_of_zsh():
    found = corpus("zsh")
    tables = by_name(found)

    assert sorted(tables) == ["gcc", "hugo", "k6", "latex"]
    assert tables["hugo"]["ports"] == ["1313:1313"]
    assert tables["gcc"]["command"] == ["gcc"]
    assert tables["latex"]["user"] == "host"
    assert tables["k6"]["command"] == ["run", "-"]


def test_aliases_and_functions_of_fish():
    found = corpus("fish")
    tables = by_name(found)

    assert sorted(tables) == ["ffmpeg", "httpie", "jq", "node", "pandoc", "yq"]
    assert tables["ffmpeg"]["description"] == "Convert video and audio"
    assert tables["ffmpeg"]["user"] == "host"
    assert tables["pandoc"]["command"] == ["it's", "two words"]
    assert tables["pandoc"]["volumes"] == ["${PWD}:/data"]
    assert "$argv[1] needs a shell to expand it" in why(found, "first")


def test_lines_that_run_containers_are_reported():
    found = corpus("hostile")

    assert {each.line for each in (*found.proposals, *found.skipped)} >= {*range(2, 20)}
    assert [each.name for each in found.proposals] == ["a", "alpine", "alpine-2", "alpine-3", "alpine-4"]
    assert all("touch" not in str(each.table) for each in found.proposals)
    assert why(found, "b") == "an entry is one run, and this also has '; rm -rf /'"
    assert why(found, "f") == "it defines another function"
    refused = [note for each in found.proposals for note in each.notes if note.fate == "refused"]
    assert any("$(touch /tmp/applaunch-was-here; pwd) is a command for a shell" in note.why for note in refused)


@pytest.mark.parametrize(
    "text",
    [
        "$ docker run --rm x",
        "command docker run --rm x",
        "sudo -E docker run --rm x",
        "/usr/bin/docker run --rm x",
        "\\docker run --rm x",
        "docker container run --rm x",
        "docker run --rm -- x",
        "docker run --rm x;",
        "docker \\\n  run --rm \\\n x",
    ],
)
def test_a_run_is_detected_after_any_prefix(text):
    assert line(text).table["image"] == "docker.io/library/x:latest"


def test_settings_of_dockers_own_command_are_refused_by_name():
    one = line("DOCKER_HOST=ssh://h A=1 docker --context far -D run --rm x")

    assert [note.part for note in one.notes if note.fate == "refused"] == [
        "DOCKER_HOST=ssh://h",
        "A=1",
        "--context far",
        "-D",
    ]


def test_sudo_is_explained():
    one = line("sudo -n docker run --rm x")

    assert [(note.part, note.fate) for note in one.notes[:2]] == [("sudo", "explained"), ("-n", "explained")]


def test_of_two_definitions_the_later_one_wins_as_in_a_shell():
    found = read("alias x='docker run --rm a'\nalias x='docker run --rm b'")

    assert by_name(found)["x"]["image"] == "docker.io/library/b:latest"
    assert why(found, "x") == "line 2 defines the same name and wins"


def test_unnamed_lines_are_named_after_their_image_and_numbered():
    found = read(
        "docker run --rm a/tool:1\npodman run --rm b/tool@sha256:" + "0" * 64 + "\nalias tool-2='docker run --rm c'"
    )

    assert sorted(by_name(found)) == ["tool", "tool-2", "tool-3"]


def test_a_name_with_upper_case_letters_becomes_a_command_of_an_app():
    assert line("alias Rscript='docker run --rm r-base Rscript'").table["commands"] == {"Rscript": {}}
    assert line("alias R='docker run --rm r-base'").table["commands"] == {"R": {"command": []}}


def test_an_invalid_command_name_is_skipped():
    found = read("alias ..='docker run --rm x'")

    assert why(found, "..").endswith("import it by itself with --as NAME")


def test_redirections_of_a_run_are_refused_by_name():
    one = line("alias x='docker run --rm y 2>/dev/null'")

    assert [note.part for note in one.notes if note.fate == "refused"] == ["2>/dev/null"]


def test_a_note_says_that_dropped_arguments_are_passed_on():
    assert ('(no "$@")', "explained") in [(note.part, note.fate) for note in line("x() { docker run --rm y; }").notes]


def test_early_expansion_in_double_quotes_is_noted():
    (note,) = [each for each in line('alias x="docker run --rm -v $PWD:/a y"').notes if each.part == "-v $PWD:/a"]

    assert note.fate == "carried"
    assert "when the alias is defined" in note.why


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("docker run", "it names no image"),
        ("docker run --rm", "it names no image"),
        ("docker run --volume", "it names no image"),
        ("docker run $OPTIONS x", "$OPTIONS stands where an option or the image belongs"),
        ("docker run --rm $IMAGE", "$IMAGE stands where an option or the image belongs"),
        ("docker run --rm x:$TAG", "its image x:$TAG: your variable TAG may change"),
        ("docker run --rm X", "'X' is not an image"),
        ("docker run --rm x $PWD", "its command: the current folder changes"),
        ("docker run --rm x '\0'", "contains a NUL byte"),
        ("docker run --frob x y", "unknown option --frob: whether a value follows is not known"),
        ("docker run -Z x", "unknown option -Z in -Z"),
        ("if true; then docker run --rm x; fi; ls", "and this also has"),
        ("x() { for a in b; do docker run --rm y; done; }", "it decides or loops"),
        ("alias -g x='docker run --rm y'", "alias -g makes no name of a command"),
        ("x() { docker run --rm y", "its { is never closed"),
        ("alias x='docker run --rm y", "a ' is never closed"),
    ],
)
def test_lines_that_cannot_be_entries_are_skipped_with_the_reason(text, reason):
    found = read(text)

    assert found.proposals == ()
    assert reason in " ".join(each.why for each in found.skipped)


def test_control_characters_and_long_lines_are_read_as_text():
    one = line("docker run --rm -e 'A=\x1b[31m\x07' -e 'B=" + "b" * 1_000_000 + "' x")

    assert one.table["environment"] == ["A=\x1b[31m\x07", "B=" + "b" * 1_000_000]
    assert max(len(note.part) for note in one.notes) < 300
