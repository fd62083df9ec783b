"""Where applaunch keeps its files: the XDG folders, as platformdirs names them.

On Linux the rule takes four lines, and platformdirs would cost every launch 14 ms; it is used on other systems.
"""

from __future__ import annotations

import os
import sys

from launcher.fast_stdlib import NamedTuple, enable_site_packages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = "applaunch"


class Places(NamedTuple):
    """Every folder and file that applaunch reads or writes, as absolute paths."""

    config: str
    state: str
    cache: str
    data: str
    bin: str
    system: str

    @property
    def user_catalog(self) -> str:
        """The catalog that `add` and `edit` write."""
        return f"{self.config}/catalog.toml"

    @property
    def settings(self) -> str:
        """The settings file, config.toml."""
        return f"{self.config}/config.toml"

    @property
    def overrides(self) -> str:
        """The folder of the user's overrides and denials, which apply on top of all catalogs."""
        return f"{self.config}/overrides"

    @property
    def projects(self) -> str:
        """The folder of project launch files, one folder per project."""
        return f"{self.state}/projects"

    @property
    def trust(self) -> str:
        """The folder that records which project catalogs are trusted."""
        return f"{self.state}/trust"

    @property
    def remotes(self) -> str:
        """The folder of remote settings, one file per remote."""
        return f"{self.config}/remotes.d"

    @property
    def keys(self) -> str:
        """The folder of the user's trusted signing keys for remotes."""
        return f"{self.config}/keys"

    @property
    def known(self) -> str:
        """The folder that records the accepted version of each remote, so that an old catalog cannot return."""
        return f"{self.state}/remotes"

    @property
    def copies(self) -> str:
        """The folder that caches the last good copy of each remote's catalog."""
        return f"{self.cache}/remotes"

    @property
    def current(self) -> str:
        """The folder of compiled launch files."""
        return f"{self.state}/current"

    @property
    def runs(self) -> str:
        """The folder of the run journal."""
        return f"{self.state}/runs"

    @property
    def database(self) -> str:
        """The database of transactions and deployments."""
        return f"{self.state}/state.db"

    @property
    def accounts(self) -> str:
        """The folder of passwd and group files, one pair per image and caller."""
        return f"{self.cache}/accounts"

    @property
    def homes(self) -> str:
        """The folder of the apps' persistent homes."""
        return f"{self.data}/homes"

    @property
    def trees(self) -> str:
        """The folder of unpacked images, from which bubblewrap runs programs."""
        return f"{self.data}/images"

    @property
    def sandbox(self) -> str:
        """The folder that caches what sandboxes need: facts about bubblewrap, and the compiled system call filter."""
        return f"{self.cache}/sandbox"

    @property
    def plans(self) -> str:
        """The folder of saved plans, from which runs in sandboxes are repeated."""
        return f"{self.cache}/plans"

    @property
    def networks(self) -> str:
        """The folder of records about the networks that are kept for apps which run in sandboxes."""
        return f"{self.state}/networks"

    @property
    def trash(self) -> str:
        """The folder that holds the data of removed apps until it is deleted."""
        return f"{self.data}/trash"

    @property
    def hosts(self) -> str:
        """The /etc/hosts file for programs without a network."""
        return f"{self.cache}/hosts"

    @property
    def traits(self) -> str:
        """The folder that caches what is known about engines."""
        return f"{self.cache}/engines"

    @property
    def warm(self) -> str:
        """The folder of records about warm containers."""
        return f"{self.state}/warm"

    @property
    def engine(self) -> str:
        """The folder of the private engine."""
        return f"{self.state}/engine"

    @property
    def noted(self) -> str:
        """The file of notices that were shown once and are not shown again."""
        return f"{self.state}/noted"

    def hidden(self) -> tuple[str, ...]:
        """Return the folders that no program may see: remote logins, the private engine's socket, other apps' data."""
        return self.remotes, self.engine, self.data

    def read_only(self) -> tuple[str, ...]:
        """Return the folders no program may write: catalogs, denials, trust, launch files, shims, applaunch itself."""
        return self.config, self.state, self.cache, self.bin, sys.prefix


def places(env: Mapping[str, str], home: str) -> Places:
    """Return all locations for this user; a relative XDG variable is ignored, as the XDG specification demands."""
    system = env.get("APPLAUNCH_ETC") or "/etc/applaunch"
    home = home.rstrip("/")  # if the home is /, no path may begin with two slashes
    shims = _xdg(env, "XDG_BIN_HOME", f"{home}/.local/bin") or "/"
    platform: str = sys.platform  # copied, so that mypy checks both branches on any machine
    if platform.startswith("linux"):
        return Places(
            config=_xdg(env, "XDG_CONFIG_HOME", f"{home}/.config") + f"/{_NAME}",
            state=_xdg(env, "XDG_STATE_HOME", f"{home}/.local/state") + f"/{_NAME}",
            cache=_xdg(env, "XDG_CACHE_HOME", f"{home}/.cache") + f"/{_NAME}",
            data=_xdg(env, "XDG_DATA_HOME", f"{home}/.local/share") + f"/{_NAME}",
            bin=shims,
            system=system,
        )
    enable_site_packages()
    from platformdirs import PlatformDirs  # noqa: PLC0415  see above

    dirs = PlatformDirs(_NAME, appauthor=False)
    return Places(
        dirs.user_config_dir, dirs.user_state_dir, dirs.user_cache_dir, dirs.user_data_dir, bin=shims, system=system
    )


def package_file(name: str) -> str:
    """Return the path of a file that ships with applaunch, in the wheel or in the source checkout."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    packed = f"{package}/data/{name}"
    return packed if os.path.exists(packed) else f"{os.path.dirname(package)}/{name}"


def _xdg(env: Mapping[str, str], variable: str, default: str) -> str:
    value = env.get(variable, "")
    return f"/{value.strip('/')}".rstrip("/") if value.startswith("/") else default
