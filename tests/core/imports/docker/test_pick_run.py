"""Runs among other commands, through variables, aliases and functions of the same file."""

import pytest

from tests.core.imports.texts import line, read

ALPINE = "docker.io/library/alpine:3"


def only(text, name, *, fish=False):
    """Return the one proposal called *name* that *text* makes."""
    found = read(text, fish=fish)
    return next(each for each in found.proposals if each.name == name)


def lost(proposal):
    return [note.part for note in proposal.notes if note.fate == "refused"]


def why(text, name, *, fish=False):
    return next(each.why for each in read(text, fish=fish).skipped if each.name == name)


@pytest.mark.parametrize(
    ("text", "test"),
    [
        ('f() { if command -v f; then command f "$@"; else docker run --rm alpine:3 "$@"; fi; }', "if command -v f"),
        (
            'f() {\n  if which f >/dev/null 2>&1; then\n command f "$@"\n return\n fi\n docker run --rm alpine:3 "$@"\n}',
            "if which f >/dev/null 2>&1",
        ),
        (
            'f() { if [ -x /usr/bin/f ]; then /usr/bin/f "$@"; else docker run --rm alpine:3 "$@"; fi; }',
            "if [ -x /usr/bin/f ]",
        ),
        ('f() { command -v f >/dev/null || docker run --rm alpine:3 "$@"; }', "command -v f >/dev/null"),
        ('f() { if (( $+commands[f] )); then command f "$@"; else docker run --rm alpine:3 "$@"; fi }', None),
    ],
)
def test_the_search_for_an_own_program_is_not_kept(text, test):
    one = line(text)

    assert one.table["image"] == ALPINE
    assert len(lost(one)) == 1
    assert test is None or lost(one) == [test]


def test_the_search_for_an_own_program_in_fish_is_not_kept():
    text = "function f\n  if type -q f\n    command f $argv\n  else\n    docker run --rm alpine:3 $argv\n  end\nend\n"

    assert lost(line(text, fish=True)) == ["if type -q f"]


@pytest.mark.parametrize(
    "beside",
    [
        "mkdir -p ~/.c && {}",
        "echo starting; {}",
        "docker pull alpine:3 && {}",
        "docker rm -f f 2>/dev/null; {}",
        "xhost +local:docker; {}; xhost -local:docker",
        "{}; echo done",
    ],
)
def test_a_harmless_line_beside_the_run_is_not_kept(beside):
    one = line("f() { " + beside.format('docker run --rm alpine:3 sh "$@"') + "; }")

    assert one.table["image"] == ALPINE
    assert one.table["command"] == ["sh"]
    assert len(lost(one)) in (1, 2)
    assert all("run" not in part for part in lost(one))


def test_a_clean_up_helper_is_not_kept():
    helper = (
        'clean() {\n  local name=$1\n  if docker ps -a | grep -q "$name"; then\n    docker rm -f "$name"\n  fi\n}\n'
    )
    one = only(helper + 'f() {\n  clean f\n  docker run --rm --name f alpine:3 "$@"\n}', "f")

    assert one.table["image"] == ALPINE
    assert lost(one) == ["clean f"]


@pytest.mark.parametrize(
    "beside",
    [
        "cd /src && {}",
        "shift; {}",
        "{} | sort",
        "cat x | {}",
        "{} &",
        "for a in b; do {}; done",
        "if [ $# -eq 0 ]; then {}; fi",
        'case "$1" in a) {} ;; esac',
        "docker build -t alpine:3 . && {}",
        "source ~/.env; {}",
        "move; {}",
    ],
)
def test_what_changes_the_run_leaves_the_definition(beside):
    found = read("move() { cd /src; }\nf() { " + beside.format("docker run --rm alpine:3") + "; }")

    assert [each.name for each in found.proposals] == []
    assert [each.name for each in found.skipped if "runs no container" not in each.why] == ["f"]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("C=$HOME/.c; alias f='docker run -v $C:/c alpine:3'", {"volumes": ["~/.c:/c"]}),
        ('C=~/.c\nalias f="docker run -v $C:/c alpine:3"', {"volumes": ["~/.c:/c"]}),
        (
            'export C=${XDG_CACHE_HOME:-$HOME/.cache}\nf() { docker run -v "$C:/c" alpine:3; }',
            {"volumes": ["${XDG_CACHE_HOME:-/home/ana/.cache}:/c"]},
        ),
        ("IMG=alpine:3\nalias f='docker run $IMG'", {}),
        ("V=3\nalias f='docker run alpine:${V}'", {}),
        ("f() { local img=alpine:3; docker run $img; }", {}),
        ('f() {\n local img=alpine\n local tag=3\n docker run "$img:$tag"\n}', {}),
        ("O='--rm -it --network none'\nalias f='docker run $O alpine:3'", {"network_mode": "none"}),
        ('O=(--rm -it)\nO+=(--network none)\nf() { docker run "${O[@]}" alpine:3 "$@"; }', {"network_mode": "none"}),
        ("A=b\nA=c\nf() { docker run -e X=$A alpine:3; }", {"environment": ["X=c"]}),
        ('A=b\nalias f="docker run -e X=$A alpine:3"\nA=c', {"environment": ["X=b"]}),
        ("f() { A=b docker run -e A alpine:3; }", {"environment": ["A=b"]}),
        ("f() { export A=b; docker run -e A alpine:3; }", {"environment": ["A=b"]}),
    ],
)
def test_constants_of_the_file_are_filled_in(text, keys):
    table = only(text, "f").table
    every = {"image": ALPINE, "user": "image", "mount_cwd": "none", "path_args": "none"}

    assert table == every | keys


