"""Secrets are masked at the targets of links, and startup files are read-only (docs/catalog.md)."""

import pytest

from launcher.core.policy.masked_paths import Grants, Mask, outermost_masks, secret_masks, startup_mounts
from launcher.core.policy.path_args import PathFact
from launcher.core.values.mount import Mount
from launcher.core.values.protected_paths import SECRETS, STARTUP
from tests.core.examples import ANA

HOME = "/home/ana"
ALL = {f"{HOME}/{path}": PathFact("folder", f"{HOME}/{path}") for path in (*SECRETS, *STARTUP) if "*" not in path}
OUTER = {path for path in SECRETS if "*" not in path and not any(path.startswith(f"{each}/") for each in SECRETS)}


def covers(mount, facts=ALL, granted=()):
    return {(each.source, each.target) for each in secret_masks([mount], ANA, facts, Grants.of(granted, (), HOME))}


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
def test_secrets_in_a_mounted_home_are_masked(mount, inside):
    assert covers(mount) == {(f"{HOME}/{secret}", f"{inside}/{secret}") for secret in OUTER}


@pytest.mark.parametrize("source", ["/home/ana/clips", "/home/an", "/home/ana2", "/srv"])
def test_another_folder_has_no_masks(source):
    assert not covers(Mount(source, source))


def test_mounting_one_file_of_a_secret_folder_does_not_unmask_the_others():
    assert (f"{HOME}/.ssh", f"{HOME}/.ssh") in covers(Mount(HOME, HOME), granted=[f"{HOME}/.ssh/config"])


def test_a_secret_is_masked_in_any_parent_folder():
    assert (f"{HOME}/.config/gh", "/data/gh") in covers(Mount(f"{HOME}/.config", "/data"))


def test_an_explicitly_mounted_secret_is_not_masked():
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
def test_a_volume_of_a_tools_own_folder_grants_everything_in_it(volume, secret, startup, is_given):
    mount = Mount(volume, volume)

    given = f"{HOME}/{secret}" not in {source for source, _ in covers(mount, granted=[volume])}
    written = (f"{HOME}/{startup}", f"{HOME}/{startup}", True) not in fixed(mount, granted=[volume])

    assert (given, written) == (is_given, is_given)


def test_a_secret_in_a_shared_folder_is_masked_too():
    facts = {f"{HOME}/.ssh": PathFact("folder", f"{HOME}/dotfiles/ssh")}

    assert covers(Mount(f"{HOME}/dotfiles", "/d"), facts, [f"{HOME}/dotfiles"]) == {(f"{HOME}/dotfiles/ssh", "/d/ssh")}


def test_a_path_with_the_same_prefix_is_not_a_grant():
    assert len(covers(Mount(HOME, HOME), granted=[f"{HOME}/.sshfs", f"{HOME}/.config"])) == len(OUTER)


@pytest.mark.parametrize("shown", [HOME, f"{HOME}/dotfiles", "/home"])
def test_a_secret_that_is_a_link_is_masked_at_its_target(shown):
    facts = {f"{HOME}/.ssh": PathFact("folder", f"{HOME}/dotfiles/ssh")}

    assert covers(Mount(shown, "/data"), facts) == {
        (f"{HOME}/dotfiles/ssh", f"/data{f'{HOME}/dotfiles/ssh'[len(shown) :]}")
    }


def test_a_link_in_a_secret_folder_is_masked_at_its_target_too():
    facts = {f"{HOME}/.ssh/id_rsa": PathFact("file", "/srv/keys/id_rsa")}

    assert secret_masks([Mount("/srv", "/srv")], ANA, facts, Grants(())) == [
        Mask("/srv/keys/id_rsa", "/srv/keys/id_rsa")
    ]


def test_a_deeper_volume_is_not_masked():
    mounts = [Mount(HOME, HOME), Mount("/srv/config", f"{HOME}/.config")]

    assert not [
        each for each in secret_masks(mounts, ANA, ALL, Grants(())) if each.target.startswith(f"{HOME}/.config/")
    ]


def test_a_path_in_a_masked_folder_needs_no_mask_itself():
    covers = [Mask("/h/.a/b", "/h/.a/b"), Mask("/h/.a", "/h/.a", folder=True), Mask("/h/.a", "/h/.a", folder=True)]

    assert outermost_masks(covers) == [Mask("/h/.a", "/h/.a", folder=True)]


def fixed(mount, facts=ALL, covers=(), granted=()):
    return [
        (each.source, each.target, each.read_only)
        for each in startup_mounts([mount], ANA, facts, Grants.of(granted, (), HOME), covers)
    ]


def test_startup_files_are_read_only_and_their_parents_cannot_be_renamed():
    facts = {f"{HOME}/{path}": PathFact("file", f"{HOME}/{path}") for path in (".bashrc", ".config/fish")}

    assert fixed(Mount(HOME, "/data"), facts) == [
        (f"{HOME}/.bashrc", "/data/.bashrc", True),
        (f"{HOME}/.config", "/data/.config", False),
        (f"{HOME}/.config/fish", "/data/.config/fish", True),
    ]


def test_a_read_only_mount_needs_no_further_protection():
    assert not fixed(Mount(HOME, HOME, read_only=True))


def test_a_masked_path_needs_no_further_protection():
    assert not [
        each
        for each in fixed(Mount(HOME, HOME), covers=[Mask(f"{HOME}/.config", f"{HOME}/.config")])
        if "/.config/" in each[1]
    ]


def test_a_startup_file_that_is_a_link_is_read_only_at_its_target():
    facts = {f"{HOME}/.bashrc": PathFact("file", f"{HOME}/dotfiles/bashrc")}

    assert (f"{HOME}/dotfiles/bashrc", f"{HOME}/dotfiles/bashrc", True) in fixed(Mount(HOME, HOME), facts)
    assert not fixed(Mount(f"{HOME}/dotfiles", "/data"), facts)
