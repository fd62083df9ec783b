"""`applaunch import` and `export` as people and programs see them."""

import json
import re
import shlex
import tomllib
from pathlib import Path

import pexpect
import pytest

from launcher.core.exports.export_text import Exported
from launcher.core.imports.docker.proposal import Note, Skipped
from launcher.manage.convert.import_apps import ImportedApp
from tests.core.imports.texts import CORPUS

COMMANDS_MD = (Path(__file__).parents[2] / "docs/commands.md").read_text()
TALK = (CORPUS / "talk.txt").read_text()
LINE = "docker run --rm -u $(id -u):$(id -g) -v $PWD:/data -w /data --gpus all busybox tr a-z A-Z"


@pytest.fixture
def write(home):
    """Write a file into the folder of work and return its name."""

    def put(name, text):
        (home.work / name).write_text(text)
        return name

    return put


@pytest.fixture
def mine(home):
    """Return what the user's own catalog says, its text and its tables."""
    path = home.path / ".config/applaunch/catalog.toml"
    return lambda: (path.read_text(), tomllib.loads(path.read_text())["apps"]) if path.exists() else ("", {})


def test_import_shows_the_toml_that_it_would_write(home, write, mine):
    done = home.run("applaunch", "import", write("aliases", f"alias upper='{LINE}'\n"))

    assert done.returncode == 0
    shown = done.stdout.splitlines()
    assert shown[:9] == [
        "# ~/work/aliases:1",
        "[apps.upper]",
        'image = "docker.io/library/busybox:latest"',
        'command = ["tr", "a-z", "A-Z"]',
        'user = "host"',
        'mount_cwd = "rw"',
        'working_dir = "/data"',
        'path_args = "none"',
        f"may: run as you (uid {home.caller_uid}) · network · read & write the current folder (as /data)",
    ]
    assert "not kept: --gpus all: the key 'gpus' is reserved and not implemented yet" in shown
    assert "not needed: --rm: applaunch always removes the container" in shown
    assert shown[-1] == "nothing was written; to write to ~/.config/applaunch/catalog.toml, add: -y"
    assert mine() == ("", {})


def test_the_talks_file_is_written_and_put_on_path(home, write, mine):
    allowed = ("--allow-critical", "stack", "--allow-critical", "openstack")
    done = home.run("applaunch", "import", write("aliases", TALK), "-y", "--add", *allowed, check=True)

    text, apps = mine()
    assert sorted(apps) == ["openstack", "stack", "youtube-dl"]
    assert apps["openstack"]["extends"] is False
    assert "written: ~/.config/applaunch/catalog.toml" in done.stdout
    assert sorted(each.name for each in home.bin.iterdir()) == ["openstack", "stack", "youtube-dl"]
    assert text.startswith("# Your own catalog")


def test_what_was_added_is_one_transaction_with_its_entries(home, write, mine):
    before = home.catalog('# mine\n[apps.a]\nimage = "docker.io/library/a:1"\n').read_text()
    home.run("applaunch", "import", write("aliases", LINE), "-y", "--add", check=True)
    assert sorted(mine()[1]) == ["a", "busybox"]

    home.run("applaunch", "history", "undo", "last", "-y", check=True)

    assert mine()[0] == before
    assert list(home.bin.iterdir()) == []


def test_comments_and_apps_of_your_catalog_stay(home, write, mine):
    path = home.catalog('# mine\n[apps.a]  # first\nimage = "docker.io/library/a:1"\n')
    before = path.read_text()

    home.run("applaunch", "import", write("aliases", TALK), "-y", check=True)

    assert mine()[0].startswith(before)


def test_stdin_is_read(home):
    done = home.run("applaunch", "import", "-", input=LINE)

    assert "# stdin:1\n[apps.busybox]" in done.stdout


