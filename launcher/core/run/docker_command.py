"""The `docker run` command line that is equivalent to a `RunSpec`, to read and to paste."""

from collections.abc import Iterator

from launcher.core.values.mount import Mount
from launcher.core.values.run_spec import RunSpec


def docker_command(spec: RunSpec, program: str = "docker") -> tuple[str, ...]:
    """Return the words of the line, unquoted (see `shlex.join`)."""
    entrypoint, *rest = spec.entrypoint or ("",)
    words = [program, "run", "--rm", *_options(spec)]
    if spec.entrypoint is not None:
        words += ["--entrypoint", entrypoint]
    return (*words, spec.image, *rest, *(spec.command or ()))


def _options(spec: RunSpec) -> Iterator[str]:
    yield from ["-i"] * spec.stdin + ["-t"] * spec.tty + ["--init"] * spec.init + ["--read-only"] * spec.read_only
    yield from ("--log-driver", "none")
    for option, value in (
        ("--user", spec.user),
        ("--userns", spec.userns_mode),
        ("--network", spec.network_mode if spec.network_mode != "bridge" else ""),
        ("--workdir", spec.working_dir),
        ("--hostname", spec.hostname),
        ("--platform", spec.platform),
        ("--stop-signal", spec.stop_signal),
        ("--memory", str(spec.mem_limit or "")),
        ("--cpus", f"{spec.cpus:g}" if spec.cpus else ""),
        ("--pids-limit", str(spec.pids_limit or "")),
        ("--shm-size", str(spec.shm_size or "")),
    ):
        if value:
            yield from (option, value)
    for option, values in (
        ("--group-add", spec.group_add),
        ("--cap-drop", spec.cap_drop),
        ("--cap-add", spec.cap_add),
        ("--security-opt", spec.security_opt),
        ("--env", tuple(f"{name}={value}" for name, value in spec.environment)),
        ("--publish", tuple(port.text for port in spec.ports)),
        ("--dns", spec.dns),
        ("--add-host", spec.extra_hosts),
        ("--ulimit", tuple(f"{limit.name}={limit.soft}:{limit.hard}" for limit in spec.ulimits)),
        ("--tmpfs", tuple(f"{path}:{options}" if options else path for path, options in spec.tmpfs)),
        ("--label", tuple(f"{name}={value}" for name, value in spec.labels if not _is_ours(name))),
    ):
        for value in values:
            yield from (option, value)
    for mount in spec.mounts:
        yield from _volume(mount)


def _is_ours(label: str) -> bool:
    """Return whether *label* marks a launch: a container from a pasted line is not one, and no sweep may remove it."""
    return label.startswith("applaunch.")


def _volume(mount: Mount) -> tuple[str, str]:
    if any(mark in mount.source + mount.target for mark in ':,"'):
        fields = [f"type={mount.kind}", f"source={mount.source}", f"target={mount.target}"]
        return "--mount", ",".join(map(_csv, fields + ["readonly"] * mount.read_only))
    options = ",".join(["ro"] * mount.read_only + ([mount.relabel] if mount.relabel else []))
    return "--volume", f"{mount.source}:{mount.target}" + (f":{options}" if options else "")


def _csv(field: str) -> str:
    return '"' + field.replace('"', '""') + '"' if any(mark in field for mark in ',"\n\r') else field
