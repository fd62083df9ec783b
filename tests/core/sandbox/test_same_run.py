"""Whether bubblewrap gives the same run as the engine: every row of the table, with the reason that is shown."""

import pytest

from launcher.core.sandbox.same_run import NO_TREE, why_engine
from launcher.core.sandbox.sandbox_traits import SandboxTraits
from launcher.core.sandbox.tree import ImageConfig, Tree, WritablePath
from launcher.core.values.limits import Ulimit
from launcher.core.values.mount import Mount
from launcher.core.values.port import Port
from tests.core.examples import ANA, ROOT, YOUTUBE_DL

HERE = SandboxTraits("/usr/bin/bwrap", (0, 8, 0), "", "/usr/bin/pasta", "/state/seccomp.bpf", "amd64")
ENTRY = YOUTUBE_DL
TREE = Tree("sha256:" + "1" * 64, config=ImageConfig(platform="linux/amd64"))
TTY = ANA._replace(stdin_tty=True, stdout_tty=True)
LIMITS = {"nofile": 4096, "nproc": -1}
ALONE = ANA._replace(groups=(1000,))


def tree(*writable, **config):
    """Return a tree with these writable paths ("/x" an empty folder, "/x+" one with contents) and image config."""
    paths = tuple(WritablePath(path.rstrip("+"), 0o1777, not path.endswith("+")) for path in writable)
    return TREE._replace(writable=paths, config=ImageConfig(**{"platform": "linux/amd64"} | config))


SOCKET = (Mount("/run/docker.sock", "/var/run/docker.sock"),)
SAME = {
    "an engine's socket, without other groups": {"call": ALONE, "volumes": SOCKET},
    "you": {},
    "root, with a read-only image": {"call": ROOT, "read_only": True},
    "root, if its own volumes are empty or mounted": {"call": ROOT, "read_only": True, "tree": tree("/+", "/a", volumes=("/a", "/b")), "volumes": (Mount("/x", "/b"),)},
    "no network": {"network_mode": "none"},
    "no network, without pasta": {"network_mode": "none", "traits": HERE._replace(network="")},
    "this machine's network": {"network_mode": "host", "traits": HERE._replace(network="")},
    "ports without a network do nothing": {"network_mode": "none", "ports": (Port(80, 8080),)},
    "ports in this machine's network do nothing": {"network_mode": "host", "ports": (Port(80, 8080),)},
    "ports that pasta publishes": {"ports": (Port(80, 8080), Port(53, 5353, "0.0.0.0"))},
    "ports of localhost, by pasta": {"localhost": (5432,), "traits": HERE._replace(network="/usr/bin/pasta")},
    "ports of localhost in this machine's network": {"localhost": (5432,), "network_mode": "host"},
    "the network of each run": {"network_share": False},
    "name servers and hosts": {"dns": ("1.1.1.1",), "extra_hosts": ("a:127.0.0.1",)},
    "the name of this machine": {"extra_hosts": ("me:host-gateway",)},
    "binds": {"volumes": (Mount("~/d", "/d"), Mount("/b", "/b", read_only=True, relabel="z"))},
    "files of every kind": {"persist": (".",), "tmpfs": (("/run", "size=1m"),), "shm_size": 1, "path_args": "rw"},
    "a read-only image": {"read_only": True},
    "what is denied": {"deny": ("~/.ssh", "network")},
    "what is denied, beside mounts that root alone can exchange": {"deny": ("~/.ssh",), "volumes": (Mount("/etc/x", "/x"), Mount("~/.ssh/a", "/a"), Mount("/home/ana/clips", "/c"), Mount("/y", "/y", required=False))},
    "what is denied, beside a volume, with a newer bwrap": {"deny": ("~/.ssh",), "volumes": (Mount("/a", "/a"),), "traits": HERE._replace(binds_descriptors=True)},
    "variables, a folder and a name": {"environment": (("A", "b"),), "working_dir": "/data", "hostname": "h"},
    "no init": {"init": False},
    "stop keys": {"stop_signal": "SIGINT", "stop_grace_period": 1.0},
    "warm is of the engine alone": {"warm": 300.0, "reuse": "shared"},
    "labels, which nobody looks for": {"labels": (("a", "b"),)},
    "less of nothing": {"cap_drop": ("CHOWN",)},
    "all dropped": {"cap_drop": ("ALL",), "call": ROOT, "read_only": True},
    "no new privileges": {"security_opt": ("no-new-privileges",)},
    "no new privileges, in full": {"security_opt": ("no-new-privileges:true",)},
    "this machine's platform": {"platform": "linux/amd64"},
    "this machine's platform, with a variant": {"platform": "linux/arm64/v8", "traits": HERE._replace(arch="arm64"), "tree": tree(platform="linux/arm64/v8")},
    "the system alone": {"platform": "linux"},
    "an image that does not tell its platform": {"tree": tree(platform="")},
    "a terminal, if there is one": {"tty": "auto", "call": TTY},
    "a terminal that is there": {"tty": True, "call": TTY},
    "no terminal, and none is there": {"tty": False},
    "no terminal on a pipe, and no stdin": {"tty": False, "stdin": "never", "call": TTY._replace(stdout_tty=False)},
    "auto with a pipe behind": {"call": TTY._replace(stdout_tty=False)},
    "limits within the caller's": {"ulimits": (Ulimit("nofile", 1024, 4096), Ulimit("nproc", 5, -1))},
    "a group that the caller is in": {"group_add": ("27", "1000")},
    "an image whose user is the caller, and who says HOME": {"user": "image", "call": ALONE, "tree": tree(user="1000:1000", environment=("HOME=/home/x",))},
    "the caller by number": {"user": "1000:1000", "call": ALONE, "environment": (("HOME", "/x"),)},
    "empty writable folders": {"tree": tree("/tmp", "/var/tmp", "/var/lib/app")},
    "a writable folder with contents, read-only": {"tree": tree("/srv+"), "read_only": True},
    "a writable folder below the current one": {"tree": tree("/data/x+"), "working_dir": "/data"},
    "a writable folder at the current one": {"tree": tree("/data+"), "working_dir": "/data"},
    "a writable folder below the home": {"tree": tree("/home/ana/x+"), "mount_cwd": "none"},
    "a writable folder below a tmpfs": {"tree": tree("/tmp/x+"), "tmpfs": (("/tmp", ""),)},
    "a writable folder below a volume": {"tree": tree("/d/x+", "/home/ana/v+"), "volumes": (Mount("/a", "/d"), Mount("/a", "~/v"))},
}  # fmt: skip


