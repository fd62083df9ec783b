"""The TOML parser: tomli, or tomllib if it is not installed.

tomli's compiled wheels take a third of tomllib's time (10,000 apps are 3 MB of TOML); both are the same parser.
"""

from launcher.fast_stdlib import enable_site_packages

enable_site_packages()

try:
    from tomli import TOMLDecodeError, loads  # a shim's interpreter can import it now
except ModuleNotFoundError:
    from tomllib import TOMLDecodeError, loads  # type: ignore[assignment]  # a second class of the same name

__all__ = ["TOMLDecodeError", "loads"]
