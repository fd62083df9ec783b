import pytest

from launcher.core.mount import Mount
from launcher.core.protected import SECRETS, Cover, covers

HOME = "/home/ana"


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
    assert covers(mount, HOME, ()) == tuple(Cover(f"{HOME}/{secret}", f"{inside}/{secret}") for secret in SECRETS)


@pytest.mark.parametrize("source", ["/home/ana/clips", "/home/an", "/home/ana2", "/srv"])
def test_another_folder_shows_none(source):
    assert covers(Mount(source, source), HOME, ()) == ()


@pytest.mark.parametrize("named", ["/home/ana/.ssh", "/home/ana/.ssh/config"])
def test_what_the_entry_mounts_by_name_is_not_covered(named):
    hidden = [cover.source for cover in covers(Mount(HOME, HOME), HOME, [named])]

    assert "/home/ana/.ssh" not in hidden
    assert len(hidden) == len(SECRETS) - 1


def test_a_name_that_only_begins_alike_is_no_name():
    assert len(covers(Mount(HOME, HOME), HOME, ["/home/ana/.sshfs", "/home/ana/.config"])) == len(SECRETS)


def test_the_formats_own_list_is_covered():
    named = {".ssh", ".gnupg", ".aws", ".azure", ".config/gcloud", ".kube", ".docker", ".netrc", ".password-store"}

    assert named | {".mozilla"} <= {*SECRETS}
