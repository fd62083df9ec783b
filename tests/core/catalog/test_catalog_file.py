import tomllib

import pytest
import tomli

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.keys import NOT_YET, RENAMED
from launcher.core.values import toml
from launcher.errors import CatalogError
from tests.core.examples import catalog, keys_of


def refusal(text):
    """Return the error for the file *text* after parsing all its apps."""
    with pytest.raises(CatalogError) as refused:
        Catalog.parse(text, "user", "catalog.toml").check()
    assert refused.value.exit_code == 125
    return str(refused.value)


def refusal_of(key):
    """Return the error for one line in the table of an app."""
    return refusal(f"schema = 1\n[apps.x]\nimage = 'x'\n{key}\n")


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_a_key_name_of_another_tool_suggests_ours(old, new):
    assert refusal_of(f"{old} = 1") == f"catalog.toml:4: [apps.x]: unknown key {old!r}; did you mean {new!r}?"


def test_every_suggested_key_exists():
    wanted = {"env": "environment", "workdir": "working_dir", "volume": "volumes", "mounts": "volumes"}

    assert wanted | {"network": "network_mode", "publish": "ports", "memory": "mem_limit"} == {
        word: RENAMED[word] for word in ("env", "workdir", "volume", "mounts", "network", "publish", "memory")
    }


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("imag = 'y'", "unknown key 'imag'; did you mean 'image'?"),
        ("Image = 'y'", "unknown key 'Image'; did you mean 'image'?"),
        ("xyzzy = 1", "unknown key 'xyzzy'; see docs/catalog.md for the keys"),
        ("docker_args = []", "unknown key 'docker_args'; see docs/catalog.md for the keys"),
    ],
)
def test_an_unknown_key_is_an_error_with_the_fix(line, message):
    assert refusal_of(line) == f"catalog.toml:4: [apps.x]: {message}"


def test_a_key_cannot_break_the_line_of_its_error():
    assert refusal_of('"a\\nb\\u001b[0m" = 1') == (
        "catalog.toml:2: [apps.x]: unknown key 'a\\nb\\x1b[0m'; see docs/catalog.md for the keys"
    )


@pytest.mark.parametrize("layer", ["built-in", "system", "team", "project", "project tools", "bundle"])
@pytest.mark.parametrize(("table", "more"), [("apps.x", ""), ("apps.x.commands.y", "[apps.x.commands.y]\n")])
def test_only_the_user_may_choose_bubblewrap(layer, table, more):
    text = f"[apps.x]\nimage = 'docker.io/library/x:1'\n{more}runtime = 'bubblewrap'"

    for own in ("user", "override"):
        catalog(text, own).check()
    catalog(text.replace("bubblewrap", "engine"), layer).check()
    with pytest.raises(CatalogError) as refused:
        catalog(text, layer, "c.toml").check()
    assert f"[{table}]: runtime: 'bubblewrap' is only valid in your own catalog; leave it out" in str(refused.value)


