import pytest

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.catalog.merge import app_names, owner_of, resolve
from launcher.core.values.mount import Mount
from launcher.core.values.port import Port
from launcher.errors import CatalogError, NotFoundError
from tests.core.examples import catalog, entry_of

BUILT_IN = catalog(
    """
[apps.openstack]
description = "Manage clouds"
image = "registry.example/openstack:1"
user = "image"
mount_cwd = "none"
volumes = ["~/.config/openstack:/root/.config/openstack", "~/.cache:/cache"]
environment = { OS_CLOUD = "default", TZ = "UTC" }
dns = ["1.1.1.1"]
ports = ["80"]
command = ["openstack", "--insecure"]

[apps.tools]
image = "registry.example/tools:1"
aliases = ["t"]
[apps.tools.commands.tool-a]
[apps.tools.commands.tool-b]
command = ["b"]
""",
    "built-in",
    "built-in.toml",
)


def user(text, path="user.toml"):
    return catalog(text, "user", path)


def test_layers_are_merged_by_composes_rules():
    mine = user(
        """
[apps.openstack]
volumes = ["~/work:/root/.config/openstack", "~/more:/more"]
environment = ["OS_CLOUD=mine", "OS_*"]
dns = ["9.9.9.9", "1.1.1.1"]
ports = ["80", "81"]
command = ["openstack"]
user = "host"
"""
    )

    assert resolve([BUILT_IN, mine], "openstack").entry("openstack") == CatalogEntry(
        app="openstack",
        name="openstack",
        image="registry.example/openstack:1",
        user="host",
        mount_cwd="none",
        volumes=(
            Mount("~/work", "/root/.config/openstack"),
            Mount("~/.cache", "/cache"),
            Mount("~/more", "/more"),
        ),
        environment=(("TZ", "UTC"), ("OS_CLOUD", "mine"), ("OS_*", None)),
        dns=("1.1.1.1", "9.9.9.9"),
        ports=(Port(80), Port(81)),
        command=("openstack",),
    )


def test_a_trailing_slash_does_not_change_a_target():
    mine = user("[apps.openstack]\nvolumes = ['~/c2:/cache/']")

    assert [m.source for m in resolve([BUILT_IN, mine], "openstack").keys["volumes"]] == ["~/.config/openstack", "~/c2"]


def test_each_key_has_the_layer_that_it_comes_from():
    mine = user("[apps.openstack]\nuser = 'host'\ndns = ['9.9.9.9']")

    origins = resolve([BUILT_IN, mine], "openstack").origins

    assert (origins["image"], origins["user"], origins["dns"]) == ("built-in", "user", "user")


def test_defaults_apply_only_to_apps_of_their_own_file():
    mine = user("[defaults]\ninit = false\n[apps.openstack]\nuser = 'host'\n[apps.new]\nimage = 'x'")

    assert resolve([BUILT_IN, mine], "tools").entry("tool-a").init is True
    assert resolve([BUILT_IN, mine], "new").entry("new").init is False
    assert resolve([BUILT_IN, mine], "openstack").entry("openstack").init is False


def test_the_short_form_changes_only_the_image():
    mine = user("[apps]\nopenstack = 'registry.example/openstack:2'")

    entry = resolve([BUILT_IN, mine], "openstack").entry("openstack")

    assert (entry.image, entry.user, entry.command) == (
        "registry.example/openstack:2",
        "image",
        ("openstack", "--insecure"),
    )


def test_commands_are_merged_and_a_layer_may_add_one():
    mine = user("[apps.tools.commands.tool-b]\nvolumes = ['~/b:/b']\n[apps.tools.commands.tool-c]\ncommand = ['c']")

    app = resolve([BUILT_IN, mine], "tools")

    assert app.command_names == ("tool-a", "tool-b", "tool-c", "t")
    assert app.entry("tool-b").command == ("b",)
    assert app.entry("tool-b").volumes == (Mount("~/b", "/b"),)
    assert app.entry("tool-a").volumes == ()


def test_a_command_is_merged_over_its_app_by_the_same_rules():
    entry = entry_of(
        """
[apps.x]
image = "x"
command = ["one", "two"]
environment = ["A=1", "B=1"]
volumes = ["~/a:/a"]
[apps.x.commands.y]
command = ["three"]
environment = ["B=2"]
volumes = ["~/b:/b"]
""",
        "y",
    )

    assert entry == CatalogEntry(
        *("x", "y", "x"),
        command=("three",),
        environment=(("A", "1"), ("B", "2")),
        volumes=(Mount("~/a", "/a"), Mount("~/b", "/b")),
    )


