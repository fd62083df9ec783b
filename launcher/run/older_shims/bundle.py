"""The module that shims of version 3 call before they import `launcher.run.shim`: there is nothing to load any more."""


def load() -> None:
    """Do nothing."""