@pytest.mark.parametrize("key", sorted(NOT_YET))
def test_an_unimplemented_key_is_refused_not_ignored(key):
    assert refusal_of(f"{key} = 1") == f"catalog.toml:4: [apps.x]: the key {key!r} is not supported yet; leave it out"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "command = 'stack list'",
            """command: 'stack list' is one string; write an array of words: ["stack", "list"]""",
        ),
        ("entrypoint = 'a\"b'", """entrypoint: 'a"b' is one string; write an array of words: ["a\\"b"]"""),
        ("command = [1]", "command: [1] is not an array of strings"),
        ("command = { a = 1 }", "command: {'a': 1} is not an array of strings"),
        ("aliases = 'y'", """aliases: 'y' is one string; write an array of words: ["y"]"""),
        ("aliases = ['a b']", "aliases: 'a b' cannot name a command; use letters, digits and . _ + - (64 at most)"),
        ("volumes = '/a:/b'", "volumes: '/a:/b' is not an array of volumes; write ['SOURCE:TARGET']"),
        ("volumes = [1]", "volumes: [1] is not an array of volumes; write ['SOURCE:TARGET']"),
        ("volumes = ['/a']", "volumes: '/a' is not a volume; write 'SOURCE:TARGET' or 'SOURCE:TARGET:ro'"),
        ("volumes = ['~/$x:/b']", "volumes: '~/$x' has a stray '$'; write ${NAME}, or $$ for a dollar sign"),
        (
            "mount_cwd = 'wr'",
            "mount_cwd: 'wr' is not allowed here; choose from 'rw', 'ro', 'project', 'project-ro', 'none'",
        ),
        ("project_markers = ['a/b']", "project_markers: 'a/b' is not a file name; write 'go.mod'"),
        ("project_markers = ['..']", "project_markers: '..' is not a file name; write 'go.mod'"),
        (
            "mount_cwd = true",
            "mount_cwd: True is not allowed here; choose from 'rw', 'ro', 'project', 'project-ro', 'none'",
        ),
        ("working_dir = 'data'", "working_dir: 'data' is not an absolute path; start it with /"),
        ("user = 1000", 'user: 1000 is a number; write "1000"'),
        ("user = 'a b'", "user: 'a b' is not a user; write 'host' (the caller), 'image', or 'UID:GID'"),
        ("user = ''", "user: '' is not a user; write 'host' (the caller), 'image', or 'UID:GID'"),
        ("environment = 'A=1'", "environment: 'A=1' is neither a table nor an array; "),
        (
            "network_mode = 'container:x'",
            "network_mode: 'container:x' is not a network; choose bridge, none, host, or ",
        ),
        ("network_mode = false", "network_mode: False is not a string; put it in quotes"),
        ("ports = ['http']", "ports: 'http' is not a port; write '8080', '8080:80' or '0.0.0.0:8080:80/tcp'"),
        ("ports = [true]", "ports: [True] is not an array of strings"),
        ("ports = 80", "ports: 80 is not an array of strings"),
        ("tty = 1", "tty: 1 is not allowed here; choose from 'auto', true, false"),
        ("tty = 'yes'", "tty: 'yes' is not allowed here; choose from 'auto', true, false"),
        ("stdin = true", "stdin: True is not allowed here; choose from 'auto', 'always', 'never'"),
        ("warm = true", "warm: True is not a duration; write '5m', or '0' to turn it off"),
        ("warm = 300", "warm: 300 is not a duration; write '5m', or '0' to turn it off"),
        ("warm = 'long'", "warm: 'long' is not a duration; write 90s, 5m, 1h30m, 365d or 2w"),
        ("warm = '4s'", "warm: '4s' is not between 5s and 24h; write '5m', or '0' to turn it off"),
        ("warm = '1d1s'", "warm: '1d1s' is not between 5s and 24h; write '5m', or '0' to turn it off"),
        ("reuse = 'yes'", "reuse: 'yes' is not allowed here; choose from 'fresh', 'shared'"),
        ("init = 'true'", "init: 'true' is not true or false"),
        ("tmpfs = ['run']", "tmpfs: 'run' is not an absolute path"),
        ("cap_add = ['net_admin']", "cap_add: 'net_admin' is not a capability; write them as 'NET_ADMIN'"),
        ("cap_drop = ['CAP_']", "cap_drop: 'CAP_' is not a capability; write them as 'NET_ADMIN'"),
        ("mem_limit = '1 apple'", "mem_limit: '1 apple' is not a size; write a number of bytes, or '512m', '2g'"),
        ("cpus = 'two'", "cpus: 'two' is not a number of processors; write 2 or 1.5"),
        ("pids_limit = 0", "pids_limit: 0 is not a whole number above 0"),
        ("pids_limit = true", "pids_limit: True is not a whole number above 0"),
        ("pull_policy = 'daily'", "pull_policy: 'daily' is not allowed here; choose from 'missing', 'always', 'never'"),
        (
            "labels = { 'applaunch.run' = 'x' }",
            "labels: the label 'applaunch.run' is reserved for applaunch; give it another name",
        ),
        ("labels = { a = 1 }", "labels: 1 is not a string; put it in quotes"),
        ("description = 1", "description: 1 is not a string; put it in quotes"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_with_the_right_one(line, message):
    assert refusal_of(line).startswith(f"catalog.toml:4: [apps.x]: {message}")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("'5m'", 300), ("'90s'", 90), ("'1h'", 3600), ("'5s'", 5), ("'1d'", 86400), ("'0'", 0), ("'0s'", 0), ("false", 0)],
)
def test_warm_is_a_duration_or_disabled(value, seconds):
    warm = keys_of(f"warm = {value}")["warm"]

    assert (warm, type(warm)) == (seconds, float)


