"""Reading the YAML of other tools: YAML 1.2's plain values only, with limits, and no tags that create objects."""

import re
from typing import Any

from launcher.core.values.invalid_value import InvalidValueError

LARGEST = 1024 * 1024  # bytes, of any file that is imported
_MOST_VALUES = 100_000  # an alias counts as all that it stands for
_WORDS = {
    "tag:yaml.org,2002:bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "tag:yaml.org,2002:null": (r"~|null|Null|NULL|", "~nN\0"),
    "tag:yaml.org,2002:int": (r"[-+]?(?:0|[1-9][0-9]{0,17})", "-+0123456789"),
    "tag:yaml.org,2002:float": (r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}", "-+0123456789"),
    "tag:yaml.org,2002:merge": (r"<<", "<"),
}


def read(text: str) -> Any:
    """Return the YAML *text* as plain values; raises `InvalidValueError` for invalid or large text and double keys."""
    import yaml  # noqa: PLC0415  only where a YAML file is imported

    if len(text.encode(errors="surrogatepass")) > LARGEST:
        raise InvalidValueError("is larger than 1 MiB")
    try:
        loader = _loader()(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _measure(node)
        return _plain(loader.construct_document(node))
    except InvalidValueError:
        raise
    except yaml.YAMLError as error:
        raise InvalidValueError(f"is not YAML: {_said(error)}") from None
    except RecursionError:
        raise InvalidValueError("is nested too deeply") from None
    except (ValueError, OverflowError, TypeError) as error:
        raise InvalidValueError(f"holds a value that is none: {next(iter(str(error).splitlines()), error)}") from None


def _plain(value: Any) -> Any:
    """Return *value* with strings as keys; raises `InvalidValueError` for values that JSON does not have."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise InvalidValueError(f"holds a value of the type {type(value).__name__}")


def _loader() -> Any:
    """Return SafeLoader with YAML 1.2's values: ``22:22``, ``no`` and a date are strings, as in compose."""
    import yaml  # noqa: PLC0415  as above

    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  the library's own form

    for tag, (words, first) in _WORDS.items():
        Loader.add_implicit_resolver(tag, re.compile(f"(?:{words})$"), ["" if char == "\0" else char for char in first])
    return Loader


def _measure(root: Any) -> None:
    """Raise `InvalidValueError` if aliases expand to more than a file may hold, or if a key occurs twice."""
    import yaml  # noqa: PLC0415  as above

    sizes: dict[int, int] = {}
    within: set[int] = set()

    def size(node: Any) -> int:
        if id(node) in sizes:
            return sizes[id(node)]
        if id(node) in within:
            raise InvalidValueError("holds itself by an alias")
        within.add(id(node))
        children: list[Any] = []
        if isinstance(node, yaml.MappingNode):
            _refuse_twice(node)
            children = [each for pair in node.value for each in pair]
        elif isinstance(node, yaml.SequenceNode):
            children = node.value
        total = 1 + sum(map(size, children))
        if total > _MOST_VALUES:
            raise InvalidValueError(f"unfolds to more than {_MOST_VALUES} values")
        within.discard(id(node))
        sizes[id(node)] = total
        return total

    size(root)


def _refuse_twice(node: Any) -> None:
    found: set[tuple[str, str]] = set()
    for key, _ in node.value:
        name = (key.tag, key.value) if isinstance(key.value, str) else ("", "")
        if name in found and name[1] != "<<":
            raise InvalidValueError(f"line {key.start_mark.line + 1}: the key {key.value!r} stands twice")
        found |= {name} if name[0] else set()


def _said(error: Any) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark else ""
    return where + (getattr(error, "problem", "") or str(error).splitlines()[0])
