"""Catalogs in a registry, beside the images they name: they share its mirrors and logins."""

from collections.abc import Mapping

from launcher.core.remotes.source_url import SourceUrl
from launcher.core.values.reference import Reference
from launcher.errors import RemoteError
from launcher.remotes.catalog_files import CATALOG, KEPT, KEYS, LARGEST, TOGETHER, Artifacts, Fetched, too_large


def fetch(address: SourceUrl, tags: Mapping[str, str], artifacts: Artifacts) -> Fetched:
    """Return the files of the artifact unless its digest is the one in *tags*; raise what the registry raises too."""
    where = f"oci://{address.url}"
    digest = artifacts.digest(address.url)
    if not digest:
        raise RemoteError(where, "there is no such artifact", f"check the address; {KEPT}")
    found = {CATALOG: digest}
    if tags.get(CATALOG) == digest:
        return Fetched({}, frozenset((CATALOG, KEYS)), found)
    files = artifacts.pull(Reference.parse(address.url).with_digest(digest).full, TOGETHER)
    if CATALOG not in files:
        what = f"does not contain {CATALOG} (only {', '.join(sorted(files)[:4]) or 'no files'})"
        raise RemoteError(where, what, "push it with: applaunch catalog publish oci://...")
    for name, most in LARGEST.items():
        if len(files.get(name, b"")) > most:
            raise too_large(f"{where}: {name}", most)
    return Fetched({name: data for name, data in files.items() if name in LARGEST}, tags=found)