def test_a_taken_name_is_refused_and_as_gives_another(home, write, mine):
    home.catalog('[apps.busybox]\nimage = "docker.io/library/a:1"\n')
    name = write("line", LINE)

    shown = home.run("applaunch", "import", name)
    refused = home.run("applaunch", "import", name, "-y")
    home.run("applaunch", "import", name, "-y", "--as", "Upper", check=True)

    assert "taken: busybox is in ~/.config/applaunch/catalog.toml already" in shown.stdout
    assert refused.returncode == 1
    assert refused.stderr == (
        "applaunch: import: busybox is in ~/.config/applaunch/catalog.toml already; write it under another name: --as NAME\n"
    )
    assert sorted(mine()[1]) == ["busybox", "upper"]
    assert mine()[1]["upper"]["commands"] == {"Upper": {}}


def test_a_file_that_has_grown_is_imported_again_for_what_is_new(home, write, mine):
    home.run("applaunch", "import", write("aliases", TALK), "-y", check=True)
    before = mine()[1]

    same = home.run("applaunch", "import", "aliases", "-y", check=True)
    done = home.run("applaunch", "import", write("aliases", TALK + "alias wcl='docker run --rm busybox wc -l'\n"), "-y")

    assert "left: ~/work/aliases:1: stack: your catalog has the same entry already" in same.stdout
    assert done.returncode == 0
    assert mine()[1].keys() - before.keys() == {"wcl"}
    assert {name: mine()[1][name] for name in before} == before


def test_a_script_is_named_after_its_file(home, write):
    text = '#!/bin/sh\nt=\n[ -t 0 ] && t=-t\nexec docker run --rm -i $t busybox wc "$@"\n'

    assert "[apps.count]\n" in home.run("applaunch", "import", write("count.sh", text), check=True).stdout


def test_the_fenced_lines_of_a_page_are_read(home, write):
    text = (
        "# It's a page\n\n```sh\nalias a='docker run --rm busybox'\n```\n\ndocker run --rm never\n\n```json\n{}\n```\n"
    )
    done = home.run("applaunch", "import", write("page.md", text), check=True)

    assert "# ~/work/page.md:4\n[apps.a]\n" in done.stdout
    assert "never" not in done.stdout


def test_bytes_that_are_not_utf_8_are_refused_only_where_they_count(home):
    (home.work / "latin1").write_bytes(b"# \xfcber\nalias a='docker run --rm -e A=\xfc -e B=b busybox'\n")
    done = home.run("applaunch", "import", "latin1", check=True)

    assert 'environment = ["B=b"]' in done.stdout
    assert "it is no text that a file can hold" in done.stdout


def test_the_settings_beside_a_compose_file_are_its_defaults(home, write):
    write(".env", "# which\nTAG=3\nPORT='8080'\n")
    text = "services:\n  web:\n    image: busybox:${TAG}\n    ports: ['${PORT}:80', '1:x']\n"
    done = home.run("applaunch", "import", write("compose.yaml", text), check=True)

    assert 'image = "docker.io/library/busybox:3"\n' in done.stdout
    assert 'ports = ["8080:80"]\n' in done.stdout
    assert "note: image: busybox:${TAG:-3}: TAG has its default, 3: this key is constant\n" in done.stdout
    assert "not kept: ports: 1:x: " in done.stdout