@pytest.mark.parametrize(
    ("keys", "table", "entrypoint", "command"),
    [
        ("", "", ("tool",), None),  # `{}` runs the program of that name
        ("command = ['c']", "", None, ("c",)),
        ("entrypoint = ['e']", "", ("e",), None),
        ("", "command = ['c']", None, ("c",)),
        ("entrypoint = ['e']", "command = ['c']", ("e",), ("c",)),
    ],
)
def test_an_empty_command_runs_the_program_of_its_name(keys, table, entrypoint, command):
    entry = entry_of(f"[apps.x]\nimage = 'x'\n{keys}\n[apps.x.commands.tool]\n{table}", "tool")

    assert (entry.entrypoint, entry.command) == (entrypoint, command)


def test_an_app_without_commands_keeps_the_images_entrypoint():
    entry = entry_of("[apps.x]\nimage = 'x'")

    assert (entry.entrypoint, entry.command) == (None, None)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("[apps.x]\nimage = 'x'", 300),
        ("[apps.x]\nimage = 'x'\nwarm = '1h'", 3600),
        ("[apps.x]\nimage = 'x'\nwarm = '0'", 0),
        ("[defaults]\nwarm = false\n[apps.x]\nimage = 'x'", 0),
        ("[apps.x]\nimage = 'x'\n[apps.x.commands.x]\nwarm = '1m'", 60),
    ],
)
def test_the_users_defaults_apply_to_keys_that_no_catalog_sets(text, seconds):
    assert resolve([user(text)], "x").entry("x", {"warm": 300.0}).warm == seconds


def test_a_higher_layer_can_disable_what_a_lower_one_enabled():
    below = catalog("[apps.x]\nimage = 'x'\nwarm = '5m'\nreuse = 'shared'")

    entry = resolve([below, user("[apps.x]\nwarm = '0'")], "x").entry("x")

    assert (entry.warm, entry.reuse) == (0.0, "shared")


def test_an_alias_runs_the_main_command():
    app = resolve([BUILT_IN], "tools")

    assert (app.target_of("t"), app.entry("t")) == ("tool-a", app.entry("tool-a"))
    assert resolve([catalog("[apps.x]\nimage='x'\naliases=['y','x']")], "x").command_names == ("x", "y")


def test_an_app_extends_another_of_its_file():
    mine = user("[apps.base]\nimage = 'b'\ninit = false\n[apps.x]\nextends = 'base'\nuser = '7'")

    assert resolve([mine], "x").entry("x") == CatalogEntry("x", "x", "b", init=False, user="7")


def test_the_users_app_may_extend_an_app_of_a_lower_layer_or_of_its_own_name():
    mine = user(
        "[apps.os]\nextends = 'openstack'\ncommand = ['os']\n[apps.openstack]\nextends = 'openstack'\nuser = '7'"
    )

    assert resolve([BUILT_IN, mine], "os").entry("os").image == "registry.example/openstack:1"
    assert resolve([BUILT_IN, mine], "os").entry("os").user == "7"
    assert resolve([BUILT_IN, mine], "openstack").entry("openstack").user == "7"


def test_a_published_app_can_only_extend_apps_of_its_own_file():
    system = catalog("[apps.os]\nextends = 'openstack'", "system", "system.toml")

    with pytest.raises(CatalogError) as refused:
        resolve([BUILT_IN, system], "os")

    assert str(refused.value) == "system.toml: [apps.os]: extends the unknown app 'openstack'; define it"


def test_extending_an_unknown_app_suggests_the_closest():
    with pytest.raises(CatalogError) as refused:
        resolve([BUILT_IN, user("[apps.os]\nextends = 'openstak'")], "os")

    assert str(refused.value) == "user.toml: [apps.os]: extends the unknown app 'openstak'; did you mean 'openstack'?"


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (
            "[apps.a]\nextends='b'\n[apps.b]\nextends='a'",
            "a",
            "user.toml: [apps.a]: extends 'b', which extends it; remove one 'extends'",
        ),
        (
            "[apps.a]\nextends='b'\n[apps.b]\nextends='c'\n[apps.c]\nextends='b'",
            "a",
            "user.toml: [apps.b]: extends 'c', which extends it; remove one 'extends'",
        ),
        ("[apps.a]\nextends='a'", "a", "user.toml: [apps.a]: extends the unknown app 'a'; define it"),
    ],
)
def test_a_cycle_of_extends_is_refused(text, name, message):
    with pytest.raises(CatalogError) as refused:
        resolve([user(text)], name)

    assert str(refused.value) == message


