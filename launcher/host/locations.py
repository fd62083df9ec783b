"""Where applaunch keeps its files: XDG's folders, the same that platformdirs names.

On Linux the rule is four lines, and platformdirs would cost every launch 14 ms; elsewhere platformdirs is asked.
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
        """The folder of what the user changes or denies above every catalog."""
        return f"{self.config}/overrides"

    @property
    def projects(self) -> str:
        """The folder of the launch files of projects, one folder for each."""
        return f"{self.state}/projects"

    @property
    def trust(self) -> str:
        """Which catalogs of projects somebody trusts."""
        return f"{self.state}/trust"

    @property
    def remotes(self) -> str:
        """The folder of what the user settled about remotes, a file for each."""
        return f"{self.config}/remotes.d"

    @property
    def keys(self) -> str:
        """The folder of the keys that may sign for remotes, as the user named them."""
        return f"{self.config}/keys"

    @property
    def known(self) -> str:
        """The folder of what was accepted of each remote: without it, an old catalog could pass for a new one."""
        return f"{self.state}/remotes"

    @property
    def copies(self) -> str:
        """The folder of the last good copy of each remote's catalog."""
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
        """The record of transactions and deployments."""
        return f"{self.state}/state.db"

    @property
    def accounts(self) -> str:
        """The folder of passwd and group files, one pair for an image and a caller."""
        return f"{self.cache}/accounts"

    @property
    def homes(self) -> str:
        """The folder of what apps keep of their homes."""
        return f"{self.data}/homes"

    @property
    def trash(self) -> str:
        """Where what removed apps had kept waits to be deleted."""
        return f"{self.data}/trash"

    @property
    def hosts(self) -> str:
        """The /etc/hosts of programs that have no network."""
        return f"{self.cache}/hosts"

    @property
    def traits(self) -> str:
        """The folder where what is known of engines is kept."""
        return f"{self.cache}/engines"

    @property
    def warm(self) -> str:
        """The folder of the containers that wait for a call."""
        return f"{self.state}/warm"

    @property
    def engine(self) -> str:
        """The folder of the private engine."""
        return f"{self.state}/engine"

    @property
    def noted(self) -> str:
        """The notes that were made once and are not made again."""
        return f"{self.state}/noted"

    def secret(self) -> tuple[str, ...]:
        """Return what no program sees: logins at remotes, the socket of the private engine, what other apps keep."""
        return self.remotes, self.engine, self.data

    def fixed(self) -> tuple[str, ...]:
        """Return what no program writes: catalogs, denials and trust, launch files, shims, and applaunch itself."""
        return self.config, self.state, self.cache, self.bin, sys.prefix


def places(env: Mapping[str, str], home: str) -> Places:
    """Return where everything is for this user; a relative XDG variable is ignored, as the XDG specification says."""
    system = env.get("APPLAUNCH_ETC") or "/etc/applaunch"
    home = home.rstrip("/")  # of a user whose home is /: no path begins with two slashes
    shims = _xdg(env, "XDG_BIN_HOME", f"{home}/.local/bin") or "/"
    platform: str = sys.platform  # a name of its own, so that mypy reads both branches on any machine
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
    """Return the path of a file that travels with applaunch: in its wheel, or in the checkout it is edited in."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    packed = f"{package}/data/{name}"
    return packed if os.path.exists(packed) else f"{os.path.dirname(package)}/{name}"


def _xdg(env: Mapping[str, str], variable: str, default: str) -> str:
    value = env.get(variable, "")
    return f"/{value.strip('/')}".rstrip("/") if value.startswith("/") else default
