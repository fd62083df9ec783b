"""The tags of a repository, page after page, for as long as a registry has new ones and never beyond a limit."""

import json
from collections.abc import Callable
from typing import Any

from requests.utils import parse_header_links

from launcher.core.values.reference import Reference
from launcher.errors import RegistryError
from launcher.registry import registry_url
from launcher.registry.http_messages import Answer

MOST = 10_000
"""Tags that are read of one repository."""
_PAGE = 1000  # tags that are asked for at once; a registry may give fewer
_PAGES = 500


def tags(first: str, ref: Reference, most: int, ask: Callable[[str], Answer]) -> list[str]:
    """Return at most *most* tags, in the registry's order; *ask* gives the page of a URL, *first* that of the first.

    What cannot be a tag is left out. Raises `RegistryError` for pages that are none, lead elsewhere, or never end.
    """
    found: dict[str, None] = {}
    url = f"{first}?n={min(most, _PAGE)}"
    for _ in range(_PAGES):
        answer = ask(url)
        page = _tags(answer.body, ref)
        before = len(found)
        found |= dict.fromkeys(tag for tag in page if _is_tag(ref, tag))
        following = _following(answer, first, ref)
        if len(found) >= most or not following:
            return list(found)[:most]
        if len(found) == before:
            break
        url = following
    raise RegistryError(ref.familiar, f"the list of tags at {ref.registry} does not end", "ask whoever runs it")


def _tags(body: bytes, ref: Reference) -> list[str]:
    try:
        page: Any = json.loads(body)["tags"] or []
    except (ValueError, KeyError, TypeError, RecursionError):
        page = None
    if not isinstance(page, list):
        raise RegistryError(ref.familiar, f"{ref.registry} answers with no list of tags", "ask whoever runs it")
    return [tag for tag in page if isinstance(tag, str)]


def _is_tag(ref: Reference, tag: str) -> bool:
    try:
        return Reference.parse(f"{ref.repo}:{tag}") == ref._replace(tag=tag)
    except ValueError:
        return False


def _following(answer: Answer, first: str, ref: Reference) -> str:
    """Return the URL of the next page (RFC 8288), "" after the last one; it must be at the same place."""
    links = parse_header_links(answer.headers.get("link", ""))
    following = next((link["url"] for link in links if link.get("rel") == "next"), "")
    if not following:
        return ""
    try:
        url = registry_url.followed(answer.url, following)
    except ValueError as why:
        raise RegistryError(ref.familiar, f"the tags go on where we do not go: {why}", "ask whoever runs it") from None
    if registry_url.origin(url) != registry_url.origin(first):
        host = registry_url.origin(url).host
        raise RegistryError(ref.familiar, f"the tags go on at another host, {host}", "ask whoever runs the registry")
    return url
