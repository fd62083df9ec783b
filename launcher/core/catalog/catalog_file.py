"""One catalog file: its text and its apps, each parsed when it is needed."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple, NoReturn, Self

from launcher.core.catalog import value_parsers
from launcher.core.catalog.build_recipe import Build
from launcher.core.catalog.error_lines import line_of, syntax_error
from launcher.core.catalog.keys import KEYS, NOT_YET, RENAMED, merge_values
from launcher.core.values import names, toml
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import CatalogError

_TOP = ("schema", "catalog", "defaults", "apps")
CATALOG_KEYS = {"name": str, "title": str, "homepage": str, "serial": int, "expires": datetime}
"""The keys of ``[catalog]``, which describes a published catalog, and their types."""
_KINDS: dict[type, str] = {str: "string", int: "whole number", datetime: "date with a time"}
BUILT_IN = "built-in"
"""The layer of the catalog that is included in applaunch."""
_LOWEST = (BUILT_IN, "system")
_HIGHEST = {"user": 3, "project": 4, "override": 5}
"""The layers below and above those of remotes, which have the names of the remotes."""
PROJECT = "project "
"""The prefix of the layer of an app that was installed from a project; the name of the project's folder follows."""
_OWN = ("user", "override")
_SCHEMA = 1
_LARGEST = 5 * 1024 * 1024
_MOST_APPS = 10_000

Values = dict[str, Any]
"""Keys of an app or a command, with their parsed values."""


class App(NamedTuple):
    """One app in one file: its own keys, and those of its commands (None if it lists no commands)."""

    keys: Values
    commands: dict[str, Values] | None