def test_only_selects_one_app(home, write, mine):
    home.run("applaunch", "import", write("aliases", TALK), "-y", "--only", "stack", "--as", "st", check=True)

    assert sorted(mine()[1]) == ["st"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "applaunch: import: no input given; applaunch import FILE, or - for stdin, or --image REF"),
        (["nowhere"], 1, "applaunch: nowhere: cannot be read: no such file or directory"),
        (
            ["aliases", "--as", "x"],
            2,
            "applaunch: --as: it names one app, and there are 3: stack, openstack, youtube-dl; choose with --only NAME",
        ),
        (
            ["aliases", "--only", "x"],
            1,
            "applaunch: import: the input has no app 'x'; it has stack, openstack, youtube-dl",
        ),
        (["aliases", "--only", "stack", "--as", ".."], 2, "applaunch: --as: '..' cannot name a command"),
        (
            ["aliases", "--from", "x"],
            2,
            "applaunch: import: unknown format 'x'; --from takes sh, fish, compose, whalebrew",
        ),
        (["aliases", "--image", "x"], 2, "applaunch: import: FILE and --image exclude each other"),
        (["--image", "X"], 2, "applaunch: --image: 'X' is not an image"),
        (["a.yaml"], 1, "applaunch: ~/work/a.yaml: is not YAML: line 1"),
        (["b.yaml"], 1, "applaunch: ~/work/b.yaml: is not a table of keys"),
        (["latin"], 1, "applaunch: latin: is not UTF-8 text; save it as UTF-8"),
        (["large"], 1, "applaunch: large: is larger than 1 MiB; import a part of it"),
    ],
)
def test_invalid_options_are_reported_in_one_line(home, write, words, code, said):
    write("aliases", TALK)
    write("a.yaml", "a: [")
    write("b.yaml", "- a")
    (home.work / "latin").write_bytes(b"\xff\xfe")
    write("large", "#" * (1024 * 1024 + 1))
    done = home.run("applaunch", "import", *words)

    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1


def test_input_without_containers_is_reported(home, write):
    done = home.run("applaunch", "import", write("aliases", "alias ll='ls -l'\nexport A=1\n"))

    assert done.returncode == 1
    assert done.stdout == "left: ~/work/aliases: 2 lines run no container (1-2)\nfound nothing that runs a container\n"


def test_hostile_text_is_shown_and_not_executed(home, write, mine):
    witness = home.path / "witness"
    lines = (CORPUS / "hostile.txt").read_text().replace("/tmp/applaunch-was-here", str(witness))
    done = home.run(
        "applaunch",
        "import",
        write("aliases", "docker run --rm -e 'A=\x1b[2J\x07' -e 'B=\u202e' x\n" + lines),
        "-y",
        check=True,
    )

    assert not witness.exists()
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert mine()[1]["x"]["environment"] == ["A=\x1b[2J\x07", "B=\u202e"]


def test_an_error_in_the_catalog_stops_the_import(home, write):
    path = home.catalog("[apps.a]\nfrob = 1\n")
    before = path.read_text()
    done = home.run("applaunch", "import", write("aliases", TALK), "-y")

    assert done.returncode == 1
    assert "unknown key 'frob'" in done.stderr
    assert path.read_text() == before


def test_nothing_is_written_if_the_apps_cannot_be_added(home, write, mine):
    home.bin.mkdir(parents=True)
    (home.bin / "stack").write_text("#!/bin/sh\n")
    done = home.run("applaunch", "import", write("aliases", TALK), "-y", "--add")

    assert done.returncode == 1
    assert mine() == ("", {})
    assert [each.name for each in home.bin.iterdir()] == ["stack"]


def typed(home, answer, *words):
    """Run `applaunch` on a terminal and answer its question."""
    program = str(Path(home.env["PATH"].split(":")[1]) / "applaunch")
    child = pexpect.spawn(program, list(words), env=home.env, cwd=home.work, encoding="utf-8", timeout=60)
    child.expect_exact("[y/N]:")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    return child


@pytest.mark.parametrize(("answer", "apps"), [("y", ["busybox"]), ("n", [])])
def test_on_a_terminal_it_asks(home, write, mine, answer, apps):
    write("line", LINE)

    typed(home, answer, "import", "line")

    assert sorted(mine()[1]) == apps


def test_a_dry_run_asks_nothing_and_writes_nothing(home, write, mine):
    done = home.run("applaunch", "import", write("aliases", TALK), "-y", "--dry-run", check=True)

    assert "nothing was written" in done.stdout
    assert mine() == ("", {})


