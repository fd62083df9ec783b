"""The `docker run` command line of an entry, with the facts of each call left to the shell."""

from collections.abc import Iterator
from typing import NamedTuple

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.exports import explicit_defaults
from launcher.core.exports.shell_quote import CALLER, join_words, parse_template
from launcher.core.imports.docker.file_variables import parse_value
from launcher.core.imports.docker.option_values import Piece, Value, text_value
from launcher.core.values.duration import describe_seconds
from launcher.core.values.mount import Mount

_HERE = Value((Piece("pwd"),))


class RunLine(NamedTuple):
    """The words of a command line, and the keys that it cannot express, each with the reason."""

    words: tuple[Value, ...]
    unsaid: tuple[str, ...]


def build_run_line(entry: CatalogEntry, program: str = "docker") -> RunLine:
    """Return the command line for *entry*; raises `InvalidValueError` for a value that a shell cannot express."""
    said = [text_value(word) for word in (program, "run", "--rm", *_terminal(entry))]
    for option, word in _options(entry):
        said += [text_value(option), word] if word is not None else [text_value(option)]
    entrypoint = entry.entrypoint or ()
    if entry.entrypoint is not None:
        said += [text_value("--entrypoint"), text_value(entrypoint[0] if entrypoint else "")]
    rest = (entry.image, *entrypoint[1:], *(entry.command or ()))
    return RunLine((*said, *map(text_value, rest)), tuple(_unsaid(entry)))


def _terminal(entry: CatalogEntry) -> list[str]:
    letters = "i" * (entry.stdin != "never") + "t" * (entry.tty is not False)
    return [f"-{letters}"] if letters else []


def _options(entry: CatalogEntry) -> Iterator[tuple[str, Value | None]]:
    yield ("--init", None) if entry.init else ("--init=false", None)
    if entry.read_only:
        yield "--read-only", None
    if entry.user != "image":
        yield "--user", CALLER if entry.user == "host" else parse_template(entry.user)
    for option, text in (
        ("--network", entry.network_mode if entry.network_mode != "bridge" else ""),
        ("--hostname", entry.hostname),
        ("--platform", entry.platform),
        ("--pull", entry.pull_policy if entry.pull_policy != "missing" else ""),
        ("--stop-signal", entry.stop_signal),
        ("--stop-timeout", f"{entry.stop_grace_period:.0f}" if _has_timeout(entry) else ""),
        ("--memory", str(entry.mem_limit or "")),
        ("--cpus", f"{entry.cpus:g}" if entry.cpus else ""),
        ("--pids-limit", str(entry.pids_limit or "")),
        ("--shm-size", str(entry.shm_size or "")),
    ):
        if text:
            yield option, text_value(text)
    yield from _folders(entry)
    for option, values in (
        ("--group-add", entry.group_add),
        ("--cap-drop", explicit_defaults.dropped_capabilities(entry)),
        ("--cap-add", entry.cap_add),
        ("--security-opt", explicit_defaults.security_options(entry)),
        ("--publish", tuple(port.text for port in entry.ports)),
        ("--dns", entry.dns),
        ("--add-host", entry.extra_hosts),
        ("--ulimit", tuple(f"{limit.name}={limit.soft}:{limit.hard}" for limit in entry.ulimits)),
        ("--tmpfs", tuple(explicit_defaults.tmpfs(entry))),
        ("--label", tuple(f"{name}={text}" for name, text in entry.labels)),
    ):
        for each in values:
            yield option, text_value(each)
    for name, literal in entry.environment:
        if literal is not None:
            yield "--env", join_words(f"{name}=", parse_value(literal))
        elif not name.endswith("*"):
            yield "--env", text_value(name)


def _folders(entry: CatalogEntry) -> Iterator[tuple[str, Value | None]]:
    """Yield the options for volumes, the current folder first, and for the working directory."""
    inside = parse_template(entry.working_dir) if entry.working_dir else None
    if entry.mount_cwd != "none":
        yield "--volume", join_words(_HERE, ":", inside or _HERE, ":ro" * (not entry.writes_folder))
        inside = inside or _HERE
    if inside is not None:
        yield "--workdir", inside
    for mount in entry.volumes:
        yield _volume(mount)


def _volume(mount: Mount) -> tuple[str, Value]:
    source = parse_template(mount.source) if mount.kind == "bind" else text_value(mount.source)
    target = parse_template(mount.target.replace("$", "$$"))
    texts = "".join(piece.text for piece in (*source.pieces, *target.pieces) if piece.kind == "text")
    if any(mark in texts for mark in ':,"'):
        fields = (join_words(f"type={mount.kind}"), join_words("source=", source), join_words("target=", target))
        first, *rest = map(_csv, (*fields, *[join_words("readonly")] * mount.read_only))
        return "--mount", join_words(first, *(join_words(",", field) for field in rest))
    return "--volume", join_words(source, ":", target, explicit_defaults.mount_options(mount))


def _csv(field: Value) -> Value:
    """Return a field of ``--mount`` with CSV quotes."""
    if not any(mark in piece.text for piece in field.pieces if piece.kind == "text" for mark in ',"'):
        return field
    doubled = [
        piece._replace(text=piece.text.replace('"', '""')) if piece.kind == "text" else piece for piece in field.pieces
    ]
    return join_words('"', Value(tuple(doubled)), '"')


def _has_timeout(entry: CatalogEntry) -> bool:
    default = CatalogEntry._field_defaults["stop_grace_period"]
    return entry.stop_grace_period != default and entry.stop_grace_period.is_integer()


def _unsaid(entry: CatalogEntry) -> Iterator[str]:
    if patterns := explicit_defaults.patterns(entry):
        yield f"environment {', '.join(patterns)} (docker passes no patterns)"
    if optional := explicit_defaults.optional_volumes(entry):
        yield f"volumes {', '.join(optional)} may be missing (docker makes a folder there, as root)"
    if entry.mounts_project:
        yield f"mount_cwd {entry.mount_cwd} (docker finds no project: it mounts the current folder)"
    if entry.forwards_ports:
        yield "localhost (docker brings no port of this machine's into a container's own)"
    if entry.path_args not in ("ro", "none"):
        yield "path_args (docker mounts nothing that arguments name)"
    if not entry.stop_grace_period.is_integer():
        yield f"stop_grace_period {describe_seconds(entry.stop_grace_period)} (docker takes whole seconds)"
    if entry.warm:
        yield "warm (docker keeps nothing ready)"