def test_constants_of_fish_are_filled_in():
    text = "set -gx C $HOME/.c\nset IMG alpine:3\nfunction f\n  set -l O --network none\n  docker run --rm $O -v $C:/c $IMG $argv\nend\n"

    table = only(text, "f", fish=True).table

    assert (table["image"], table["volumes"], table["network_mode"]) == (ALPINE, ["~/.c:/c"], "none")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("IMG=$(date)\nalias f='docker run $IMG'", "IMG=$(date) (line 1)"),
        ("if true; then IMG=a; else IMG=b; fi\nalias f='docker run $IMG'", "line 1 may change it"),
        ('IMG=a\n[ -n "$X" ] && IMG=b\nf() { docker run $IMG; }', "line 2 may change it"),
        ("read IMG\nf() { docker run x:$IMG; }", "line 1 may change it"),
        ("f() { local img=$1; docker run $img; }", "img=$1 (line 1)"),
    ],
)
def test_a_variable_whose_value_is_not_known_is_refused_with_its_line(text, said):
    assert said in why(text, "f")


@pytest.mark.parametrize(
    "text",
    [
        "alias dr='docker run --rm -it'\nalias f='dr alpine:3'",
        'dr() { docker run --rm -it "$@"; }\nf() { dr alpine:3 "$@"; }',
        "dr() { docker run --rm \"$1\"; }\nalias f='dr alpine:3'",
        "dr() { local img=$1; docker run --rm $img; }\nf() { dr alpine:3; }",
        "D='docker run'\nalias f='$D --rm alpine:3'",
        "D=podman\nf() { $D run --rm alpine:3; }",
        "f() { ${DOCKER:-docker} run --rm alpine:3; }",
        "f() { $(which docker) run --rm alpine:3; }",
        "alias f='nerdctl run --rm alpine:3'",
        "alias f='podman-remote run --rm alpine:3'",
        "alias f='env A=1 docker run --rm alpine:3'",
    ],
)
def test_runs_through_what_the_file_defines_are_followed(text):
    assert only(text, "f").table["image"] == ALPINE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "alias f='docker compose run --rm app'",
            "docker compose run is not a run of a container; import the compose file",
        ),
        ("alias f='docker-compose run app'", "docker-compose run is not a run of a container"),
        ("f() { $ENGINE run --rm alpine:3; }", "it is not a plain docker run or podman run"),
        ("dr() { for i in 1 2; do docker run $i; done; }\nf() { dr alpine:3; }", "it calls dr (line 1): "),
    ],
)
def test_what_cannot_be_followed_is_named_with_the_reason(text, said):
    assert said in why(text, "f")


@pytest.mark.parametrize(
    "terminal",
    [
        "docker run --rm $([ -t 0 ] && echo -t) alpine:3",
        "docker run --rm -i$([ -t 1 ] && echo t) alpine:3",
        'docker run --rm $(test -t 0 && echo "-it" || echo "-i") alpine:3',
        "tty=; if [ -t 0 ]; then tty=-t; fi; docker run --rm -i $tty alpine:3",
        "[ -t 0 ] && T=--tty; docker run --rm $T alpine:3",
        "if [ -t 0 ]; then docker run --rm -it alpine:3; else docker run --rm -i alpine:3; fi",
    ],
)
def test_a_test_for_a_terminal_is_explained(terminal):
    one = only("f() { " + terminal + "; }", "f")

    assert one.table["image"] == ALPINE
    assert lost(one) in ([], ["if [ -t 0 ]"], ["[ -t 0 ]"])


def test_an_alias_in_double_quotes_holds_what_its_shell_puts_there():
    assert only("alias f=\"docker run -v '$(pwd):/w' -w /w alpine:3\"", "f").table["working_dir"] == "/w"
    assert only("alias f=\"docker run -e 'A=\\$B' alpine:3\"", "f").table["environment"] == ["A=$$B"]