def test_json_has_every_part_of_every_line(answer, write, mine, home):
    said = answer("import", write("aliases", f"{LINE}\nll\n"))

    assert [*said] == ["written", "transaction", "apps", "left", "added"]
    (app,) = said["apps"]
    assert [*app] == [*ImportedApp._fields]
    assert [*app["notes"][0]] == [*Note._fields]
    assert [*said["left"][0]] == [*Skipped._fields]
    assert [note["part"] for note in app["notes"]] == [
        *("--rm", "-u $(id -u):$(id -g)", "-v $PWD:/data", "-w /data", "--gpus all", "busybox", "tr", "a-z", "A-Z")
    ]
    assert said["written"] is None
    assert mine() == ("", {})

    said = answer("import", "aliases", "-y", "--add")

    assert said["written"] == str(home.path / ".config/applaunch/catalog.toml")
    assert said["transaction"] == 1
    assert [each["app"] for each in said["added"]] == ["busybox"]


@pytest.mark.parametrize(
    ("noun", "fields"),
    [
        ("proposal", ImportedApp._fields),
        ("note", Note._fields),
        ("left line", Skipped._fields),
        ("exported app", Exported._fields),
    ],
)
def test_the_page_documents_the_keys_of_each_shape(noun, fields):
    row = next(each for each in COMMANDS_MD.splitlines() if each.startswith(f"| {noun} |"))

    assert re.findall(r"`(\w+)`", row.partition(":")[0]) == [*fields]


def test_compose_and_whalebrew_files_are_detected(home, write):
    compose = home.run(
        "applaunch",
        "import",
        write("c.yaml", "services:\n  web:\n    image: nginx:1\n    volumes: [./d:/d]\n"),
        check=True,
    )
    whale = home.run(
        "applaunch", "import", write("whalesay", "#!/usr/bin/env whalebrew\nimage: whalebrew/whalesay\n"), check=True
    )

    assert "[apps.web]" in compose.stdout
    assert f'"{home.work}/d:/d"' in compose.stdout
    assert "[apps.whalesay]" in whale.stdout
    assert 'working_dir = "/workdir"' in whale.stdout


def test_fish_is_detected_by_its_file_name_or_given(home, write):
    text = "function x; docker run --rm -u (id -u):(id -g) y $argv; end\n"

    assert 'user = "host"' in home.run("applaunch", "import", write("a.fish", text), check=True).stdout
    assert 'user = "host"' in home.run("applaunch", "import", write("a", text), "--from", "fish", check=True).stdout


def exported(home, *words):
    return home.run("applaunch", "export", *words, check=True).stdout


def test_an_alias_can_be_exported_and_imported_again(home, write, mine):
    home.run("applaunch", "import", write("aliases", TALK), "-y", check=True)
    before = mine()[1]
    text = exported(home, *before, "--format", "alias")
    home.catalog("")

    home.run("applaunch", "import", write("again", text), "-y", check=True)

    assert mine()[1] == before


def test_export_without_a_name_exports_all_installed_apps(home):
    none = home.run("applaunch", "export")
    home.app("mine", "docker.io/library/busybox:latest", network_mode='"none"')

    assert (
        none.stderr == "applaunch: export: no apps are installed; name an app of the catalogs: applaunch export APP\n"
    )
    assert exported(home).splitlines()[1:] == [
        "# [mine]",
        (
            'docker run --rm -it --init --user "$(id -u):$(id -g)" --network none --volume "${PWD}:${PWD}" --workdir "${PWD}"'
            " --cap-drop ALL --security-opt no-new-privileges:true docker.io/library/busybox:latest"
        ),
    ]


def test_an_exported_compose_file_has_the_same_options(home, write):
    home.app(
        "mine", "docker.io/library/busybox:latest", environment='["A=b$$c"]', volumes='["~/x:~/x:ro", "data:/data"]'
    )
    text = exported(home, "--format", "compose")

    said = home.run("applaunch", "import", write("compose.yaml", text), "--as", "again", check=True).stdout

    assert 'environment = ["A=b$$c"]' in said
    assert f'"~/x:{home.path}/x:ro"' in said
    assert 'mount_cwd = "rw"' in said


