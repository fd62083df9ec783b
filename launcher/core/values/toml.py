"""TOML read: by tomli, whose compiled wheels take a third of the time that tomllib does; 10,000 apps are 3 MB.

tomllib is the same parser, which every Python has: it stands in where a launch finds no installed packages.
"""

from launcher.fast_stdlib import enable_site_packages

enable_site_packages()

try:
    from tomli import TOMLDecodeError, loads  # a shim's interpreter finds it from here on
except ModuleNotFoundError:
    from tomllib import TOMLDecodeError, loads  # type: ignore[assignment]

__all__ = ["TOMLDecodeError", "loads"]