@pytest.mark.parametrize(
    ("image", "why"),
    [
        ("''", "'' is not an image: "),
        ("'JQ'", "'JQ' is not an image: a repository is lower case"),
        ("1", "1 is not a string"),
    ],
)
def test_an_image_that_docker_would_refuse_is_refused(image, why):
    assert refusal(f"schema = 1\n[apps.x]\nimage = {image}\n").startswith(f"catalog.toml:3: [apps.x]: image: {why}")
    assert refusal(f"schema = 1\n[apps]\nx = {image if image != '1' else '[1]'}\n").startswith("catalog.toml")


@pytest.mark.parametrize(
    "line",
    [
        'command = ["a\\u0000b"]',
        'working_dir = "/a\\u0000b"',
        'volumes = ["/a\\u0000:/b"]',
        'volumes = [{ source = "/a\\u0000", target = "/b" }]',
        'environment = { A = "\\u0000" }',
        'environment = { "\\u0000" = "a" }',
        'hostname = "\\u0000"',
        'labels = { a = "\\u0000" }',
    ],
)
def test_a_nul_byte_is_refused_everywhere(line):
    assert "contains a NUL byte; remove it" in refusal_of(line)
    assert "\0" not in refusal_of(line)


def test_a_raw_nul_byte_is_not_toml():
    assert refusal("schema = 1\nx = '\0'\n").startswith("catalog.toml:2: is not TOML: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "catalog.toml: the key 'schema' is missing; begin the file with: schema = 1"),
        ("[apps]\njq = 'jq'", "catalog.toml: the key 'schema' is missing; begin the file with: schema = 1"),
        ("\nschema = 2", "catalog.toml:2: schema 2 is not known; update applaunch"),
        ("schema = 0", "catalog.toml:1: schema 0 is not known; write: schema = 1"),
        ("schema = '1'", "catalog.toml:1: 'schema' is not a whole number; write: schema = 1"),
        ("schema = true", "catalog.toml:1: 'schema' is not a whole number; write: schema = 1"),
        ("schema = 1\napp = 1", "catalog.toml:2: unknown key 'app'; did you mean 'apps'?"),
        ("schema = 1\nxyz = 1", "catalog.toml:2: unknown key 'xyz'; the keys are schema, catalog, defaults, apps"),
        ("schema = 1\napps = 1", "catalog.toml:2: 'apps' is not a table; write [apps]"),
        ("schema = 1\ndefaults = []", "catalog.toml:2: 'defaults' is not a table; write [defaults]"),
        (
            "schema = 1\n[catalog]\nnam = 'x'",
            "catalog.toml:3: [catalog]: unknown key 'nam'; the keys are name, title, homepage, serial, expires",
        ),
        ("schema = 1\n[catalog]\nserial = '1'", "catalog.toml:3: [catalog]: 'serial' is not a whole number"),
        ("schema = 1\n[catalog]\nname = 1", "catalog.toml:3: [catalog]: 'name' is not a string"),
        (
            "schema = 1\n[catalog]\nexpires = 2027-03-01",
            "catalog.toml:3: [catalog]: 'expires' is not a date with a time",
        ),
    ],
)
def test_the_structure_of_the_file_is_checked(text, message):
    assert refusal(text) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "schema = 1\n[apps.jq\n",
            "catalog.toml:2: is not TOML: expected ']' at the end of a table declaration; fix that line",
        ),
        (
            "schema = 1\n\nx\n",
            "catalog.toml:3: is not TOML: expected '=' after a key in a key/value pair; fix that line",
        ),
        ("schema = 1\nschema = 1\n", "catalog.toml:2: is not TOML: cannot overwrite a value; fix that line"),
        ("a = 1" + "0" * 5000, "catalog.toml: contains a number that is too long; shorten it"),
        ("a = " + "[" * 5000, "catalog.toml: is nested too deeply; no catalog key needs that depth"),
    ],
)
def test_a_toml_error_names_its_line(text, message):
    assert refusal(text) == message


