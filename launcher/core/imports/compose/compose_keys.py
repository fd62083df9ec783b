"""Keys of compose files that no entry holds, each with its reason, and those of a service that are no news."""

from launcher.core.imports.compose.field_readers import Field, explained, planned, refused

_WEIGHT = "no key shares out processors, memory or disks between programs"
_WINDOWS = "is for Windows containers, which applaunch does not run"
_SERVICE = "a program runs while somebody waits for it; services are for compose"
_FAMILY = "a program of the catalog belongs to no other container"

FILE = {
    "version": "compose itself makes nothing of it",
    "name": "an entry belongs to no project",
    "include": "name the other files beside this one",
    "volumes": "an entry names a volume and describes none; one that is not there is made by the engine",
    "networks": "the networks of a compose file are its own; network_mode takes the name of one that exists",
    "secrets": "there is no store for secrets; write a volume or a variable",
    "configs": "write a volume",
    "models": "no key runs models",
}
"""Keys of the file, beside its services: why they are left."""

NOT_CARRIED: dict[str, Field] = {
    "annotations": refused("no key: they are words to the OCI runtime"),
    "attach": explained("the output is yours, always"),
    "blkio_config": refused(_WEIGHT),
    "cgroup": refused("no key shares control groups with this machine"),
    "cgroup_parent": refused("no key places a program in a control group"),
    "configs": refused("write a volume"),
    "container_name": explained("each run gets a name of its own, so that many can run at a time"),
    "cpu_count": refused(_WINDOWS),
    "cpu_percent": refused(_WINDOWS),
    "cpu_period": refused("write cpus"),
    "cpu_quota": refused("write cpus"),
    "cpu_rt_period": refused(_WEIGHT),
    "cpu_rt_runtime": refused(_WEIGHT),
    "cpu_shares": refused(_WEIGHT),
    "cpuset": refused("no key chooses which processors; cpus limits how many"),
    "credential_spec": refused(_WINDOWS),
    "depends_on": refused(_SERVICE),
    "deploy": refused("write cpus, mem_limit and pids_limit"),
    "develop": explained("is for compose watch"),
    "device_cgroup_rules": refused("no key: a rule for devices is wider than any one device"),
    "devices": planned("devices"),
    "dns_opt": refused("no key writes options of resolv.conf"),
    "dns_search": refused("no key writes search domains of resolv.conf"),
    "domainname": refused("no key: only the host's name can be set (hostname)"),
    "env_file": planned("env_file"),
    "expose": explained("it publishes nothing: other containers reach every port anyway"),
    "extends": refused("what it takes over is not read; write those keys out"),
    "external_links": refused(_FAMILY),
    "gpus": planned("gpus"),
    "healthcheck": refused("health checks are for services; nobody would look at the result"),
    "ipc": planned("ipc"),
    "isolation": refused(_WINDOWS),
    "label_file": refused("a file that compose reads; applaunch reads none at a launch"),
    "links": refused(_FAMILY),
    "logging": explained("nothing is logged: what the program prints goes to you, and nowhere else"),
    "mac_address": refused("no key gives a program an address of its own"),
    "mem_reservation": refused(_WEIGHT),
    "mem_swappiness": refused(_WEIGHT),
    "memswap_limit": refused("no key limits swap; mem_limit is the limit of memory alone"),
    "models": refused("no key runs models"),
    "oom_kill_disable": refused("no key keeps the kernel from ending a program that takes all memory"),
    "oom_score_adj": refused("no key changes whom the kernel ends first"),
    "pid": planned("pid"),
    "post_start": refused("no command runs beside the program"),
    "pre_stop": refused("no command runs beside the program"),
    "privileged": planned("privileged"),
    "profiles": explained("an entry runs when it is called"),
    "provider": refused("no other program makes a container for applaunch"),
    "pull_refresh_after": refused("an image moves when you upgrade, not by itself"),
    "runtime": refused("the engine's own default runs every program"),
    "scale": explained("each call is a run of its own"),
    "secrets": refused("there is no store for secrets; write a volume or a variable"),
    "stdin_open": explained("applaunch passes the input on by itself"),
    "storage_opt": refused("no key changes how the engine stores files"),
    "sysctls": refused("no key sets parameters of the kernel"),
    "tty": explained("applaunch makes a terminal where you have one"),
    "use_api_socket": planned("use_api_socket"),
    "userns_mode": planned("userns_mode"),
    "uts": refused("no key shares the host's name with this machine"),
    "volumes_from": refused(_FAMILY),
}
"""Keys of a service that make nothing in an entry."""
