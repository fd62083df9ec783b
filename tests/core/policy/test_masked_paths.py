"""Secrets are covered where their links lead, and what a shell runs is read-only (docs/catalog.md)."""

import pytest

from launcher.core.policy.masked_paths import Cover, Granted, hidden, outermost, read_only
from launcher.core.policy.path_args import PathFact
from launcher.core.values.mount import Mount
from launcher.core.values.protected_paths import SECRETS, STARTUP
from tests.core.examples import ANA

HOME = "/home/ana"
ALL = {f"{HOME}/{path}": PathFact("folder", f"{HOME}/{path}") for path in (*SECRETS, *STARTUP) if "*" not in path}
OUTER = {path for path in SECRETS if "*" not in path and not any(path.startswith(f"{each}/") for each in SECRETS)}


def covers(mount, facts=ALL, granted=()):
    return {(each.source, each.target) for each in hidden([mount], ANA, facts, Granted.of(granted, (), HOME))}


@pytest.mark.parametrize(
    ("mount", "inside"),
    [
        (Mount(HOME, HOME), HOME),
        (Mount(HOME, "/data"), "/data"),
        (Mount("/home", "/home"), HOME),
        (Mount("/home", "/data"), "/data/ana"),
        (Mount("/", "/host"), "/host/home/ana"),
    ],
)
def test_a_home_is_mounted_with_its_secrets_covered(mount, inside):
    assert covers(mount) == {(f"{HOME}/{secret}", f"{inside}/{secret}") for secret in OUTER}


@pytest.mark.parametrize("source", ["/home/ana/clips", "/home/an", "/home/ana2", "/srv"])
def test_another_folder_shows_none(source):
    assert not covers(Mount(source, source))


def test_one_file_of_a_secret_folder_does_not_uncover_the_others():
    assert (f"{HOME}/.ssh", f"{HOME}/.ssh") in covers(Mount(HOME, HOME), granted=[f"{HOME}/.ssh/config"])


def test_a_folder_above_a_secret_shows_it_no_more_than_the_home_does():
    assert (f"{HOME}/.config/gh", "/data/gh") in covers(Mount(f"{HOME}/.config", "/data"))


def test_what_the_entry_mounts_by_name_is_not_covered():
    left = covers(Mount(HOME, HOME), granted=[f"{HOME}/.ssh"])

    assert not [source for source, _ in left if source.startswith(f"{HOME}/.ssh")]
    assert len(left) == len(OUTER) - 1


@pytest.mark.parametrize(
    ("volume", "secret", "startup", "is_given"),
    [
        (f"{HOME}/.m2", ".m2/settings.xml", "none", True),
        (f"{HOME}/.cargo", ".cargo/credentials.toml", ".cargo/bin", True),
        (f"{HOME}/.config", ".config/gh", ".config/fish", False),
        (f"{HOME}/.local/share", ".local/share/keyrings", ".local/share/systemd", False),
        (HOME, ".m2/settings.xml", ".bashrc", False),
    ],
)
def test_a_volume_of_a_tools_own_folder_names_all_in_it(volume, secret, startup, is_given):
    mount = Mount(volume, volume)

    given = f"{HOME}/{secret}" not in {source for source, _ in covers(mount, granted=[volume])}
    written = (f"{HOME}/{startup}", f"{HOME}/{startup}", True) not in fixed(mount, granted=[volume])

    assert (given, written) == (is_given, is_given)


def test_a_secret_that_lies_in_a_folder_of_somebody_elses_is_covered_there_all_the_same():
    facts = {f"{HOME}/.ssh": PathFact("folder", f"{HOME}/dotfiles/ssh")}

    assert covers(Mount(f"{HOME}/dotfiles", "/d"), facts, [f"{HOME}/dotfiles"]) == {(f"{HOME}/dotfiles/ssh", "/d/ssh")}


def test_a_name_that_only_begins_alike_is_no_name():
    assert len(covers(Mount(HOME, HOME), granted=[f"{HOME}/.sshfs", f"{HOME}/.config"])) == len(OUTER)


@pytest.mark.parametrize("shown", [HOME, f"{HOME}/dotfiles", "/home"])
def test_a_secret_that_is_a_link_is_covered_where_it_lies(shown):
    facts = {f"{HOME}/.ssh": PathFact("folder", f"{HOME}/dotfiles/ssh")}

    assert covers(Mount(shown, "/data"), facts) == {
        (f"{HOME}/dotfiles/ssh", f"/data{f'{HOME}/dotfiles/ssh'[len(shown) :]}")
    }


def test_a_link_in_a_secret_folder_is_covered_where_it_lies_too():
    facts = {f"{HOME}/.ssh/id_rsa": PathFact("file", "/srv/keys/id_rsa")}

    assert hidden([Mount("/srv", "/srv")], ANA, facts, Granted(())) == [Cover("/srv/keys/id_rsa", "/srv/keys/id_rsa")]


def test_a_cover_is_not_put_where_a_deeper_volume_is():
    mounts = [Mount(HOME, HOME), Mount("/srv/config", f"{HOME}/.config")]

    assert not [each for each in hidden(mounts, ANA, ALL, Granted(())) if each.target.startswith(f"{HOME}/.config/")]


def test_what_lies_in_a_covered_folder_needs_no_cover_of_its_own():
    covers = [Cover("/h/.a/b", "/h/.a/b"), Cover("/h/.a", "/h/.a", folder=True), Cover("/h/.a", "/h/.a", folder=True)]

    assert outermost(covers) == [Cover("/h/.a", "/h/.a", folder=True)]


def fixed(mount, facts=ALL, covers=(), granted=()):
    return [
        (each.source, each.target, each.read_only)
        for each in read_only([mount], ANA, facts, Granted.of(granted, (), HOME), covers)
    ]


def test_what_a_shell_runs_is_read_only_and_the_folders_above_it_cannot_be_renamed():
    facts = {f"{HOME}/{path}": PathFact("file", f"{HOME}/{path}") for path in (".bashrc", ".config/fish")}

    assert fixed(Mount(HOME, "/data"), facts) == [
        (f"{HOME}/.bashrc", "/data/.bashrc", True),
        (f"{HOME}/.config", "/data/.config", False),
        (f"{HOME}/.config/fish", "/data/.config/fish", True),
    ]


def test_what_is_mounted_to_read_needs_no_more():
    assert not fixed(Mount(HOME, HOME, read_only=True))


def test_what_is_covered_needs_no_more():
    assert not [
        each
        for each in fixed(Mount(HOME, HOME), covers=[Cover(f"{HOME}/.config", f"{HOME}/.config")])
        if "/.config/" in each[1]
    ]


def test_a_start_up_file_that_is_a_link_is_read_only_where_it_lies():
    facts = {f"{HOME}/.bashrc": PathFact("file", f"{HOME}/dotfiles/bashrc")}

    assert (f"{HOME}/dotfiles/bashrc", f"{HOME}/dotfiles/bashrc", True) in fixed(Mount(HOME, HOME), facts)
    assert not fixed(Mount(f"{HOME}/dotfiles", "/data"), facts)
