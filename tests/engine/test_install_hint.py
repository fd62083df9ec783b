import pytest

from launcher.engine.install_hint import Machine, engine_fix, startable_engine


def machine(*programs, system=("debian",), uid=1000, container=False):
    return Machine(frozenset(programs), system, uid, container)


OUTSIDE = (
    "this is a container: run applaunch outside, or mount the engine's socket"
    " (-v /var/run/docker.sock:/var/run/docker.sock)"
)


@pytest.mark.parametrize(
    ("here", "command"),
    [
        (machine("podman"), "applaunch engine start"),
        (machine("podman", uid=0), "applaunch engine start"),
        (machine("dockerd", uid=0), "applaunch engine start"),
        (machine("dockerd", "sudo"), "sudo systemctl start docker"),
        (machine("sudo"), "sudo apt install podman"),
        (machine("doas", system=("alpine",)), "doas apk add podman"),
        (machine(uid=0), "apt install podman"),
        (machine(system=("ubuntu", "debian"), uid=0), "apt install podman"),
        (machine(system=("rocky", "rhel", "centos", "fedora"), uid=0), "dnf install podman"),
        (machine(system=("manjaro", "arch"), uid=0), "pacman -S podman"),
        (machine(system=("opensuse-tumbleweed", "opensuse", "suse"), uid=0), "zypper install podman"),
        (machine(system=("darwin",)), "brew install podman && podman machine init --now"),
        (machine("podman", system=("darwin",)), "podman machine start"),
        (machine(container=True), OUTSIDE),
        (machine("dockerd", "sudo", container=True), OUTSIDE),
        (machine("podman", container=True), "applaunch engine start"),
        (machine(system=("plan9",)), "install podman or docker: https://podman.io/docs/installation"),
        (machine(system=()), "install podman or docker: https://podman.io/docs/installation"),
    ],
)
def test_the_fix_fits_the_system(here, command):
    assert engine_fix(here) == command


@pytest.mark.parametrize(
    ("here", "program"),
    [
        (machine("podman", "dockerd", uid=0), "podman"),
        (machine("podman"), "podman"),
        (machine("dockerd", uid=0), "dockerd"),
        (machine("dockerd"), ""),
        (machine("podman", system=("darwin",)), ""),
        (machine(), ""),
    ],
)
def test_a_private_engine_needs_podman_or_as_root_dockerd(here, program):
    assert startable_engine(here) == program