def test_export_json_has_the_text_and_what_is_lost(answer):
    (one,) = answer("export", "aws", "--format", "alias")

    assert [*one] == ["app", "name", "text", "unsaid"]
    assert one["text"].startswith("alias aws=")
    assert one["unsaid"][0].startswith("environment AWS_*")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "x"], "unknown format 'x'"),
        (["--shell", "csh"], "unknown shell 'csh'"),
        (["nowhere"], "no such app"),
    ],
)
def test_lost_options_are_reported(home, words, said):
    done = home.run("applaunch", "export", "jq", *words)

    assert done.returncode in (1, 2)
    assert said in done.stderr


@pytest.fixture
def every_app(home):
    return [each["name"] for each in json.loads(home.run("applaunch", "search", "--json").stdout)]


@pytest.mark.parametrize("form", ["alias", "docker-run"])
@pytest.mark.parametrize("name", ["sh", "bash"])
def test_shellcheck_finds_nothing_in_what_is_exported(home, shell, write, every_app, form, name):
    home.app(
        "odd",
        "docker.io/library/busybox:latest",
        environment='["A=it\'s ${HOME} \\"b\\" !x", "B=${C:-d e}"]',
        command='["a b", "*", "$X", "é"]',
    )
    text = exported(home, *every_app, "odd", "--format", form, "--shell", name)

    done = home.run(shell("shellcheck"), "-s", name, "-", input=text)

    assert (done.stdout, done.returncode) == ("", 0)


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_real_shells_read_an_exported_alias_correctly(home, shell, write, name):
    (home.bin).mkdir(parents=True)
    (home.bin / "docker").write_text('#!/bin/sh\nfor word in "$@"; do printf "<%s>\\n" "$word"; done\n')
    (home.bin / "docker").chmod(0o755)
    command = ["it's", "a b", "*", "$X", '"', "!x", "\\", "é", "\x1b[2J it's \\", "gpj\u202efdp", "\x7f"]
    home.app(
        "odd",
        "docker.io/library/busybox:latest",
        command=json.dumps(command, ensure_ascii=False).replace("\x7f", "\\u007f"),
        environment='["A=x y ${HOME} $$"]',
    )
    text = exported(home, "odd", "--format", "alias", "--shell", name)
    assert text.replace("\n", "").isprintable()
    alias = write(f"aliases.{name}", text)
    script = write("script", f"{'shopt -s expand_aliases' if name == 'bash' else ''}\n. ./{alias}\nodd 'typed in'\n")
    options = ["--norc"] if name == "bash" else ["-f"] if name == "zsh" else ["--no-config"]

    said = home.run(shell(name), *options, script, check=True).stdout.splitlines()

    caller = f"{home.caller_uid}:{home.caller_uid}"
    assert said[:6] == ["<run>", "<--rm>", "<-it>", "<--init>", "<--user>", f"<{caller}>"]
    assert f"<{home.work}:{home.work}>" in said
    assert f"<A=x y {home.path} $>" in said
    assert said[-len(command) - 1 :] == [f"<{word}>" for word in (*command, "typed in")]