@pytest.mark.parametrize("parser", [tomllib, tomli])
def test_both_parsers_report_the_same_error(parser, monkeypatch):
    monkeypatch.setattr(toml, "loads", parser.loads)
    monkeypatch.setattr(toml, "TOMLDecodeError", parser.TOMLDecodeError)

    assert (
        refusal("schema = 1\n\nx\n")
        == "catalog.toml:3: is not TOML: expected '=' after a key in a key/value pair; fix that line"
    )
    assert refusal("a = " + "[" * 5000) == "catalog.toml: is nested too deeply; no catalog key needs that depth"


def test_deeply_nested_dotted_keys_are_refused():
    deep = ".".join(["a"] * 990)

    assert (
        refusal_of(f"environment.{deep}.{deep} = 1")
        == "catalog.toml: is nested too deeply; no catalog key needs that depth"
    )
    assert refusal_of(f"environment.{deep} = 1") == "catalog.toml:4: [apps.x]: 'environment' is nested too deeply"
    assert "'x' is neither a table nor an image" in refusal(f"schema = 1\napps.x = [{{ {deep} = 1 }}]\n")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("schema = 1\n\n# about\n[apps.x]\n# volumes = 1\n\nvolumes = 1\n", "catalog.toml:7: [apps.x]"),
        ("schema = 1\n[apps.x]\nimage = 'x'\n[apps.y]\nvolumes = 1\n", "catalog.toml:5: [apps.y]"),
        ("schema = 1\n[apps.y]\ninit = true\n[apps.x]\ninit = 1\n", "catalog.toml:5: [apps.x]"),
        ("schema = 1\n[ apps.x ]\nenvironment.A = true\n", "catalog.toml:3: [apps.x]"),
        ("schema = 1\n[apps.x.environment]\nA = true\n", "catalog.toml: [apps.x]"),
        ("schema = 1\n[apps.'x']\n'init' = 1\n", "catalog.toml: [apps.x]"),
        ('schema = 1\n[apps."x.1"]\n"init" = 1\n', "catalog.toml:3: [apps.x.1]"),
        ('schema = 1\n[apps.x.commands."python3.14"]\ninit = 1\n', "catalog.toml:3: [apps.x.commands.python3.14]"),
        ("schema = 1\n[defaults]\ninit = 1\n[apps]\nx = 'x'", "catalog.toml:3: [defaults]"),
        ("schema = 1\n[apps]\nx = { init = 1 }\n", "catalog.toml: [apps.x]"),
        ("schema = 1\r\n[apps.x]\r\ninit = 1\r\n", "catalog.toml:3: [apps.x]"),
    ],
)
def test_an_error_names_its_line_if_it_can_be_found(text, where):
    assert refusal(text).startswith(f"{where}: ")


@pytest.mark.parametrize("name", ["Jq", "-jq", ".jq", "a b", "a/b", "", "é", "a" * 65, "..", "a\\nb"])
def test_an_invalid_app_name_is_refused(name):
    shown = name.replace("\\n", "\n")

    assert refusal(f'schema = 1\n[apps]\n"{name}" = "x"\n').endswith(
        f"{shown!r} cannot name an app; use lower case letters, digits and . _ + - (64 at most)"
    )


@pytest.mark.parametrize("name", ["7z", "g++", "a.b", "x_y-z", "a" * 64])
def test_valid_app_names_are_accepted(name):
    assert catalog(f"[apps]\n'{name}' = 'x'").apps == {name: "x"}


