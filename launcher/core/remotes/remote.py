"""Remotes: the user's configuration of a remote, its state, and its status."""

import json
import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Self

from launcher.core.catalog import value_parsers
from launcher.core.remotes.keyring import Keyring
from launcher.core.remotes.source_url import SourceUrl
from launcher.core.remotes.trust_policy import AcceptedCatalog, expiry_warning, staleness_warning
from launcher.core.values import toml
from launcher.core.values.duration import YEAR_9999
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.names import did_you_mean
from launcher.errors import CatalogError

PRIORITY = 50
"""The default priority; the built-in catalog is below every remote."""
RESERVED = ("built-in", "bundle", "system", "user", "project", "override", "overrides", "settings", "command")
"""Names of layers, which a remote cannot have."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
_MOST = 1000


class Remote(NamedTuple):
    """The user's configuration of a remote: ``remotes.d/NAME.toml``."""

    name: str
    url: str
    priority: int = PRIORITY
    verify: bool = True
    """Whether its catalog must be signed by a trusted key."""
    enabled: bool = True

    @property
    def address(self) -> SourceUrl:
        """The parsed URL; raises `InvalidValueError`."""
        return SourceUrl.parse(self.url)

    @classmethod
    def parse(cls, name: str, text: str, path: str) -> Self:
        """Parse its file; raises `CatalogError`."""
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
        """Return the text of its file."""
        lines = [f"url = {_quoted(self.url)}", f"priority = {self.priority}"]
        lines += [] if self.verify else ["verify = false  # its catalog is not verified"]
        lines += [] if self.enabled else ["enabled = false"]
        return "\n".join([f"# The catalog {self.name!r}: applaunch remote modify {self.name}", *lines, ""])


class RemoteState(NamedTuple):
    """The state of a remote: ``remotes/NAME.json``, which cannot be rebuilt from a cache."""

    accepted: AcceptedCatalog | None = None
    ring: Keyring | None = None
    named: tuple[str, ...] = ()
    """The fingerprints of the keys that the user had specified when the keyring began."""
    url: str = ""
    """The URL that the tags belong to."""
    tags: Mapping[str, str] = {}
    """The version of each file that was fetched last, by name: an ETag or a commit."""
    compiled: str = ""
    """The checksum of the compiled form of the accepted catalog."""
    checked: float = 0.0
    """When the accepted catalog was last known to be the newest; 0 for never."""
    verified: float = 0.0
    """When its bytes were last received and verified, not counting an answer "unchanged" (304); 0 for never."""
    catalog: str | None = None
    """The name of the first accepted catalog, to detect another catalog; None if it is not known."""
    trouble: str = ""
    """Why the last update failed; empty if it did not."""
    refused: bool = False
    """Whether the last update received something that was refused."""

    def to_dict(self) -> dict[str, Any]:
        """Return this as a JSON object."""
        accepted = self.accepted._asdict() if self.accepted else None
        ring = self.ring.to_dict() if self.ring else None
        return self._asdict() | {"accepted": accepted, "ring": ring, "tags": dict(self.tags)}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """Parse the result of `to_dict`; raises ValueError, TypeError, KeyError or AttributeError for anything else."""
        accepted = _from_fields(AcceptedCatalog, value["accepted"]) if value["accepted"] else None
        ring = Keyring.from_dict(value["ring"]) if value["ring"] else None
        named, tags = tuple(value["named"]), dict(value["tags"])
        if not all(isinstance(word, str) for word in (*named, *tags, *tags.values())):
            raise ValueError("a name or a tag is not a string")
        plain: Self = _from_fields(cls, value)
        return plain._replace(accepted=accepted, ring=ring, named=named, tags=tags)


class RemoteStatus(NamedTuple):
    """The status of a remote, as `remote list` shows it."""

    state: Literal["ok", "warning", "refused", "unreached", "empty", "disabled"]
    words: str


def remote_status(remote: Remote, known: RemoteState, now: float) -> RemoteStatus:
    """Return the status of *remote*."""
    if not remote.enabled:
        return RemoteStatus("disabled", f"applaunch remote modify {remote.name} --enable")
    if known.accepted is None:
        return RemoteStatus("empty", known.trouble or f"not fetched yet: applaunch remote update {remote.name}")
    key = known.accepted.key
    revoked = known.ring.revocation(key) if known.ring and key else None
    if revoked:
        return RemoteStatus("refused", f"signed by {key}, which was revoked on {revoked.shown}")
    if known.trouble:
        return RemoteStatus("refused" if known.refused else "unreached", known.trouble)
    if warning := expiry_warning(known.accepted, now) or staleness_warning(known.accepted, now):
        return RemoteStatus("warning", warning)
    return RemoteStatus("ok", "" if remote.verify else "not verified")


def check_remote_name(text: str) -> str:
    """Return *text* if it is a valid name of a remote, else raise `InvalidValueError`."""
    if not _NAME.fullmatch(text):
        fix = "use lower case letters, digits and . _ - (32 at most), beginning with a letter or digit"
        raise InvalidValueError(f"{text!r} cannot name a remote", fix)
    if text in RESERVED:
        raise InvalidValueError(f"{text!r} cannot name a remote: the name is reserved", "choose another name")
    return text


def parse_priority(value: Any) -> int:
    """Parse a priority; the higher one wins."""
    if type(value) is int and 0 <= value <= _MOST:
        return value
    raise InvalidValueError(
        f"{value!r} is not a priority", f"write a whole number from 0 to {_MOST}; the higher one wins"
    )


def parse_url(value: Any) -> str:
    """Check the URL of a remote and return it unchanged."""
    SourceUrl.parse(value_parsers.text(value))
    return str(value)


def _from_fields(record: Any, value: Mapping[str, Any]) -> Any:
    """Return the named tuple *record* with the fields of *value*; raises ValueError for a value of the wrong type."""
    fields = {key: value[key] for key in record._fields if key in value}
    for key, field in fields.items():
        kind = record.__annotations__[key]
        if kind is float and type(field) in {int, float} and 0 <= field < YEAR_9999:  # a unix time
            continue
        if isinstance(kind, type) and (kind is float or type(field) is not kind):
            raise ValueError(f"{key} is {field!r}")
    return record(**fields)


def _quoted(text: str) -> str:
    return json.dumps(text)  # a JSON string is a valid TOML string


_READERS: dict[str, value_parsers.Parser] = {
    "url": parse_url,
    "priority": parse_priority,
    "verify": value_parsers.flag,
    "enabled": value_parsers.flag,
}