@pytest.mark.parametrize(("length", "is_followed"), [(100, True), (101, False), (3000, False)])
def test_the_length_of_an_extends_chain_is_limited(length, is_followed):
    links = "\n".join(f"[apps.a{number}]\nextends = 'a{number + 1}'" for number in range(length))
    mine = user(f"{links}\n[apps.a{length}]\nimage = 'x'")

    if is_followed:
        assert resolve([mine], "a0").entry("a0").image == "x"
    else:
        with pytest.raises(CatalogError, match=r"\[apps.a100\]: is the 101st app of a chain of 'extends'; shorten it"):
            resolve([mine], "a0")


def test_an_extending_app_inherits_its_parents_main_command():
    mine = user("[apps.mine]\nextends = 'tools'")

    app = resolve([BUILT_IN, mine], "mine")

    assert app.command_names == ("mine",)  # neither the other commands nor the aliases: both can be installed
    assert app.entry("mine").entrypoint == ("tool-a",)


def test_an_app_without_an_image_is_refused_with_the_fix():
    with pytest.raises(CatalogError) as refused:
        entry_of("[apps.x]\ninit = true")

    assert str(refused.value) == "[apps.x]: has no image; add: image = 'REGISTRY/NAME:TAG'"


@pytest.mark.parametrize(
    ("command", "app"), [("openstack", "openstack"), ("tool-a", "tools"), ("tool-b", "tools"), ("t", "tools")]
)
def test_a_command_belongs_to_the_app_that_lists_it(command, app):
    assert owner_of([BUILT_IN], command).name == app


def test_an_app_of_that_name_wins_over_an_app_that_lists_the_command():
    mine = user("[apps.t]\nimage = 'x'")

    assert owner_of([BUILT_IN, mine], "t").name == "t"


def test_an_app_with_commands_is_not_a_command_itself():
    with pytest.raises(NotFoundError) as refused:
        owner_of([BUILT_IN], "tools")

    assert refused.value.exit_code == 127


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("openstac", "did you mean 'openstack'?"),
        ("tool-", "did you mean 'tool-b'?"),
        ("zzz", "applaunch search WORD finds apps; applaunch add NAME --image REF defines one"),
    ],
)
def test_an_unknown_name_suggests_the_closest(name, fix):
    for ask in (resolve, owner_of):
        with pytest.raises(NotFoundError) as refused:
            ask([BUILT_IN], name)

        assert str(refused.value) == f"{name}: no such app in any catalog; {fix}"


def test_the_apps_of_all_layers_are_listed_once():
    assert app_names([BUILT_IN, user("[apps]\na = 'x'\ntools = 'y'")]) == ["a", "openstack", "tools"]


@pytest.mark.parametrize("layer", ["system", "user", "override"])
def test_a_local_denial_survives_extends_false_in_a_project(layer):
    mine = catalog("[apps.x]\nimage = 'x'\ndeny = ['network', '~/.ssh']", layer, "mine.toml")
    base = catalog("[apps.x]\nimage = 'x'", "built-in", "built-in.toml")
    project = catalog("[apps.x]\nimage = 'y'\nextends = false\ndeny = ['cwd']", "project", "applaunch.toml")

    app = resolve(sorted([base, mine, project], key=lambda each: each.rank), "x")

    assert {*app.entry("x").deny} == {"network", "~/.ssh", "cwd"}
    assert app.entry("x").network_mode == "none"


def test_a_denial_for_a_command_survives_its_renaming():
    mine = user("[apps.x]\nimage = 'x'\n[apps.x.commands.a]\ndeny = ['network']\n[apps.x.commands.b]")
    same = catalog("[apps.x]\nimage = 'y'\nextends = false\n[apps.x.commands.a]\n[apps.x.commands.c]", "project", "p")
    other = catalog("[apps.x]\nimage = 'y'\nextends = false\n[apps.x.commands.c]", "project", "p")

    assert [resolve([mine, same], "x").entry(name).network_mode for name in "ac"] == ["none", "bridge"]
    assert resolve([mine, other], "x").entry("c").network_mode == "none"
    assert [resolve([mine], "x").entry(name).network_mode for name in "ab"] == ["none", "bridge"]


def test_a_denial_in_a_remote_affects_no_other_layer():
    remote = catalog("[apps.x]\nimage = 'x'\ndeny = ['network']", "team", "team.toml")
    mine = user("[apps.x]\nimage = 'y'\nextends = false")

    assert resolve([remote, mine], "x").entry("x").deny == ()