class Catalog(NamedTuple):
    """One file of a layer; `tables` is its TOML, checked except for the content of its apps."""

    layer: str  # "built-in", "system", a remote's name, "user", "project", "override"
    path: str  # as it is shown to people
    text: str
    tables: dict[str, Any]

    @classmethod
    def parse(cls, text: str, layer: str, path: str) -> Self:
        """Parse a file's *text*; raises `CatalogError` with the file, the line if it is known, table and key."""
        if len(text.encode(errors="surrogatepass")) > _LARGEST:
            raise CatalogError(path, "is larger than 5 MiB", "split it into files in catalog.d")
        try:
            tables = toml.loads(text)
        except toml.TOMLDecodeError as error:
            raise syntax_error(path, str(error)) from None
        except ValueError:  # Python's own limit on digits
            raise CatalogError(path, "contains a number that is too long", "shorten it") from None
        except RecursionError:
            raise CatalogError(path, "is nested too deeply", "no catalog key needs that depth") from None
        catalog = cls(layer, path, text, tables)
        catalog._check_top()
        return catalog

    @property
    def rank(self) -> int:
        """The position of the layer in the order of merging; a higher one wins."""
        return _LOWEST.index(self.layer) if self.layer in _LOWEST else _HIGHEST.get(self.layer, len(_LOWEST))

    @property
    def is_published(self) -> bool:
        """Whether others publish it: its changes take effect at an upgrade, local ones at the next call."""
        return self.layer == _LOWEST[0] or self.layer not in (*_LOWEST, *_HIGHEST)

    @property
    def is_source(self) -> bool:
        """Whether an app comes from it alone, not from other sources; a project's catalog is merged over it."""
        return self.is_published and not self.layer.startswith(PROJECT)

    @property
    def is_global(self) -> bool:
        """Whether its ``[defaults]`` apply to every app of every catalog: the global override."""
        return self.layer == "override" and not self.apps

    @property
    def apps(self) -> dict[str, Any]:
        """The raw tables, by app."""
        apps: dict[str, Any] = self.tables.get("apps", {})
        return apps

    def app(self, name: str) -> App:
        """Return the app *name* of this file, merged over its ``[defaults]``."""
        table = self.apps.get(name, {}) if self.is_global else self.apps[name]
        where = f"apps.{name}"
        if isinstance(table, str):
            table = {"image": table}
        if not isinstance(table, dict):
            self._refuse(where, "", InvalidValueError(f"{name!r} is neither a table nor an image", f"write [{where}]"))
        own = self._values({key: value for key, value in table.items() if key != "commands"}, where, app=True)
        if "build" in own:
            own["build"] = self._build(own, where)
        keys = merge_values(self._values(self.tables.get("defaults", {}), "defaults", app=False), own)
        if "commands" not in table:
            return App(keys, None)
        if not isinstance(table["commands"], dict):
            self._refuse(
                where, "commands", InvalidValueError("'commands' is not a table", f"write [{where}.commands.NAME]")
            )
        return App(keys, dict(self._commands(table["commands"], f"{where}.commands")))

    def check(self) -> None:
        """Parse every app, to find any mistake in the file."""
        for name in self.apps:
            self.app(name)

    def _check_top(self) -> None:
        for key in self.tables:
            if key not in _TOP:
                self._refuse(
                    "", key, InvalidValueError(f"unknown key {key!r}", names.did_you_mean(key, _TOP, _list(_TOP)))
                )
        self._check_schema()
        for table in ("catalog", "defaults", "apps"):
            if not isinstance(self.tables.get(table, {}), dict):
                self._refuse("", table, InvalidValueError(f"{table!r} is not a table", f"write [{table}]"))
        self._check_catalog()
        if len(self.apps) > _MOST_APPS:
            raise CatalogError(self.path, f"contains more than {_MOST_APPS} apps", "split it")
        for name in self.apps:
            try:
                names.check_app_name(name)
            except InvalidValueError as wrong:
                self._refuse("apps", name, wrong)

    def _check_schema(self) -> None:
        if "schema" not in self.tables:
            self._refuse(
                "",
                "schema",
                InvalidValueError("the key 'schema' is missing", f"begin the file with: schema = {_SCHEMA}"),
            )
        if type(self.tables["schema"]) is not int:
            self._refuse(
                "", "schema", InvalidValueError("'schema' is not a whole number", f"write: schema = {_SCHEMA}")
            )
        if self.tables["schema"] != _SCHEMA:
            fix = "update applaunch" if self.tables["schema"] > _SCHEMA else f"write: schema = {_SCHEMA}"
            self._refuse("", "schema", InvalidValueError(f"schema {self.tables['schema']} is not known", fix))

    def _check_catalog(self) -> None:
        for key, value in self.tables.get("catalog", {}).items():
            if key not in CATALOG_KEYS:
                self._refuse("catalog", key, InvalidValueError(f"unknown key {key!r}", _list(CATALOG_KEYS)))
            if type(value) is not CATALOG_KEYS[key]:
                self._refuse("catalog", key, InvalidValueError(f"{key!r} is not a {_KINDS[CATALOG_KEYS[key]]}"))

    def _build(self, own: Values, where: str) -> Build:
        """Return the build recipe, with its context relative to the catalog's folder."""
        build: Build = own["build"]
        if "image" in own:
            self._refuse(
                where,
                "build",
                InvalidValueError("'build' and 'image' are both set", "leave one out"),
            )
        if not build.context or build.is_remote:
            return build
        if self.is_published:
            wrong = InvalidValueError(
                "'build' of a published catalog names a folder of this machine", "write dockerfile_inline"
            )
            self._refuse(where, "build", wrong)
        folder = self.path.rpartition("/")[0]
        absolute = build.context.startswith(("/", "~/"))
        return build if absolute else build._replace(context=f"{folder}/{build.context}" if folder else build.context)

    def _commands(self, tables: dict[str, Any], where: str) -> Iterator[tuple[str, Values]]:
        for name, table in tables.items():
            try:
                names.check_command_name(name)
            except InvalidValueError as wrong:
                self._refuse(where, name, wrong)
            if not isinstance(table, dict):
                self._refuse(where, name, InvalidValueError(f"{name!r} is not a table", f"write [{where}.{name}]"))
            yield name, self._values(table, f"{where}.{name}", app=False)

    def _values(self, table: dict[str, Any], where: str, *, app: bool) -> Values:
        values: Values = {}
        for name, raw in table.items():
            try:
                values[name] = _key(name, app=app).parse(value_parsers.without_nul(raw))
                self._check_own(name, values[name])
            except InvalidValueError as wrong:
                self._refuse(where, name, wrong)
            except RecursionError:  # the TOML parser does not limit the depth of dotted keys
                self._refuse(where, name, InvalidValueError(f"{name!r} is nested too deeply"))
        return values

    def _check_own(self, name: str, value: Any) -> None:
        """Raise for a value that only the user may choose."""
        if name == "runtime" and value == "bubblewrap" and self.layer not in _OWN:
            raise InvalidValueError("'bubblewrap' is only valid in your own catalog", "leave it out")

    def _refuse(self, table: str, key: str, wrong: InvalidValueError) -> NoReturn:
        line = line_of(self.text, table, key)
        place = f"{self.path}:{line}" if line else self.path
        where = f"{place}: [{table}]" if table else place
        what = wrong.what if key in ("", "schema") or repr(key) in wrong.what else f"{key}: {wrong.what}"
        raise CatalogError(where, what, wrong.fix) from None


def _key(name: str, *, app: bool) -> Any:
    key = KEYS.get(name)
    if key and (app or not key.app_only):
        return key
    if key or name == "commands":
        raise InvalidValueError(f"the key {name!r} belongs to the app", "move it out of this table")
    if name in NOT_YET:
        raise InvalidValueError(f"the key {name!r} is not supported yet", "leave it out")
    if name in RENAMED:
        raise InvalidValueError(f"unknown key {name!r}", f"did you mean {RENAMED[name]!r}?")
    raise InvalidValueError(f"unknown key {name!r}", names.did_you_mean(name, KEYS, "see docs/catalog.md for the keys"))


def _list(words: Iterable[str]) -> str:
    return f"the keys are {', '.join(words)}"