def reason(**facts):
    call, machine, there = facts.pop("call", ANA), facts.pop("traits", HERE), facts.pop("tree", TREE)
    more = {"hard_limits": LIMITS} | {key: facts.pop(key) for key in ("context", "hard_limits") if key in facts}
    return why_engine(ENTRY._replace(**facts), call, there, machine, **more)


@pytest.mark.parametrize("facts", SAME.values(), ids=SAME)
def test_bubblewrap_gives_the_same_run(facts):
    assert reason(**facts) == ""


ENGINE = [
    ({"user": "image"}, "user = 'image', which is root"),
    ({"volumes": SOCKET}, "volumes = ['/run/docker.sock']: it may need your groups, and a sandbox hides their numbers"),
    ({"user": "image", "tree": tree(user="node")}, "user = 'image', which is node"),
    ({"user": "image", "tree": tree(user="1000:1000")}, "user = 'image', which is 1000:1000"),  # other groups remain
    ({"user": "image", "call": ALONE, "tree": tree(user="1000")}, "user = 'image', which is 1000"),  # its group?
    ({"user": "image", "call": ALONE, "tree": tree(user="1000:7")}, "user = 'image', which is 1000:7"),
    ({"user": "image", "call": ALONE, "tree": tree(user="1000:1000")}, "user = 'image', whose home only the image knows"),
    ({"user": "image", "call": ROOT, "tree": tree(user="0:0", environment=("HOME=/root",)), "read_only": True}, "user = 'image', which is 0:0"),  # it keeps more capabilities
    ({"user": "root"}, "user = 'root'"),
    ({"user": "0"}, "user = '0'"),
    ({"user": "7:7"}, "user = '7:7'"),
    ({"user": "1000"}, "user = '1000'"),
    ({"user": "1000:1000"}, "user = '1000:1000'"),
    ({"user": "1000:1000", "call": ALONE}, "user = '1000:1000', whose home only the image knows"),
    ({"group_add": ("27", "44")}, "group_add = ['44']"),
    ({"group_add": ("video",)}, "group_add = ['video']"),
    ({"call": ROOT}, "read_only = false as root"),
    ({"call": ROOT, "read_only": True, "tree": tree("/+", "/data+", volumes=("/data",)), "working_dir": ""}, "the volume /data of its image"),
    ({"call": ROOT, "read_only": True, "tree": tree("/+", volumes=("/cache",))}, "the volume /cache of its image"),
    ({"read_only": True, "tree": tree("/cache+", volumes=("/cache",))}, "its image has a writable /cache with contents"),
    ({"tree": tree("/data/cache+", volumes=("/data/cache",)), "working_dir": "/data"}, "read_only = false: its image has a writable /data/cache with contents"),
    ({"tree": tree("/tmp", "/srv+")}, "read_only = false: its image has a writable /srv with contents"),
    ({"tree": tree("/datax+"), "working_dir": "/data"}, "read_only = false: its image has a writable /datax with contents"),
    ({"tree": tree("/data+"), "mount_cwd": "none"}, "read_only = false: its image has a writable /data with contents"),
    ({"tree": tree("/d+"), "volumes": (Mount("/a", "/d", required=False),)}, "read_only = false: its image has a writable /d with contents"),
    ({"tree": tree("/home/ana+"), "user": "1000:1000", "call": ALONE, "environment": (("HOME", "/x"),), "mount_cwd": "none"}, "read_only = false: its image has a writable /home/ana with contents"),
    ({"traits": HERE._replace(network="")}, "network_mode = 'bridge': it needs passt or slirp4netns"),
    ({"traits": HERE._replace(network="", why_no_network="pasta is not installed; apt install passt")}, "network_mode = 'bridge': pasta is not installed; apt install passt"),
    ({"traits": HERE._replace(network=""), "network_mode": "default"}, "network_mode = 'default': it needs passt or slirp4netns"),
    ({"deny": ("~/.ssh",), "volumes": (Mount("~/d", "/d"),)}, "volumes = ['~/d'] beside deny: bubblewrap is too old to check them; install 0.10.1 or later"),
    ({"network_mode": "mine"}, "network_mode = 'mine'"),
    ({"ports": (Port(80, 8080), Port(53, 0, "::1", "udp"))}, "ports = ['[::1]::53/udp']"),
    ({"ports": (Port(80, 80),)}, "ports = ['127.0.0.1:80:80']"),
    ({"ports": (Port(80, 8080),), "traits": HERE._replace(network="/usr/bin/slirp4netns")}, "ports = ['127.0.0.1:8080:80']"),
    ({"localhost": (5432,), "traits": HERE._replace(network="/usr/bin/slirp4netns")}, "localhost = [5432]: it needs pasta (package passt), which does not work for root"),
    ({"localhost": ("host",), "network_mode": "none"}, "localhost = ['host']: it needs network_mode = 'bridge'"),
    ({"volumes": (Mount("/a", "/a"), Mount("cache", "/c", kind="volume"))}, "volumes = ['cache'], which the engine keeps"),
    ({"extra_hosts": ("a:10.0.0.1", "me:host-gateway"), "network_mode": "none"}, "extra_hosts = ['me:host-gateway'], an address of the engine"),
    ({"cap_add": ("NET_ADMIN",)}, "cap_add = ['NET_ADMIN']"),
    ({"cap_drop": ("CHOWN",), "call": ROOT, "read_only": True}, "cap_drop = ['CHOWN'], without ALL"),
    ({"security_opt": ("no-new-privileges:false",)}, "security_opt = ['no-new-privileges:false']"),
    ({"security_opt": ("no-new-privileges", "label=disable")}, "security_opt = ['label=disable']"),
    ({"security_opt": ("seccomp=unconfined",)}, "security_opt = ['seccomp=unconfined']"),
    ({"platform": "linux/arm64"}, "platform = 'linux/arm64'"),
    ({"platform": "windows/amd64"}, "platform = 'windows/amd64'"),
    ({"tree": tree(platform="linux/arm64/v8")}, "platform: its image is for linux/arm64/v8"),
    ({"mem_limit": 512 << 20}, "mem_limit = 536870912"),
    ({"cpus": 1.5}, "cpus = 1.5"),
    ({"pids_limit": 7}, "pids_limit = 7"),
    ({"ulimits": (Ulimit("nofile", 1024, 4097),)}, "ulimits: nofile = 4097 is above your own limit, 4096"),
    ({"ulimits": (Ulimit("nofile", -1, -1),)}, "ulimits: nofile = -1 is above your own limit, 4096"),
    ({"ulimits": (Ulimit("core", 0, 0),)}, "ulimits: core is set by an engine only"),
    ({"ulimits": (Ulimit("nofile", 1, 1),), "hard_limits": None}, "ulimits: nofile is set by an engine only"),
    ({"tty": True}, "tty = true without a terminal"),
    ({"tty": True, "call": TTY._replace(stdin_tty=False)}, "tty = true without a terminal"),
    ({"tty": False, "call": TTY}, "tty = false on a terminal"),
    ({"tty": False, "call": TTY._replace(stdout_tty=False)}, "tty = false on a terminal"),
    ({"tty": False, "stdin": "never", "call": TTY}, "tty = false on a terminal"),
    ({"pull_policy": "always"}, "pull_policy = 'always'"),
    ({"context": "ssh://far"}, "the chosen engine is at ssh://far"),
    ({"traits": SandboxTraits()}, "bubblewrap is not installed"),
    ({"traits": HERE._replace(why_not="this kernel allows no user namespaces; sysctl -w x=1")}, "this kernel allows no user namespaces; sysctl -w x=1"),
    ({"traits": HERE._replace(seccomp="")}, "the filter of system calls cannot be made here"),
    ({"traits": HERE._replace(seccomp="", why_no_filter="libseccomp is not installed; apt install libseccomp2")}, "libseccomp is not installed; apt install libseccomp2"),
    ({"tree": None}, NO_TREE),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "why"), ENGINE, ids=[why for _, why in ENGINE])
def test_the_engine_runs_it_and_the_reason_names_the_key(facts, why):
    assert reason(**facts) == why


@pytest.mark.parametrize(
    ("facts", "why"),
    [each for each in ENGINE if "tree" not in each[0] and "home" not in each[1] and "call" not in each[0]],
    ids=str,
)
def test_a_missing_tree_hides_no_reason_that_unpacking_would_not_remove(facts, why):
    expected = NO_TREE if facts.get("user") == "image" else why

    assert reason(**facts | {"tree": None}) == expected


def test_every_reason_is_one_line():
    assert [why for _, why in ENGINE if "\n" in why or len(why) > 100] == []
