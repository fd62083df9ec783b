import pytest

from launcher.core.mount import Mount
from launcher.core.protected import SECRETS, Cover, covers, refuse_system
from launcher.errors import CannotRun

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


def test_one_file_of_a_secret_folder_does_not_uncover_the_others():
    hidden = [cover.source for cover in covers(Mount(HOME, HOME), HOME, ["/home/ana/.ssh/config"])]

    assert "/home/ana/.ssh" in hidden


def test_a_folder_above_a_secret_shows_it_no_more_than_the_home_does():
    config = f"{HOME}/.config"

    assert Cover(f"{config}/gh", "/data/gh") in covers(Mount(config, "/data"), HOME, ())


def test_what_the_entry_mounts_by_name_is_not_covered():
    hidden = [cover.source for cover in covers(Mount(HOME, HOME), HOME, ["/home/ana/.ssh"])]

    assert "/home/ana/.ssh" not in hidden
    assert len(hidden) == len(SECRETS) - 1


def test_a_name_that_only_begins_alike_is_no_name():
    assert len(covers(Mount(HOME, HOME), HOME, ["/home/ana/.sshfs", "/home/ana/.config"])) == len(SECRETS)


def test_the_formats_own_list_is_covered():
    named = {".ssh", ".gnupg", ".aws", ".azure", ".config/gcloud", ".kube", ".docker", ".netrc", ".password-store"}

    assert named | {".mozilla"} <= {*SECRETS}


@pytest.mark.parametrize(
    "cwd",
    [
        *(
            "/run",
            "/run/user",
            "/run/user/1000",
            "/run/user/1000/podman",
            "/run/user/1000/bus",
            "/run/dbus",
            "/var/run",
        ),
        *("/run/docker", "/run/containerd/x", "/var/run/dbus", "/run/media", "/run/systemd/private"),
    ],
)
def test_folders_of_sockets_are_no_current_folder(cwd):
    with pytest.raises(CannotRun, match="belongs to the system"):
        refuse_system(cwd, "x")


@pytest.mark.parametrize(
    "cwd", ["/run/media/ana/STICK", "/run/user/1000/gvfs/smb:x", "/runs", "/var/runs", "/home/ana"]
)
def test_disks_that_are_mounted_there_are(cwd):
    refuse_system(cwd, "x")
