"""Remotes: what the user settled about one, what is known of it, and how it stands."""

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Self

from launcher.core.catalog import key_parsers
from launcher.core.remotes.keyring import Keyring
from launcher.core.remotes.source_url import Address
from launcher.core.remotes.trust_policy import Accepted, quiet, soon
from launcher.core.values import toml
from launcher.core.values.duration import YEAR_9999
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.names import did_you_mean
from launcher.errors import CatalogError

PRIORITY = 50
"""Of a remote that says none; the catalog that comes with applaunch is below every remote."""
RESERVED = ("built-in", "bundle", "system", "user", "project", "override", "overrides", "settings", "command")
"""Words that say where a key came from, and so cannot name a remote."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
_MOST = 1000


class Remote(NamedTuple):
    """What the user settled: ``remotes.d/NAME.toml``."""

    name: str
    url: str
    priority: int = PRIORITY
    verify: bool = True
    """Whether its catalog must be signed by a key of ours."""
    enabled: bool = True

    @property
    def address(self) -> Address:
        """Where its files are; raises `InvalidValueError`."""
        return Address.parse(self.url)

    @classmethod
    def parse(cls, name: str, text: str, path: str) -> Self:
        """Read its file; raises `CatalogError`."""
        try:
            tables = toml.loads(text)
        except (ValueError, RecursionError) as error:
            raise CatalogError(path, f"is not TOML: {str(error).lower()}", "fix that line") from None
        values: dict[str, Any] = {}
        for key, value in tables.items():
            if key not in _READERS:
                fix = did_you_mean(key, _READERS, f"the keys are {', '.join(_READERS)}")
                raise CatalogError(path, f"unknown key {key!r}", fix)
            try:
                values[key] = _READERS[key](value)
            except InvalidValueError as wrong:
                raise CatalogError(path, f"{key}: {wrong.what}", wrong.fix) from None
        if "url" not in values:
            raise CatalogError(path, "the key 'url' is missing", f"applaunch remote delete {name}, and add it again")
        return cls(name, **values)

    def text(self) -> str:
        """Return what its file holds."""
        lines = [f"url = {_quoted(self.url)}", f"priority = {self.priority}"]
        lines += [] if self.verify else ["verify = false  # its catalog is taken unsigned"]
        lines += [] if self.enabled else ["enabled = false"]
        return "\n".join([f"# The catalog {self.name!r}: applaunch remote modify {self.name}", *lines, ""])


class Known(NamedTuple):
    """What is known of a remote: ``remotes/NAME.json`` of the state, which no cache can bring back once it is lost."""

    accepted: Accepted | None = None
    ring: Keyring | None = None
    named: tuple[str, ...] = ()
    """The fingerprints of the keys that the user had named when the ring began."""
    url: str = ""
    """Where the tags are from."""
    tags: Mapping[str, str] = {}
    """What the server called the files that came last, by name: an ETag, a commit."""
    compiled: str = ""
    """The checksum of the accepted catalog as it is kept for reading fast."""
    checked: float = 0.0
    """When it was last seen that this is the newest; 0 for never."""
    verified: float = 0.0
    """When its bytes last came and were checked: an answer "unchanged" (304) does not count; 0 for never."""
    catalog: str | None = None
    """The name that the catalog had when it was accepted first: one of another name is another; None: not known."""
    trouble: str = ""
    """Why that failed when it was tried last; empty where it did not."""
    refused: bool = False
    """Whether something came then, and did not pass."""

    def to_dict(self) -> dict[str, Any]:
        """Return this as a JSON object."""
        accepted = self.accepted._asdict() if self.accepted else None
        kept = self.ring.to_dict() if self.ring else None
        return self._asdict() | {"accepted": accepted, "ring": kept, "tags": dict(self.tags)}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave; raises ValueError, TypeError, KeyError or AttributeError for anything else."""
        accepted = _checked(Accepted, value["accepted"]) if value["accepted"] else None
        kept = Keyring.from_dict(value["ring"]) if value["ring"] else None
        named, tags = tuple(value["named"]), dict(value["tags"])
        if not all(isinstance(word, str) for word in (*named, *tags, *tags.values())):
            raise ValueError("a name or a tag is no text")
        plain: Self = _checked(cls, value)
        return plain._replace(accepted=accepted, ring=kept, named=named, tags=tags)


class Standing(NamedTuple):
    """How a remote stands, as `remote list` shows it."""

    state: Literal["ok", "warning", "refused", "unreached", "empty", "disabled"]
    words: str


def standing(remote: Remote, known: Known, now: float) -> Standing:
    """Return how *remote* stands."""
    if not remote.enabled:
        return Standing("disabled", f"applaunch remote modify {remote.name} --enable")
    if known.accepted is None:
        return Standing("empty", known.trouble or f"nothing was fetched yet: applaunch remote update {remote.name}")
    key = known.accepted.key
    gone = known.ring.revocation(key) if known.ring and key else None
    if gone:
        return Standing("refused", f"signed by {key}, which was revoked on {gone.shown}")
    if known.trouble:
        return Standing("refused" if known.refused else "unreached", known.trouble)
    if told := soon(known.accepted, now) or quiet(known.accepted, now):
        return Standing("warning", told)
    return Standing("ok", "" if remote.verify else "not verified")


def remote_name(text: str) -> str:
    """Return *text* when it may name a remote, else raise `InvalidValueError`."""
    if not _NAME.fullmatch(text):
        fix = "use lower case letters, digits and . _ - (32 at most), beginning with a letter or digit"
        raise InvalidValueError(f"{text!r} cannot name a remote", fix)
    if text in RESERVED:
        raise InvalidValueError(f"{text!r} cannot name a remote: the word has a meaning", "choose another name")
    return text


def priority(value: Any) -> int:
    """Read a priority: a higher one wins."""
    if type(value) is int and 0 <= value <= _MOST:
        return value
    raise InvalidValueError(
        f"{value!r} is not a priority", f"write a whole number from 0 to {_MOST}; the higher one wins"
    )


def url(value: Any) -> str:
    """Read where a remote's files are, as text."""
    Address.parse(key_parsers.text(value))
    return str(value)


def _checked(noun: Any, value: Mapping[str, Any]) -> Any:
    """Return the record *noun* with the fields of *value*, each of the type that it says; raises ValueError."""
    fields = {key: value[key] for key in noun._fields if key in value}
    for key, held in fields.items():
        kind = noun.__annotations__[key]
        if kind is float and type(held) in {int, float} and 0 <= held < YEAR_9999:  # a moment
            continue
        if isinstance(kind, type) and (kind is float or type(held) is not kind):
            raise ValueError(f"{key} is {held!r}")
    return noun(**fields)


def _quoted(text: str) -> str:
    import json  # noqa: PLC0415  JSON's strings are TOML's

    return json.dumps(text)


_READERS: dict[str, key_parsers.Parser] = {
    "url": url,
    "priority": priority,
    "verify": key_parsers.flag,
    "enabled": key_parsers.flag,
}
