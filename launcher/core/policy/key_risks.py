"""The table of classes: for each key of the format, what it can grant at most, or why it grants nothing."""

RISKS = ("low", "medium", "high", "critical")
"""The four classes, mildest first."""

GRANTS = {
    "build": ("high", "the image is composed on this machine"),
    "user": ("critical", "root, or whoever the image says, with a folder of this machine to write"),
    "group_add": ("critical", "a group that you are not in, with a folder of this machine to write"),
    "network_mode": ("high", "`host` and networks by name are high, `bridge` is medium"),
    "ports": ("high", "medium on 127.0.0.1 and ::1"),
    "dns": ("high", "a name server sends the program, and what you tell it, elsewhere"),
    "extra_hosts": ("high", "names lead elsewhere, as with `dns`"),
    "mount_cwd": ("medium", "`rw` is medium, `ro` is low"),
    "path_args": ("medium", "`rw` is medium, `ro` and a list of options are low"),
    "persist": ("low", "folders of its own below applaunch's data"),
    "volumes": ("critical", "by what is really mounted: see the paths"),
    "environment": ("high", "variables of yours are medium, a proxy is high, other text is nothing"),
    "working_dir": ("medium", "a variable in it tells the program its value"),
    "cap_add": ("critical", "rights over the kernel"),
    "cap_drop": ("high", "without `ALL` the engine's usual capabilities stay: medium for you, high for root"),
    "security_opt": ("critical", "any option that is not known to keep the program confined"),
    "labels": ("high", "tools such as proxies and schedulers obey the labels of containers"),
    "pull_policy": ("medium", "`always` runs an image that nobody has seen"),
    "commands": ("high", "a name on PATH that a program of this machine has"),
    "aliases": ("high", "as `commands`"),
}
"""Keys that grant something: the riskiest class that they can be of, and what decides."""

HARMLESS = {
    "app": "the entry's own name",
    "name": "the command's own name",
    "image": "is shown wherever an app is added or upgraded, and held on its digest",
    "entrypoint": "which program of the image runs; it runs inside",
    "command": "as `entrypoint`",
    "tty": "a terminal of the caller's own, if there is one",
    "stdin": "what the caller types or pipes",
    "init": "a small first process inside",
    "read_only": "takes the image's own files away from writing",
    "tmpfs": "memory of the container; it covers nothing but what the program sees",
    "shm_size": "memory of the container",
    "ulimits": "limits inside; the engine's own are not passed",
    "mem_limit": "a limit",
    "cpus": "a limit",
    "pids_limit": "a limit",
    "stop_signal": "which signal ends the program",
    "stop_grace_period": "how long the program may take to end",
    "warm": "how long a container of yours waits",
    "reuse": "whether your own runs share a container",
    "hostname": "the container's own name; nobody else asks for it",
    "platform": "which image of several; foreign ones run in an emulator",
    "deny": "takes away",
    "unexposed": "takes names away from PATH",
    "allow_shadow": "counts only in your own catalog",
    "extends": "the result of the merge is what is judged",
    **dict.fromkeys(
        ("description", "homepage", "license", "version", "maintainer", "categories", "deprecated", "replaced_by"),
        "text for people, escaped where it is shown",
    ),
}
"""Keys that grant nothing, and why."""
