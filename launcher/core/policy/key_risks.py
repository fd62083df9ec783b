"""The risk class of each catalog key: the most that it can grant, or why it grants nothing."""

RISKS = ("low", "medium", "high", "critical")
"""The four risk classes, lowest first."""

GRANTS = {
    "build": ("high", "the image is built on this machine"),
    "user": ("critical", "root, or the image's user, with write access to a folder of this machine"),
    "group_add": ("critical", "a group that you are not in, with write access to a folder of this machine"),
    "network_mode": ("high", "`host` and networks by name are high, `bridge` is medium"),
    "ports": ("high", "medium on 127.0.0.1 and ::1"),
    "localhost": ("high", "named ports of this machine's localhost are medium, `host` is high"),
    "dns": ("high", "a DNS server can send the program and your data to another host"),
    "extra_hosts": ("high", "host names can point elsewhere, as with `dns`"),
    "mount_cwd": ("medium", "`rw`, `project` and `project-ro` are medium, `ro` is low"),
    "project_markers": ("medium", "how far up `mount_cwd` looks for the top of a project"),
    "path_args": ("medium", "`rw` is medium, `ro` and a list of options are low"),
    "persist": ("low", "its own folders below applaunch's data"),
    "volumes": ("critical", "depends on the path that is mounted: see the paths"),
    "environment": ("high", "your variables are medium, a proxy is high, other values grant nothing"),
    "working_dir": ("medium", "the program learns the value of a variable in it"),
    "cap_add": ("critical", "kernel privileges"),
    "cap_drop": ("high", "without `ALL` the engine's default capabilities remain: medium for you, high for root"),
    "security_opt": ("critical", "any option that is not known to keep the program confined"),
    "labels": ("high", "tools such as proxies and schedulers act on the labels of containers"),
    "pull_policy": ("medium", "`always` runs an image that nobody has checked"),
    "commands": ("high", "a name on PATH that another program of this machine has"),
    "aliases": ("high", "as `commands`"),
}
"""Keys that grant something: their highest possible risk class, and what it depends on."""

HARMLESS = {
    "app": "the name of the entry",
    "name": "the name of the command",
    "image": "is shown when an app is added or upgraded, and is fixed by its digest",
    "entrypoint": "the program of the image that runs, inside the container",
    "command": "as `entrypoint`",
    "tty": "the caller's own terminal, if there is one",
    "stdin": "what the caller types or pipes",
    "init": "a small first process in the container",
    "read_only": "makes the image's files read-only",
    "tmpfs": "memory of the container; it only hides paths in the container",
    "shm_size": "memory of the container",
    "ulimits": "limits in the container, within those of the engine",
    "mem_limit": "a limit",
    "cpus": "a limit",
    "pids_limit": "a limit",
    "stop_signal": "the signal that stops the program",
    "stop_grace_period": "how long the program may take to stop",
    "warm": "how long your container is kept ready",
    "reuse": "whether your own runs share a container",
    "runtime": "what confines the program; only you can choose bubblewrap",
    "network_share": "whether your own runs of the app share a network",
    "hostname": "the container's host name; only the program uses it",
    "platform": "selects one of several images; foreign ones run in an emulator",
    "deny": "denies permissions",
    "unexposed": "removes names from PATH",
    "allow_shadow": "only valid in your own catalog",
    "extends": "the merged entry is assessed",
    **dict.fromkeys(
        ("description", "homepage", "license", "version", "maintainer", "categories", "deprecated", "replaced_by"),
        "text for people, escaped when it is shown",
    ),
}
"""Keys that grant nothing, and why."""