def test_a_command_name_may_have_upper_case_letters():
    app = catalog("[apps.x]\nimage='x'\n[apps.x.commands.R]\n[apps.x.commands.Rscript]\n").app("x")

    assert app.commands == {"R": {}, "Rscript": {}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("commands = ['a']", "catalog.toml:4: [apps.x]: 'commands' is not a table; write [apps.x.commands.NAME]"),
        ("commands.y = 1", "catalog.toml: [apps.x.commands]: 'y' is not a table; write [apps.x.commands.y]"),
        (
            "commands.'a b' = {}",
            (
                "catalog.toml: [apps.x.commands]: 'a b' cannot name a command; "
                "use letters, digits and . _ + - (64 at most)"
            ),
        ),
        (
            "[apps.x.commands.y]\nenv = 1",
            "catalog.toml:5: [apps.x.commands.y]: unknown key 'env'; did you mean 'environment'?",
        ),
        (
            "[apps.x.commands.y]\naliases = []",
            "catalog.toml:5: [apps.x.commands.y]: the key 'aliases' belongs to the app; move it out of this table",
        ),
        (
            "[apps.x.commands.y]\ncommands = {}",
            "catalog.toml:5: [apps.x.commands.y]: the key 'commands' belongs to the app; move it out of this table",
        ),
        (
            "[apps.x.commands.y]\nimage = 'y'",  # an app has one image
            "catalog.toml:5: [apps.x.commands.y]: the key 'image' belongs to the app; move it out of this table",
        ),
        (
            "[defaults]\nextends = 'y'",
            "catalog.toml:5: [defaults]: the key 'extends' belongs to the app; move it out of this table",
        ),
        (
            "[defaults]\ncommands = {}",
            "catalog.toml:5: [defaults]: the key 'commands' belongs to the app; move it out of this table",
        ),
    ],
)
def test_the_structure_of_commands_is_checked(text, message):
    assert refusal_of(text) == message


def test_the_size_of_a_file_is_limited():
    assert refusal("schema = 1\n#" + "é" * (5 * 512 * 1024)) == (
        "catalog.toml: is larger than 5 MiB; split it into files in catalog.d"
    )


def test_the_number_of_apps_is_limited():
    apps = "\n".join(f"a{number} = 'x'" for number in range(10_000))

    assert len(catalog(f"[apps]\n{apps}").apps) == 10_000
    assert refusal(f"schema = 1\n[apps]\n{apps}\nb = 'x'") == "catalog.toml: contains more than 10000 apps; split it"


@pytest.mark.parametrize("value", ["1", "true", "[]", "[[1]]", "2020-01-01"])
def test_an_app_is_a_table_or_an_image(value):
    assert refusal(f"schema = 1\n[apps]\nx = {value}") == (
        "catalog.toml: [apps.x]: 'x' is neither a table nor an image; write [apps.x]"
    )


def test_the_short_form_of_an_app_is_its_image():
    assert catalog("[apps]\njq = 'ghcr.io/jqlang/jq:1.8.1'").app("jq") == ({"image": "ghcr.io/jqlang/jq:1.8.1"}, None)


def test_defaults_apply_to_every_app_of_their_file():
    text = (
        "[defaults]\ninit = false\ndns = ['1.1.1.1']\n[apps]\na = 'a'\n"
        "[apps.b]\nimage = 'b'\ninit = true\ndns = ['9.9.9.9']"
    )

    assert catalog(text).app("a").keys == {"image": "a", "init": False, "dns": ("1.1.1.1",)}
    assert catalog(text).app("b").keys == {"image": "b", "init": True, "dns": ("1.1.1.1", "9.9.9.9")}


def test_missing_commands_differ_from_an_empty_table_of_commands():
    assert catalog("[apps.x]\nimage = 'x'").app("x").commands is None
    assert catalog("[apps.x]\nimage = 'x'\ncommands = {}").app("x").commands == {}


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("ports = [8080]", "ports", ((8080, 0, "127.0.0.1", "tcp"),)),
        ("tmpfs = '/run:size=1m'", "tmpfs", (("/run", "size=1m"),)),
        ("labels = ['a=b', 'c']", "labels", (("a", "b"), ("c", ""))),
        ("cap_add = ['CAP_NET_ADMIN', 'SYS_PTRACE']", "cap_add", ("NET_ADMIN", "SYS_PTRACE")),
        ("user = 'node:node'", "user", "node:node"),
        ("user = '1000:staff'", "user", "1000:staff"),
        ("user = '${UID}:${GID}'", "user", "${UID}:${GID}"),
        ("network_mode = 'my_net.1'", "network_mode", "my_net.1"),
    ],
)
def test_composes_alternative_forms_are_accepted(text, key, value):
    assert keys_of(text)[key] == value
