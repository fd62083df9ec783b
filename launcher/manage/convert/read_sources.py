"""Reading what is imported: a file, stdin or the labels of an image, and detecting its format."""

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from launcher.core.imports.compose.compose_services import from_compose
from launcher.core.imports.docker.option_values import Caller
from launcher.core.imports.docker.proposal import Found, Proposal, Skipped, check_names, command_table, sort_keys
from launcher.core.imports.fenced_lines import fenced_lines
from launcher.core.imports.labels.devcontainer import LABEL
from launcher.core.imports.labels.image_labels import from_labels
from launcher.core.imports.labels.whalebrew import PREFIX
from launcher.core.imports.labels.whalebrew import read as whalebrew
from launcher.core.imports.script_reader import from_script
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.reference import Reference
from launcher.errors import HostError, UsageError
from launcher.host import files
from launcher.manage.context import Context
from launcher.manage.convert import safe_yaml
from launcher.run.project_command import this_platform

KINDS = ("sh", "fish", "compose", "whalebrew")
"""The formats of files; for images there are the families of labels."""


def of_file(context: Context, path: str, kind: str, caller: Caller) -> Found:
    """Return the apps that the file at *path* defines; ``-`` is stdin, *kind* "" detects it. Raises `UserError`."""
    text = _text(path)
    origin = "stdin" if path == "-" else context.shown(os.path.abspath(path))
    folder = os.getcwd() if path == "-" else os.path.dirname(os.path.abspath(path))
    kind = kind or _kind(path, text)
    if path.endswith((".md", ".markdown")):
        text = fenced_lines(text)
    if kind in ("sh", "fish"):
        return from_script(text, origin, caller, is_fish=kind == "fish", name=_script_name(path))
    try:
        said = safe_yaml.read(text)
    except InvalidValueError as wrong:
        raise HostError(origin, wrong.what, "fix it, or name its format: --from sh") from None
    if not isinstance(said, dict):
        raise HostError(origin, "is not a table of keys", f"name its format: --from {', '.join(KINDS)}")
    if kind == "compose":
        return from_compose(said, origin, caller._replace(folder=folder), _settings(os.path.join(folder, ".env")))
    return _package(said, origin, os.path.basename(path), caller._replace(folder=folder))


def _settings(path: str) -> dict[str, str]:
    """Return the variables of the ``.env`` file at *path*, those with plain values; none if it cannot be read."""
    try:
        with open(path, encoding="utf-8") as file:
            rows = file.read(safe_yaml.LARGEST).splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    found = {}
    for row in rows:
        name, equals, said = row.strip().removeprefix("export ").partition("=")
        if equals and name.isidentifier() and name.isascii():
            quote = said[:1] if said[:1] in ("'", '"') and said.endswith(said[:1]) and len(said) > 1 else ""
            found[name] = said[1:-1] if quote else said.partition(" #")[0].strip()
    return found


def _package(said: Mapping[str, Any], origin: str, file: str, caller: Caller) -> Found:
    name = file.removesuffix(".yaml").removesuffix(".yml")
    try:
        app, own = check_names(name)
        table, notes = whalebrew(said, caller)
    except InvalidValueError as wrong:
        return Found((), (Skipped(origin, 0, name, "", str(wrong)),))
    return Found((Proposal(app, sort_keys(table | command_table(app, own, table)), tuple(notes), origin),))


def _script_name(path: str) -> str:
    """Return the name that a script at *path* is called by, without a shell's ending."""
    base, ending = os.path.splitext(os.path.basename(path))
    return "" if path == "-" else base if ending in (".sh", ".bash", ".zsh", ".fish") else base + ending


_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def _text(path: str) -> str:
    """Return the text of *path*; raises `HostError` if it cannot be read or is too large."""
    shown = "stdin" if path == "-" else path
    try:
        if path == "-":
            data = sys.stdin.buffer.read(safe_yaml.LARGEST + 1)
        else:
            with open(path, "rb") as file:
                data = file.read(safe_yaml.LARGEST + 1)
    except OSError as error:
        raise files.file_error(path, "cannot be read", error) from None
    if len(data) > safe_yaml.LARGEST:
        raise HostError(shown, "is larger than 1 MiB", "import a part of it")
    if data.startswith(_UTF_16) or b"\0" in data[:1000]:
        raise HostError(shown, "is not UTF-8 text", "save it as UTF-8")
    return data.decode("utf-8-sig", "surrogateescape")  # a value that is not UTF-8 is refused by name


def _kind(path: str, text: str) -> str:
    """Detect the format of a file by its name, or else by its beginning."""
    first = text.split("\n", 1)[0]
    if first.startswith("#!") and "whalebrew" in first:
        return "whalebrew"
    if path.endswith((".md", ".markdown")):
        return "sh"
    if path.endswith((".yaml", ".yml")) or _is_yaml(text):
        return "compose" if "services:" in text else "whalebrew"
    if path.endswith(".fish") or (first.startswith("#!") and first.rstrip().endswith("fish")):
        return "fish"
    return "sh"


def _is_yaml(text: str) -> bool:
    rows = [row for row in text.split("\n") if row.strip() and not row.lstrip().startswith("#")]
    return bool(rows) and rows[0].startswith(("services:", "version:", "name:", "image:", "x-", "environment:", "---"))


def of_image(context: Context, image: str, family: str, caller: Caller) -> Found:
    """Return the apps that the labels of *image* define; pull it if it is missing. Raises `UserError`."""
    try:
        ref = Reference.parse(image)
    except ValueError as error:
        raise UsageError("--image", str(error).partition("; ")[0], "write it as docker pull takes it") from None
    labels = _labels(context, ref)
    said = {label: _read_label(label, value) for label, value in labels.items() if _is_read(label)}
    return from_labels(labels, said, ref.full, caller, family)


def _labels(context: Context, ref: Reference) -> dict[str, str]:
    """Return the labels of an image at the engine; pull it if it is missing. Without an engine, ask the registry."""
    reached = context.find_engine(autostart=True)
    if reached is None:
        from launcher.manage.remotes.registry_access import told  # noqa: PLC0415  60 ms of urllib3, without an engine

        config = told(context, ref, lambda asked: asked.config(ref, this_platform())).get("config")
        labels = config.get("Labels") if isinstance(config, dict) else None
        return {str(key): str(value) for key, value in labels.items()} if isinstance(labels, dict) else {}
    facts = reached.store.inspect(ref.exact)
    if facts is None:
        from launcher.run.find_image import pull_image  # noqa: PLC0415  a pull waits anyway

        facts = reached.store.inspect(pull_image(reached, "import", ref.full, context.call).image_id)
    return dict(facts.labels) if facts else {}


def _is_read(label: str) -> bool:
    return label.startswith(PREFIX) or label == LABEL


def _read_label(label: str, value: str) -> Any:
    try:
        if label == LABEL:
            if len(value) > safe_yaml.LARGEST:
                return InvalidValueError("is larger than 1 MiB")
            return json.loads(value)
        return safe_yaml.read(value)
    except InvalidValueError as wrong:
        return value if label == f"{PREFIX}required_version" else wrong
    except (ValueError, RecursionError):
        return InvalidValueError("is not JSON")
