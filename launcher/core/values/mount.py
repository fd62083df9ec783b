"""Mounts: host folders and the engine's named volumes, with their paths in the container."""

from __future__ import annotations

from launcher.core.values.invalid_value import InvalidValueError
from launcher.fast_stdlib import NamedTuple, pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

_VOLUME_NAME = pattern(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_PARTS = pattern(r"(?:\$\{[^}]*\}|[^:])+")
_SHAPE = "write 'SOURCE:TARGET' or 'SOURCE:TARGET:ro'"
_LONG_KEYS = ("type", "source", "target", "read_only", "required")


class Mount(NamedTuple):
    """A folder on the host, or a named volume, and its path in the container."""

    source: str
    target: str
    read_only: bool = False
    required: bool = True  # false: skipped if the source is missing
    relabel: str = ""  # SELinux: "z" shared, "Z" private
    kind: str = "bind"  # or "volume": a named volume of the engine

    @classmethod
    def parse(cls, value: str | dict[str, Any]) -> Self:
        """Parse compose's short form ``SOURCE:TARGET[:ro,z]`` or its long form, a table."""
        return cls._long(value) if isinstance(value, dict) else cls._short(value)

    @classmethod
    def _short(cls, text: str) -> Self:
        source, target, *options = _split(text)
        words = options[0].split(",") if options else []
        if unknown := [word for word in words if word not in ("ro", "rw", "z", "Z")]:
            raise InvalidValueError(
                f"{text!r} has the unknown option {unknown[0]!r}", "the options are ro, rw, z and Z"
            )
        relabel = next((word for word in words if word in ("z", "Z")), "")
        return cls(source, target, read_only="ro" in words, relabel=relabel)._checked(text)

    @classmethod
    def _long(cls, table: dict[str, Any]) -> Self:
        if unknown := [key for key in table if key not in _LONG_KEYS]:
            raise InvalidValueError(
                f"a volume has the unknown key {unknown[0]!r}", f"its keys are {', '.join(_LONG_KEYS)}"
            )
        source, target = table.get("source"), table.get("target")
        if not isinstance(source, str) or not isinstance(target, str):
            raise InvalidValueError("a volume needs 'source' and 'target' as strings")
        read_only, required = table.get("read_only", False), table.get("required", True)
        if not isinstance(read_only, bool) or not isinstance(required, bool):
            raise InvalidValueError("'read_only' and 'required' of a volume are true or false")
        mount = cls(source, target, read_only, required)._checked(f"{source}:{target}")
        if (kind := table.get("type", mount.kind)) != mount.kind:
            raise InvalidValueError(
                f"the volume {source!r} is not of type {kind!r}", "'bind' takes a path, 'volume' a name"
            )
        return mount

    def _checked(self, shown: str) -> Self:
        if not self.target.startswith(("/", "~/")) or ".." in self.target.split("/"):
            raise InvalidValueError(f"the target of the volume {shown!r} is not an absolute path", _SHAPE)
        if self.target.rstrip("/") in ("", "~"):
            raise InvalidValueError(
                f"the target of the volume {shown!r} would hide everything", "name a folder inside it"
            )
        mount = self._replace(target=self.target.rstrip("/"))
        if self.source.startswith(("/", "~/", "${")) or self.source == "~":
            return mount
        if _VOLUME_NAME.fullmatch(self.source):
            return mount._replace(kind="volume")
        raise InvalidValueError(
            f"the source of the volume {shown!r} is neither a path nor a volume's name", "start it with / or ~/"
        )


def _split(text: str) -> list[str]:
    """Split at colons, but not inside ``${...}``, where a default may contain them."""
    parts = _PARTS.findall(text)
    if len(parts) not in (2, 3) or ":".join(parts) != text:
        raise InvalidValueError(f"{text!r} is not a volume", _SHAPE)
    return parts