def test_an_apostrophe_in_a_here_document_in_brackets_ends_nothing():
    found = read("X=$(cat <<EOF\nit's\nEOF\n)\nalias f='docker run alpine:3'\n")

    assert [each.name for each in found.proposals] == ["f"]


def test_comments_inside_a_continued_line_of_fish_are_no_end():
    text = "function f\n  docker run --rm \\\n    # the network\n    --network none \\\n    alpine:3 $argv\nend\n"

    assert only(text, "f", fish=True).table["network_mode"] == "none"


def test_abbreviations_of_fish_are_aliases():
    found = read("abbr -a f 'docker run --rm alpine:3'\nabbr --add g docker run --rm busybox\nabbr --show\n", fish=True)

    assert [each.name for each in found.proposals] == ["f", "g"]


def test_a_function_sees_the_variables_of_its_caller():
    text = "dr() { docker run --rm -v $C:/c $IMG; }\nf() { local IMG=alpine:3; local C=$HOME/.c; dr; }"

    assert only(text, "f").table["volumes"] == ["~/.c:/c"]


def test_fish_never_splits_a_value():
    text = "set C '/a b'\nfunction f\n  docker run --rm -v $C:/c alpine:3 $argv\nend\n"

    assert only(text, "f", fish=True).table["volumes"] == ["/a b:/c"]


@pytest.mark.parametrize(
    ("before", "environment"),
    [
        ("export A=b", ["A=b"]),
        ("A=b; export A", ["A=b"]),
        ("declare -x A=b", ["A=b"]),
        (': "${A:=b}"', ["A"]),
        ("A=b", None),
        ("local A=b", None),
        ("unset A", None),
        ("for A in b; do :; done", None),
    ],
)
def test_only_an_exported_variable_is_passed_by_its_name(before, environment):
    one = only("f() { " + before + "; docker run --rm -e A alpine:3; }", "f")

    assert one.table.get("environment") == environment
    assert ("-e A" in lost(one)) == (environment is None)


def test_a_variable_before_the_run_is_passed_by_its_name():
    one = only("f() { A=b docker run --rm -e A -e C alpine:3; }", "f")

    assert one.table["environment"] == ["A=b", "C"]
    assert lost(one) == []


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ("while ! docker info; do sleep 1; done", "while docker info"),
        ("for n in a b; do docker rm -f $n; done", "for n in a b"),
        ("if [ $# -eq 0 ]; then echo usage; return 1; fi", "if [ $# -eq 0 ]"),
    ],
)
def test_a_block_beside_the_run_is_named_once(beside, said):
    assert lost(only("f() { " + beside + "; docker run --rm alpine:3; }", "f")) == [said]


def test_a_run_only_on_a_terminal_is_not_the_same():
    (note,) = [
        each for each in only("f() { [ -t 0 ] && docker run --rm -it alpine:3; }", "f").notes if "-t 0" in each.part
    ]

    assert note.fate == "refused"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('alias f="docker run alpine:$C"\nC=3', "is read when the alias is made, before line 2 assigns it"),
        ('C=$D\nf() { docker run -e "K=${C:+x}" alpine:3; }', "may be empty"),
        ('C=$D\nf() { docker run -e "K=${C:-x}" alpine:3; }', "may be empty"),
        ('C=(a b)\nf() { docker run -e "K=$C" alpine:3; }', "is a list"),
        ('C=(a b)\nalias f="docker run -e K=$C alpine:3"', "is a list"),
    ],
)
def test_a_value_that_depends_on_the_moment_or_the_shell_is_refused(text, said):
    assert said in why(text, "f")


@pytest.mark.parametrize(
    "text",
    [
        "[ -n \"$X\" ] && D='docker run' || D='podman run'\nalias f='$D alpine:3'",
        "if true; then D='docker run --rm'; fi\nalias f=\"$D alpine:3\"",
        "if true; then D='docker run --rm'; fi\nf() { $D alpine:3; }",
    ],
)
def test_a_run_through_a_variable_that_may_change_is_named(text):
    assert "may change it" in why(text, "f")


def test_a_list_by_its_name_alone_is_all_of_it_in_zsh_and_not_known_elsewhere():
    text = 'f() { local o=(--rm --network none); docker run $o alpine:3 "$@"; }'

    assert only(f"setopt autocd\n{text}", "f").table["network_mode"] == "none"
    assert "bash takes the first word of it, zsh all" in why(text, "f")


def test_a_chain_that_is_too_long_to_follow_is_named_only_if_it_may_run_a_container():
    links = "".join(f"alias a{number}='a{number + 1} x'\n" for number in range(12))

    assert why(links + "alias a12='docker run alpine:3'\n", "a0").endswith("it calls too many functions")
    assert why(links + "alias a12='ls'\n", "a0") == "runs no container"


