"""Podman as a service: root's, and an ordinary user's."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.rig import bridge, dockerd, recipes
from tests.rig.engines import somebody
from tests.rig.engines.site import Site

NEEDED = {"podman": "podman", "runc": "runc", "conmon": "conmon", "catatonit": "catatonit"}
ROOTLESS = {"newuidmap": "uidmap", "slirp4netns": "slirp4netns"}
ULIMITS = ("nofile=1024:1024",)
"""Podman's own are the kernel's highest, which a root without CAP_SYS_RESOURCE may not set; see runc.sh, too."""
RUNC = Path(__file__).with_name("runc.sh")


def start(site: Site, log: Callable[[str], None], uid: int) -> None:
    """Start the service; every public name leads to the rig's registry."""
    env = {
        "CONTAINERS_CONF": str(site.write("containers.conf", _containers_conf(site, uid))),
        "CONTAINERS_REGISTRIES_CONF": str(site.write("registries.conf", _registries_conf(site))),
        "TMPDIR": str(site.data / "tmp"),
    }
    (site.folder / "tmp").mkdir(exist_ok=True)
    places = ("--root", str(site.data / "storage"), "--runroot", str(site.run / "run"), "--storage-driver", "overlay")
    places = ("--root", str(site.data / "storage"), "--runroot", str(site.run / "run"), "--storage-driver", "overlay")
    service = ("podman", *places, "system", "service", "--time", "0", site.docker_host)
    if uid == 0:
        raised = bridge.raise_bridge(site.bridge, log)
        (site.run / "net").mkdir()
        site.write("net/rig.conflist", _network(site, raised))
        site.start(service, "shm", "tmpfs", "/var/lib/containers", "tmpfs", "/run/libpod", env=env)
        shutil.chown(site.socket, group=dockerd.socket_group(os.environ.get("RIG_SOCKET_GROUP")))
        site.socket.chmod(0o660)
        return
    home = somebody.home(site)
    (home / "run").mkdir(parents=True)
    os.chmod(home / "run", 0o700)
    for each in (site.run, site.folder, site.folder / "tmp", home, home / "run"):
        os.chown(each, uid, uid)
    own = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run")}
    steps = (*somebody.known(site), "shm", "tun", str(site.run / "tun"))
    site.start((*somebody.become(), *service), *steps, env=env | own)


def stop(site: Site) -> None:
    """End it, and its bridge."""
    site.stop()
    bridge.remove_bridge(site.bridge, None)


def _containers_conf(site: Site, uid: int) -> str:
    own = f'network_config_dir = "{site.run}/net"\ndefault_network = "rig"\n' if uid == 0 else ""
    runc = site.write("runc", RUNC.read_text().replace("@ROOT@", f"{site.run}/runc-state"))
    runc.chmod(0o755)
    return f"""
[containers]
default_ulimits = {json.dumps(ULIMITS)}
[engine]
runtime = "runc"  # crun refuses a machine with cgroups of both versions
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "{site.run}/tmp"
volume_path = "{site.data}/volumes"
[engine.runtimes]
runc = ["{runc}"]
[network]
network_backend = "cni"
{own}"""


def _registries_conf(site: Site) -> str:
    hosts = sorted({each.host for each in recipes.RECIPES})
    where = f'location = "{site.rig.registry}"\ninsecure = true\n'
    return "".join(f'[[registry]]\nprefix = "{host}"\n{where}' for host in hosts)


def _network(site: Site, raised: bridge.Bridge) -> str:
    """Describe the rig's own bridge, whose rules come and go with it; CNI's firewall would leave its chains behind."""
    subnet = f"{raised.address.rpartition('.')[0]}.0/24"
    ipam = {
        "type": "host-local",
        "ranges": [[{"subnet": subnet, "gateway": raised.address}]],
        "routes": [{"dst": "0.0.0.0/0"}],
        "dataDir": str(site.run / "ipam"),
    }
    plugin = {"type": "bridge", "bridge": raised.name, "isGateway": True, "ipMasq": False, "ipam": ipam}
    return json.dumps({"cniVersion": "0.4.0", "name": "rig", "plugins": [plugin]})
