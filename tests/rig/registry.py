"""Which registry answers: one storage with three doors, so that public names work unchanged without the internet.

The *mirror* on 127.0.0.1 is where images are pushed and what dockerd asks for docker.io first. *names* stands for the
registries with other names (ghcr.io, ...) over plain HTTP. *hub* stands for docker.io itself over HTTPS: dockerd asks
there once the mirror had nothing, and so an unknown image is a quick 404 instead of a long wait for a network.
"""

import hashlib
import ipaddress
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.rig import daemons
from tests.rig.place import Place
from tests.rig.programs import PATH, find, run
from tests.rig.trouble import RigError

HUB_NAMES = ("registry-1.docker.io", "auth.docker.io", "index.docker.io")
ROOTS = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")


class Door(NamedTuple):
    """One listener on the storage."""

    name: str
    address: str  # HOST:PORT
    tls: bool = False


def doors(place: Place, mirror: str) -> tuple[Door, Door, Door]:
    """Return the three doors of the private rig; the loopback addresses differ from rig to rig."""
    number = (int(hashlib.sha256(str(place.main).encode()).hexdigest()[:4], 16) + place.number) % 250
    names, hub = (str(ipaddress.IPv4Address("127.77.0.0") + 256 * number + last) for last in (1, 2))
    return Door("mirror", mirror), Door("names", f"{names}:80"), Door("hub", f"{hub}:443", tls=True)


def lead(place: Place, hosts: list[str]) -> dict[str, str]:
    """Return where each public registry name leads to inside dockerd's namespace."""
    _, names, hub = doors(place, "")
    others = {host: names.address.partition(":")[0] for host in hosts if host != "docker.io"}
    return {**others, **dict.fromkeys(HUB_NAMES, hub.address.partition(":")[0])}


def is_up(place: Place) -> bool:
    """Whether the mirror's process runs."""
    daemon = daemons.Daemon.recorded(place.run / "registry-mirror.pid")
    return daemon is not None and daemon.alive


def start(place: Place, opened: tuple[Door, ...]) -> None:
    """Open the doors that are not open yet."""
    program = find("docker-registry")
    if program is None:
        raise RigError("registry", "no docker-registry program", "apt-get install docker-registry")
    begun = []
    for door in opened:
        pid_file, output = place.run / f"registry-{door.name}.pid", place.log(f"registry-{door.name}")
        known = daemons.Daemon.recorded(pid_file)
        if known is None or not known.alive:
            _refuse_taken(door)
            config = place.run / f"registry-{door.name}.yml"
            config.write_text(_settings(place, door))
            env = {"PATH": PATH, "HOME": os.environ.get("HOME", "/"), "OTEL_TRACES_EXPORTER": "none"}
            daemon = daemons.start((program, "serve", str(config)), pid_file=pid_file, log=output, env=env)
            begun.append((door, daemon, pid_file, output))
    for door, daemon, pid_file, output in begun:
        daemons.wait_for(daemon, listens(door.address), pid_file=pid_file, log=output)


def stop(place: Place) -> None:
    """Close every door; clients see a refused connection."""
    for pid_file in sorted(place.run.glob("registry-*.pid")):
        daemons.stop(pid_file)


def listens(address: str) -> Callable[[], bool]:
    """Return the question whether somebody listens at HOST:PORT."""
    host, _, port = address.partition(":")

    def ready() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((host, int(port))) == 0

    return ready


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def certify(place: Place) -> None:
    """Make the hub's certificate once, and the bundle by which dockerd trusts it beside what this machine trusts."""
    key, certificate = place.folder / "hub.key", place.folder / "hub.pem"
    if not certificate.exists():
        names = ",".join(f"DNS:{name}" for name in HUB_NAMES)
        run(
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=rig"),
            *("-addext", f"subjectAltName={names}", "-keyout", str(key), "-out", str(certificate)),
        )
    roots = [Path(file) for file in (os.environ.get("SSL_CERT_FILE"), *ROOTS) if file and Path(file).exists()]
    known = roots[0].read_text() if roots else ""
    (place.run / "trusted.pem").write_text(known + certificate.read_text())


def _settings(place: Place, door: Door) -> str:
    tls = f"  tls: {{certificate: '{place.folder}/hub.pem', key: '{place.folder}/hub.key'}}\n" if door.tls else ""
    return (
        "version: 0.1\n"
        "log: {level: warn, accesslog: {disabled: true}}\n"
        f"storage: {{filesystem: {{rootdirectory: '{place.registry}'}}, delete: {{enabled: true}}}}\n"
        f"http:\n  addr: '{door.address}'\n  secret: rig\n{tls}"
    )


def _refuse_taken(door: Door) -> None:
    host, _, port = door.address.partition(":")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            fix = f"see who listens: ss -ltnp sport = :{port}"
            raise RigError(door.address, error.strerror or str(error), fix) from error