def test_an_assignment_that_holds_a_run_is_no_line_of_its_own():
    found = read("D='docker run'\nexport E=\"docker run --rm\"\nalias f='$D alpine:3'\n")

    assert [each.name for each in found.proposals] == ["f"]
    assert [each.why for each in found.skipped] == ["runs no container"] * 2


def test_a_backslash_before_what_the_shell_puts_there_is_refused():
    assert "a backslash" in why('alias f="docker run -e K=\\\\$A alpine:3"', "f")


def test_zsh_never_splits_a_value_except_that_of_a_program():
    text = (
        "setopt autocd\nC='/a b'\nD='docker run'\nf() { docker run --rm -v $C:/c alpine:3 }\ng() { $D --rm alpine:3 }\n"
    )

    assert only(text, "f").table["volumes"] == ["/a b:/c"]
    assert only(text, "g").table["image"] == ALPINE


@pytest.mark.parametrize(
    "text",
    [
        'dr() { local img=$1; shift; docker run --rm "$img" "$@"; }\nf() { dr alpine:3 "$@"; }',
        'dr() { docker run --rm "$2" "${@:3}"; }\nf() { dr x alpine:3 "$@"; }',
        'dr() { docker run --rm "${1:-alpine:3}"; }\nalias f=dr',
        "alias d=docker\nalias f='d run --rm alpine:3'",
        'd() { docker "$@"; }\nf() { d run --rm alpine:3 "$@"; }',
        'f() { E=$(command -v podman || command -v docker); exec "$E" run --rm alpine:3 "$@"; }',
        "if type podman; then E=podman; else E=docker; fi\nf() { exec $E run --rm alpine:3; }",
        '[ -n "$WSL" ] && W=winpty\nf() { $W docker run --rm alpine:3; }',
        ": ${TAG:=3}\nf() { docker run --rm alpine:$TAG; }",
        "f() { docker run --rm `# quick` alpine:3; }",
        "f() { (( $# > 0 )) || return; docker run --rm alpine:3; }",
        'f() { if [ $# -gt 0 ]; then docker run --rm alpine:3 "$@"; else docker run --rm alpine:3; fi; }',
        'f() { local p=$(type -P f); if [ -n "$p" ]; then "$p" "$@"; else docker run --rm alpine:3; fi; }',
        'o=(--rm)\n[[ -t 0 && -t 1 ]] && o+=(-it)\nf() { docker run "${o[@]}" alpine:3; }',
    ],
)
def test_words_that_a_file_passes_on_or_decides_are_filled_in(text):
    one = only(text, "f")

    assert (one.table["image"], one.table.get("command")) == (ALPINE, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('f() { docker run --rm alpine:3 "$@"; docker run --rm alpine:3 "$@"; }', "an entry is one run"),
        ('f() { docker run --rm alpine:3 "$@" || docker run --rm alpine:3 "$@"; }', "an entry is one run"),
        ('dr() { docker run "$1" "$2"; }\nf() { if which f; then dr a x; else dr a y; fi; }', "an entry is one run"),
        ('f() { if [ $# -gt 1 ]; then docker run a "$@"; else docker run a; fi; }', "an entry is one run"),
        ('f() { if [ $# -eq 0 ]; then docker run a "$@"; else docker run a; fi; }', "an entry is one run"),
        ("f() { docker run --rm -i alpine:3 sh <<EOF\nls\nEOF\n}", "it reads its input from <<EOF"),
        ("f() { docker run --rm -i alpine:3 sh < ~/.x; }", "it reads its input from <~/.x"),
        ("f() { docker run --rm -p $1:80 alpine:3; }", "-p $1:80 uses the arguments"),
        ('f() { docker run --rm -e "A=$*" alpine:3; }', "uses the arguments"),
        ('dr() { shift; docker run "$@"; }\nf() { dr "$@"; }', "it calls dr (line 1): shift removes arguments"),
        ("dr() { docker run alpine:3 $1; }\nf() { dr 'a b'; }", "stands without quotes"),
        ('dr() { docker run alpine:3 sh -c "$*"; }\nf() { dr a b; }', "joins its arguments"),
        ("dr() { local X=1; docker run -e A=$2 alpine:3; }\nf() { dr a $X; }", "it assigns X"),
    ],
)
def test_what_an_entry_would_run_otherwise_is_left(text, said):
    assert said in why(text, "f")


def test_all_of_a_variable_that_holds_a_run_is_kept():
    one = only('C="docker run --rm -v $PWD:/w -w /w alpine:3"\nf() { $C "$@"; }', "f")

    assert (one.table["mount_cwd"], one.table["working_dir"]) == ("rw", "/w")


def test_a_named_argument_of_fish_is_no_variable_of_the_caller():
    text = "function f --argument-names target\n  docker run --rm -e T=$target alpine:3\nend\n"

    assert "uses the arguments" in why(text, "f", fish=True)
