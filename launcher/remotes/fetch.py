"""Fetch a remote's files by the transport of its address."""

from collections.abc import Mapping

from launcher.core.remotes.source_url import SourceUrl
from launcher.remotes import folder_source, git_source, registry_source
from launcher.remotes.catalog_files import Artifacts, Fetched


def fetch(address: SourceUrl, tags: Mapping[str, str], artifacts: Artifacts) -> Fetched:
    """Return what *address* publishes now, given the *tags* of what we have; raise `RemoteError`.

    Nothing is verified yet.
    """
    match address.kind:
        case "web":
            from launcher.remotes import web_source  # noqa: PLC0415  60 ms of urllib3

            return web_source.fetch(address, tags)
        case "git":
            return git_source.fetch(address)
        case "artifact":
            return registry_source.fetch(address, tags, artifacts)
        case "folder":
            return folder_source.fetch(address)
