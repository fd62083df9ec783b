"""The recipe of an image that is built on this machine: the subset of compose's `build` that a catalog supports."""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any, NamedTuple, Self

from launcher.core.values.invalid_value import InvalidValueError

_KEYS = ("context", "dockerfile", "dockerfile_inline", "args", "target", "platforms", "pull", "no_cache")
_AT_COMMIT = re.compile(r"(?:https://|git@)[^\s#]+#[0-9a-f]{40}(?::[^\s]*)?")
_FROM = re.compile(r"^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(\S+)", re.IGNORECASE | re.MULTILINE)


class Build(NamedTuple):
    """The inputs and options of a build."""

    context: str = ""  # a folder, or the URL of a git repository at a commit; "": only the Dockerfile
    dockerfile: str = ""  # a path in the context
    dockerfile_inline: str = ""
    args: tuple[tuple[str, str], ...] = ()
    target: str = ""
    platforms: tuple[str, ...] = ()
    pull: bool = False
    no_cache: bool = False

    @classmethod
    def parse(cls, value: Any) -> Self:
        """Parse compose's short form (a context) or its table; raises `InvalidValueError`."""
        table = {"context": value} if isinstance(value, str) else value
        if not isinstance(table, dict):
            raise InvalidValueError(f"{value!r} is not a recipe", "write { dockerfile_inline = '...' } or a folder")
        if unknown := [key for key in table if key not in _KEYS]:
            raise InvalidValueError(f"'build' has the unknown key {unknown[0]!r}", f"its keys are {', '.join(_KEYS)}")
        for key, item in table.items():
            if not isinstance(item, _KINDS[key]):
                raise InvalidValueError(f"{key!r} of 'build' is {item!r}", f"write {_SHAPES[_KINDS[key]]}")
        fields = {**table, "args": _args(table.get("args", {})), "platforms": tuple(table.get("platforms", ()))}
        return cls(**fields)._checked()

    @property
    def is_remote(self) -> bool:
        """Whether the engine fetches the context itself."""
        return _AT_COMMIT.fullmatch(self.context) is not None

    def bases(self, text: str) -> tuple[str, ...]:
        """Return the base images of the Dockerfile *text*, without those that contain variables."""
        return tuple(dict.fromkeys(name for name in _FROM.findall(text) if "$" not in name and name != "scratch"))

    def recipe(self, dockerfile: str, files: Iterable[tuple[str, int, str]]) -> str:
        """Return the checksum of all inputs: the text of the Dockerfile, and name, mode and sha256 of each file."""
        inputs = [
            dockerfile,
            self.context if self.is_remote else "",
            self.args,
            self.target,
            self.platforms,
            sorted(files),
        ]
        return hashlib.sha256(json.dumps(inputs).encode()).hexdigest()

    def _checked(self) -> Self:
        if bool(self.dockerfile_inline) == bool(self.context) and not self.context:
            raise InvalidValueError("'build' has neither 'context' nor 'dockerfile_inline'", "write one of them")
        if self.dockerfile and self.dockerfile_inline:
            raise InvalidValueError("'build' has both 'dockerfile' and 'dockerfile_inline'", "leave one out")
        if self.dockerfile.startswith("/") or ".." in self.dockerfile.split("/"):
            raise InvalidValueError(
                f"the Dockerfile {self.dockerfile!r} is not in the context", "write a path inside it"
            )
        if ("://" in self.context or self.context.startswith("git@")) and not self.is_remote:
            raise InvalidValueError(
                f"the context {self.context!r} names no commit", "write https://HOST/REPO.git#COMMIT"
            )
        if len(self.platforms) > 1:
            raise InvalidValueError(
                "'platforms' of 'build' has more than one item", "write the one platform that the app runs on"
            )
        return self


_KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("context", "dockerfile", "dockerfile_inline", "target"), str),
    "args": (dict, list),
    "platforms": list,
    "pull": bool,
    "no_cache": bool,
}
_SHAPES: dict[Any, str] = {
    str: "a string",
    (dict, list): "{ NAME = 'value' }",
    list: "an array of strings",
    bool: "true or false",
}


def _args(value: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(value, list):
        value = dict(str(word).partition("=")[::2] for word in value)
    if not all(isinstance(each, (str, int, float)) for each in value.values()):
        raise InvalidValueError("an argument of 'build' is not a string", "put it in quotes")
    return tuple(sorted((name, str(each)) for name, each in value.items()))
