"""Catalogs that lie in a registry beside the images they name: its mirrors and logins serve both."""

from collections.abc import Mapping

from launcher.core.remotes.source_url import Address
from launcher.core.values.reference import Reference
from launcher.errors import RemoteError
from launcher.remotes.fetch import CATALOG, KEYS, LARGEST, TOGETHER, Artifacts, Fetched
from launcher.remotes.folder_source import too_large


def fetch(address: Address, tags: Mapping[str, str], artifacts: Artifacts) -> Fetched:
    """Return the files of the artifact, unless its digest is the one in *tags*; raises what the registry raises too."""
    where = f"oci://{address.url}"
    digest = artifacts.digest(address.url)
    if not digest:
        raise RemoteError(where, "there is no such artifact", "check the address; what was accepted last goes on")
    told = {CATALOG: digest}
    if tags.get(CATALOG) == digest:
        return Fetched({}, frozenset((CATALOG, KEYS)), told)
    files = artifacts.pull(Reference.parse(address.url).pinned(digest).full, TOGETHER)
    if CATALOG not in files:
        what = f"holds no {CATALOG} (but {', '.join(sorted(files)[:4]) or 'nothing'})"
        raise RemoteError(where, what, "push it with: applaunch catalog publish oci://...")
    for name, most in LARGEST.items():
        if len(files.get(name, b"")) > most:
            raise too_large(f"{where}: {name}", most)
    return Fetched({name: data for name, data in files.items() if name in LARGEST}, tags=told)
