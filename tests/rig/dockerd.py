"""How a private dockerd starts and ends: with its own socket, data and bridge, in a mount namespace of its own."""

import grp
import json
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.rig import daemons
from tests.rig.engine import Engine
from tests.rig.place import Place
from tests.rig.programs import PATH
from tests.rig.trouble import RigError

ENCLOSURE = Path(__file__).with_name("dockerd.sh")


def docker_host(place: Place) -> str:
    """Return the address of the private engine; a socket's path holds 107 bytes at most."""
    return f"unix://{place.run}/docker.sock"


def is_up(place: Place) -> bool:
    """Whether the private dockerd runs and answers."""
    daemon = daemons.Daemon.recorded(place.run / "dockerd.pid")
    return daemon is not None and daemon.alive and Engine(docker_host(place)).answers()


def start(place: Place, bridge: str, mirror: str, names: dict[str, str], log: Callable[[str], None]) -> None:
    """Start dockerd; in it alone the *names* of public registries lead to the addresses given."""
    settings = {
        "hosts": [docker_host(place)],
        "group": socket_group(os.environ.get("RIG_SOCKET_GROUP")),
        "data-root": str(place.folder / "docker"),
        "exec-root": str(place.run / "exec"),
        "pidfile": str(place.run / "dockerd.own.pid"),
        "bridge": bridge,
        "iptables": False,  # see bridge.py
        "storage-driver": storage_driver(place.folder, log),
        "registry-mirrors": [f"http://{mirror}"],
        "insecure-registries": sorted(names),
        "max-download-attempts": 1,  # a pull from a registry that went away gives up after 5 s, not after 75
        "log-level": "warn",
    }
    config = place.run / "daemon.json"
    config.write_text(json.dumps(settings, indent=1))
    hosts = place.run / "hosts"
    hosts.write_text(Path("/etc/hosts").read_text() + "".join(f"{address} {name}\n" for name, address in names.items()))
    (place.run / "dockerd.own.pid").unlink(missing_ok=True)
    shutil.rmtree(place.folder / "docker/network", ignore_errors=True)  # else the bridge gets its old address again
    pid_file, output = place.run / "dockerd.pid", place.log("dockerd")
    enclosed = ("unshare", "--mount", "--propagation", "slave", "sh", str(ENCLOSURE), str(hosts))
    argv = (*enclosed, "--config-file", str(config))
    daemon = daemons.start(argv, pid_file=pid_file, log=output, env=environment(place, names))
    engine = Engine(docker_host(place))
    daemons.wait_for(daemon, engine.answers, pid_file=pid_file, log=output)
    engine.remove_containers()  # those of a dockerd that crashed


def stop(place: Place) -> None:
    """Remove the containers and networks, or dockerd would wait for them; then end it and what it had started."""
    engine = Engine(docker_host(place))
    if is_up(place):
        engine.remove_containers()
        for network in engine.ask("GET", "/networks"):
            if network["Name"] not in {"bridge", "host", "none"}:
                engine.ask("DELETE", f"/networks/{network['Id']}")
    daemons.stop(place.run / "dockerd.pid")
    shutil.rmtree(place.run / "exec", ignore_errors=True)  # containerd waits in vain for what a crash left there


def storage_driver(folder: Path, log: Callable[[str], None]) -> str:
    """Return ``overlay2``, or ``vfs`` where the folder itself is on an overlay."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    above = [each for each in mounts if folder.resolve().is_relative_to(each[1])]
    kind = max(above, key=lambda each: len(each[1]), default=("", "", "unknown"))[2]  # a chroot sees no / there
    if kind != "overlay" and "\toverlay\n" in Path("/proc/filesystems").read_text():
        return "overlay2"
    log(f"storage is vfs, which is slow: {folder} is on {kind}; APPLAUNCH_RIG=FOLDER on ext4 or xfs is faster")
    return "vfs"


def socket_group(wanted: str | None) -> str:
    """Return the group that may use the socket, a name or a number: the one wanted, else docker's, else root's."""
    names = {each.gr_name for each in grp.getgrall()}
    if wanted and not wanted.isdigit() and wanted not in names:
        raise RigError("RIG_SOCKET_GROUP", f"no group {wanted!r}", f"groupadd {wanted}")
    return wanted or ("docker" if "docker" in names else "root")


def environment(place: Place, names: Iterable[str]) -> dict[str, str]:
    """Return dockerd's environment: the rig's certificate is trusted, and no proxy stands before its registries."""
    local = ",".join(["localhost", "127.0.0.0/8", *names])
    proxies = {
        key: value if key.lower() != "no_proxy" else f"{value},{local}"
        for key, value in {"NO_PROXY": "", **os.environ}.items()
        if key.lower() in {"http_proxy", "https_proxy", "no_proxy"}
    }
    return {"PATH": PATH, "HOME": "/root", "SSL_CERT_FILE": str(place.run / "trusted.pem"), **proxies}