@pytest.mark.engine
def test_the_talks_aliases_run_as_docker_would_run_them(home, engine, write):
    (home.path / ".stack").mkdir()
    (home.path / ".config/openstack").mkdir(parents=True)
    home.run("applaunch", "import", write("aliases", TALK), "-y", check=True)
    folder = home.path

    lines = {
        name: home.run("applaunch", "run", "--dry-run", name, check=True).stdout.strip()
        for name in ("stack", "openstack", "youtube-dl")
    }

    cli = "registry.gitlab.com/gbraad/openstack-client:latest"
    hardening = "--init --log-driver none --security-opt no-new-privileges:true"
    meant = {
        "stack": f"--volume {folder}/.stack:/root/.stack {cli}",
        "openstack": f"--volume {folder}/.config/openstack:/root/.config/openstack {cli}",
        "youtube-dl": f"--user {home.caller_uid}:{home.caller_uid} --volume {home.work}:/data docker.io/vimagick/youtube-dl:latest",
    }
    for name, line in lines.items():
        words, expected = shlex.split(line), shlex.split(f"docker run --rm {hardening} {meant[name]}")
        assert _pairs(expected) - _pairs(words) == set(), line
        added = {pair[0] for pair in _pairs(words) - _pairs(expected)}
        own = {"--env", "--volume", "--tmpfs", "--add-host"} | (
            {"--workdir", "--cap-drop", "--cap-add", "--group-add"} if name == "youtube-dl" else set()
        )
        assert added <= own, line


def _pairs(words):
    """Return a run line's options with their values, whatever their order; the image by its name alone."""
    found, rest = set(), words[2:]
    while rest:
        word = rest.pop(0)
        if word in ("--rm", "--init", "-i", "-t"):
            found.add((word, ""))
        elif word.startswith("-"):
            found.add((word, rest.pop(0)))
        else:
            found.add(("image", word.partition("@")[0].removesuffix(":latest")))
    return found


@pytest.mark.engine
def test_an_imported_alias_runs_like_the_alias(home, engine, write):
    image = engine.ref("docker.io/library/busybox:latest")
    line = f"docker run --rm -u $(id -u):$(id -g) -v $PWD:/data -w /data {image} sh -c"
    (home.work / "aliases").write_text(f"alias say='{line}'\n")
    home.run("applaunch", "import", "aliases", "-y", "--add", check=True)

    said = home.run("say", "pwd; id -u; touch made; ls", check=True).stdout.split()

    assert said == ["/data", str(home.caller_uid), "aliases", "made"]
    assert (home.work / "made").stat().st_uid == home.caller_uid


@pytest.mark.engine
def test_a_folder_without_a_working_directory_is_mounted_where_the_alias_mounts_it(home, engine):
    image = engine.ref("docker.io/library/busybox:latest")
    (home.work / "aliases").write_text(
        f"alias look='docker run --rm -u $(id -u):$(id -g) -v $PWD:/data {image} sh -c'\n"
    )
    home.run("applaunch", "import", "aliases", "-y", "--add", check=True)
    other = home.path / "other"
    other.mkdir()

    said = home.run("look", "pwd; touch /data/made", cwd=other, env={"PWD": str(home.work)}, check=True).stdout.split()

    assert said == ["/"]
    assert [each.name for each in other.iterdir()] == ["made"]


@pytest.mark.engine
def test_the_labels_of_an_image_are_a_proposal(home, engine, tmp_path):
    (tmp_path / "Dockerfile").write_text(
        f"FROM {engine.ref('docker.io/library/busybox:latest')}\n"
        "LABEL io.whalebrew.name=say io.whalebrew.config.environment='[\"TOKEN\"]' io.whalebrew.config.working_dir=/work\n"
        'LABEL RUN="docker run --rm --privileged IMAGE"\n'
    )
    engine.docker("build", "-q", "-t", "localhost/labelled:1", str(tmp_path))
    try:
        shown = home.run("applaunch", "import", "--image", "localhost/labelled:1", check=True).stdout
        atomic = home.run(
            "applaunch", "import", "--image", "localhost/labelled:1", "--from", "atomic", check=True
        ).stdout
    finally:
        engine.docker("rmi", "-f", "localhost/labelled:1")

    assert '[apps.say]\nimage = "localhost/labelled:1"' in shown
    assert 'environment = ["TOKEN"]' in shown
    assert 'working_dir = "/work"' in shown
    assert "left: the labels of localhost/labelled:1: atomic: whalebrew counts" in shown
    assert "not kept: --privileged: the key 'privileged' is reserved and not implemented yet" in atomic
