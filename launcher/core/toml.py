"""TOML read: by tomli, whose compiled wheels take a third of the time that tomllib does; 10,000 apps are 3 MB."""

from launcher.lean import packages

packages()

from tomli import TOMLDecodeError, loads  # noqa: E402  a shim's interpreter finds it from here on

__all__ = ["TOMLDecodeError", "loads"]
