import pytest

from launcher.core.values.protected_paths import SECRETS, STARTUP, refuse_system
from launcher.errors import CannotRunError


def test_the_documented_secrets_are_in_the_list():
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
def test_a_folder_of_sockets_is_refused_as_the_current_folder(cwd):
    with pytest.raises(CannotRunError, match="belongs to the system"):
        refuse_system(cwd, "x")


@pytest.mark.parametrize(
    "cwd", ["/run/media/ana/STICK", "/run/user/1000/gvfs/smb:x", "/runs", "/var/runs", "/home/ana"]
)
def test_disks_mounted_below_run_are_accepted(cwd):
    refuse_system(cwd, "x")


def test_each_protected_path_is_listed_only_once():
    paths = (*SECRETS, *STARTUP)

    assert len(paths) == len({*paths})
    assert not [path for path in paths if path.startswith(("/", "~")) or path.endswith("/")]


@pytest.mark.parametrize("folder", ["/", "/etc", "/run", "/proc/1", "/boot/efi"])
def test_a_system_folder_is_refused_as_the_current_folder(folder):
    with pytest.raises(CannotRunError, match="belongs to the system"):
        refuse_system(folder, "x")
