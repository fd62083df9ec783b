"""The other dockerds: one that remaps users, an ordinary user's, and a newer one."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from tests.rig import bridge, dockerd, recipes, registry
from tests.rig.engines import later, somebody
from tests.rig.engines.site import Site

PASSAGE = Path(__file__).with_name("passage.py")
ROOTLESS = Path(__file__).with_name("rootless.sh")


def start_userns(site: Site, log: Callable[[str], None]) -> None:
    """Start one in which root is somebody else."""
    raised = bridge.raise_bridge(site.bridge, log)
    settings = _settings(site, log) | {"bridge": raised.name, "userns-remap": somebody.NAME}
    steps = (*somebody.known(site), *_names(site), "tmpfs", "/run/containerd")
    site.start(_program(site, settings), *steps, env=_environment(site))


def start_rootless(site: Site, log: Callable[[str], None]) -> None:
    """Start one that belongs to an ordinary user, in a network of its own that holds the registry and no bridge."""
    home = somebody.home(site)
    (home / "run").mkdir(parents=True)
    os.chmod(home / "run", 0o700)
    meeting, root = site.run / "meeting", site.folder / "docker"
    root.mkdir(exist_ok=True)  # dockerd follows the links on the way to a data root that is there, runc refuses any
    os.mkfifo(meeting, 0o600)
    for each in (site.run, site.folder, root, home, home / "run", meeting):
        os.chown(each, somebody.UID, somebody.UID)
    settings = _settings(site, log) | {"bridge": "none", "rootless": True, "group": "root"}
    kit = ("rootlesskit", "--net=host", f"--state-dir={home}/run/kit", "--copy-up=/etc", "--copy-up=/run")
    inside = ("--propagation=rslave", "unshare", "--net", "sh", str(site.write("rootless.sh", ROOTLESS.read_text())))
    doors = (each.address for each in registry.doors(site.rig.place, site.rig.registry))
    passage = (sys.executable, "-I", str(PASSAGE), str(meeting), *doors, "--")
    rootless = (*passage, *somebody.become(), *kit, *inside, str(meeting))
    own = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run")}
    steps = (*somebody.known(site), *_names(site))
    site.start((*rootless, *_program(site, settings)), *steps, env=_environment(site) | own)


def _settings(site: Site, log: Callable[[str], None]) -> dict[str, object]:
    names = registry.lead(site.rig.place, [each.host for each in recipes.RECIPES])
    return {
        "hosts": [site.docker_host],
        "group": dockerd.socket_group(os.environ.get("RIG_SOCKET_GROUP")),
        "data-root": str(site.data / "docker"),
        "exec-root": str(site.run / "exec"),
        "pidfile": str(site.run / "dockerd.own.pid"),
        "iptables": False,
        "storage-driver": dockerd.storage_driver(site.folder, log),
        "registry-mirrors": [f"http://{site.rig.registry}"],
        "insecure-registries": sorted(names),
        "max-download-attempts": 1,
        "log-level": "warn",
    }


def _program(site: Site, settings: dict[str, object]) -> tuple[str, ...]:
    return ("dockerd", "--config-file", str(site.write("daemon.json", json.dumps(settings, indent=1))))


def _names(site: Site) -> tuple[str, ...]:
    """Return the step that lets the public names lead to the rig's registry."""
    return ("bind", str(site.rig.place.run / "hosts"), "/etc/hosts")


def _environment(site: Site) -> dict[str, str]:
    return dockerd.environment(site.rig.place, registry.lead(site.rig.place, [e.host for e in recipes.RECIPES]))


def stop(site: Site) -> None:
    """End it, and its bridge."""
    site.stop()
    bridge.remove_bridge(site.bridge, None)


def start_new(site: Site, log: Callable[[str], None]) -> None:
    """Start the one of a later Debian, whose root takes the place of this machine's in the enclosure."""
    root = later.root(site, log)
    raised = bridge.raise_bridge(site.bridge, log)
    settings = _settings(site, log) | {"bridge": raised.name}
    hosts = ("bind", str(site.rig.place.run / "hosts"), f"{root}/etc/hosts")
    group = ("bind", "/etc/group", f"{root}/etc/group")
    steps = (*hosts, *group, "root", str(root))
    site.start(_program(site, settings), *steps, env=_environment(site))
