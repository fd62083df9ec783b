"""What an entry does without saying so, written out for tools with other defaults."""

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.values.mount import Mount


def security_options(entry: CatalogEntry) -> tuple[str, ...]:
    """Return the entry's `security_opt`, with the no-new-privileges that applaunch adds."""
    if any(option.startswith("no-new-privileges") for option in entry.security_opt):
        return entry.security_opt
    return ("no-new-privileges:true", *entry.security_opt)


def dropped_capabilities(entry: CatalogEntry) -> tuple[str, ...]:
    """Return the entry's `cap_drop`: by default all, but for the image's own user."""
    if entry.cap_drop is not None:
        return entry.cap_drop
    return () if entry.user == "image" else ("ALL",)


def tmpfs(entry: CatalogEntry) -> list[str]:
    """Return the entry's `tmpfs` in docker's short form."""
    return [f"{path}:{options}" if options else path for path, options in entry.tmpfs]


def mount_options(mount: Mount) -> str:
    """Return what follows a volume's target in docker's short form: ``:ro,z``, "" if nothing does."""
    options = ",".join(["ro"] * mount.read_only + ([mount.relabel] if mount.relabel else []))
    return f":{options}" if options else ""


def patterns(entry: CatalogEntry) -> list[str]:
    """Return the patterns of variables that the entry passes on: ``AWS_*``."""
    return [name for name, text in entry.environment if text is None and name.endswith("*")]


def optional_volumes(entry: CatalogEntry) -> list[str]:
    """Return the sources of volumes that may be missing."""
    return [mount.source for mount in entry.volumes if not mount.required]
