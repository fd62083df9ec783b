"""The stated differences in what came of a call: its streams, its files, and the errors that a program got."""

from typing import Any

from tests.fuzz.example_setting import Setting
from tests.fuzz.stated_differences import expected_facts
from tests.fuzz.stated_mounts import made_folder, sandbox_mounts


def expected_result(engine: dict[str, Any], other: dict[str, Any], setting: Setting) -> dict[str, Any]:
    facts = {name: value for name, value in engine.items() if name not in ("exit code", "stdout", "stderr", "files")}
    found, own = engine | (expected_facts(facts, setting) if facts else {}), [setting.uid, setting.uid]
    if facts:
        for key, value in found["writable"].items():
            if made_folder("writable", key, value, other.get("writable", {}).get(key), setting, facts):
                found["writable"] = found["writable"] | {key: "yes"}
    for section in ("writable", "proc"):
        found[section] = _with_refusals(section, found.get(section), other.get(section))
    found["files"] = {path: _mount_point(path, value, own) for path, value in found["files"].items()}
    found["stderr"] = [_refusal(mine, theirs) for mine, theirs in _pairs(found["stderr"], other["stderr"])]
    return found


def _mount_point(path: str, value: list[Any], own: list[int]) -> list[Any]:
    """Return what a mount point is like that bwrap makes in a home that is kept: the engine's belong to root."""
    if path.startswith("HOME/") and value[:3] == [0, 0, "40755"]:
        return [*own, *value[2:]]
    return [*own, "100444", 1, ""] if path.startswith("HOME/") and value == [0, 0, "100755", 1, ""] else value


def without_mount_points(mine: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Return the files without the mount points in a kept home that an engine makes for a program that cannot start."""
    points = {path for path, value in mine.items() if path not in theirs and path.startswith("HOME/")}
    return {path: value for path, value in mine.items() if path not in points or value[:2] != [0, 0]}


def _pairs(mine: list[str], theirs: list[str]) -> list[tuple[str, str]]:
    return list(zip(mine, [*theirs, *([""] * len(mine))], strict=False))


def _refusal(line: str, seen: str) -> str:
    """Return what a program in a sandbox says of what it may not do: the image is read-only, and has no other users."""
    for mine, theirs in (
        ("Permission denied", "Read-only file system"),
        ("Operation not permitted", "Invalid argument"),
    ):
        if line.replace(mine, theirs) == seen:
            return seen
    if "/proc/" in line and line.replace("Read-only file system", "Permission denied") == seen:
        return seen
    return line


def _with_refusals(section: str, mine: Any, theirs: Any) -> Any:
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return {key: _with_refusals(section, value, theirs.get(key)) for key, value in mine.items()}
    if isinstance(mine, list) and isinstance(theirs, list):
        return [_with_refusals(section, *each) for each in zip(mine, theirs, strict=False)]
    return theirs if refused(section, mine, theirs) else mine


def refused(section: str, expected: Any, seen: Any) -> bool:
    """Tell whether *seen* is the error of a read-only image in the place of *expected*, the error of missing rights."""
    if section in ("writable", "proc"):
        return expected in ("EACCES", "EPERM") and seen in ("EROFS", "EPERM", "EACCES")
    return False


def sandbox_result(found: dict[str, Any], setting: Setting) -> dict[str, Any]:
    if "mounts" not in found:
        return found
    mounts = sandbox_mounts(found["mounts"], setting)
    return found | {"mounts": {place: value for place, value in mounts.items() if value != "a stand-in"}}
