"""docs/team.md does what it says: its ten commands are typed, its files are read, its recipes are YAML that names our options."""

import re
import tomllib
from pathlib import Path

import pytest
import typer

from launcher.cli.command_index import app
from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.publish_rules import refuse_violations
from launcher.core.remotes.keyring import KeysFile
from launcher.core.remotes.remote import Remote
from tests.remotes.conftest import web  # noqa: F401  its fixture is ours

PAGE = (Path(__file__).parents[2] / "docs/team.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


PUBLISHER, USER, *_ = blocks("sh")
CATALOG, KEYS = blocks("toml")


def test_there_are_ten_commands():
    lines = [line for line in (PUBLISHER + USER).splitlines() if line.strip()]

    assert len(lines) == 10


@pytest.mark.engine
def test_from_nothing_to_a_shared_catalog(home, engine, web):  # noqa: F811  pytest's way to ask for one
    image = "docker.io/library/busybox:latest"  # the rig has no shfmt
    (home.path / "editor").write_text(
        f"cat >$1 <<'END'\n{CATALOG.replace('docker.io/mvdan/shfmt:v3.12.0', image)}END\n"
    )
    (home.path / ".ssh").mkdir()
    typed = PUBLISHER.replace("ssh-keygen", "ssh-keygen -q -N ''").replace("public ", f"{web.folder} ")

    done = home.run("bash", "-euc", typed.replace('"$EDITOR"', f"sh {home.path}/editor"))
    assert done.returncode == 0, done.stderr
    (home.path / ".ssh/team-catalog.pub").rename(home.path / "team-catalog.pub")
    used = home.run("bash", "-euc", USER.replace("https://tools.example/", web.url).replace("upgrade", "upgrade --yes"))

    assert used.returncode == 0, used.stderr
    assert "added: ~/.local/bin/shfmt" in used.stdout
    assert "team: serial 1 is current" in used.stdout
    assert home.run("shfmt", "echo", "hi").stdout == "hi\n"


def test_the_catalog_on_the_page_may_be_published():
    catalog = Catalog.parse(CATALOG, "user", "docs/team.md")

    catalog.check()
    refuse_violations(catalog)


def test_the_list_of_keys_on_the_page_is_one():
    found = KeysFile.parse(KEYS, "docs/team.md")

    assert (found.keys[0].comment, found.revoked[0].why) == ("ben", "laptop lost")


def test_the_settings_on_the_page_are_all_there_are():
    said = re.search(r"The keys of the first are (.*)\.$", PAGE, re.MULTILINE)[1]

    assert re.findall(r"`(\w+)`", said) == [field for field in Remote._fields if field != "name"]
    assert tomllib.loads('url = "https://tools.example/"')


@pytest.mark.parametrize("recipe", blocks("yaml"), ids=["github", "gitlab"])
def test_a_recipe_names_options_that_exist(recipe):
    publish = typer.main.get_command(app).get_command(None, "catalog").get_command(None, "publish")
    known = {name for each in publish.params for name in each.opts}
    (line,) = re.findall(r"applaunch catalog publish (.*)", recipe)

    assert {*re.findall(r"--[a-z-]+", line)} <= known


def test_every_refusal_of_the_page_names_the_limits_of_the_code():
    from launcher.remotes.catalog_files import CATALOG as NAME
    from launcher.remotes.catalog_files import LARGEST, LONGEST

    assert f"larger than {LARGEST[NAME] >> 20} MiB, slower than {LONGEST:g} seconds" in PAGE
