"""The tags of a repository, page by page, up to a limit."""

import json
from collections.abc import Callable
from typing import Any

from launcher.core.values.reference import Reference
from launcher.errors import RegistryError
from launcher.net.http_messages import Response
from launcher.net.redirects import to_any_host
from launcher.net.urls import origin

MOST = 10_000
"""The largest number of tags that are read of one repository."""
_PAGE = 1000  # tags requested at once; a registry may send fewer
_PAGES = 500


def list_tags(first: str, ref: Reference, most: int, ask: Callable[[str], Response]) -> list[str]:
    """Return at most *most* tags in the registry's order; *ask* requests the page at a URL, *first* is the first.

    Invalid tags are left out. Raises `RegistryError` for pages that are malformed, lead elsewhere, or do not end.
    """
    found: dict[str, None] = {}
    url = f"{first}?n={min(most, _PAGE)}"
    for _ in range(_PAGES):
        answer = ask(url)
        page = _tags(answer.body, ref)
        before = len(found)
        found |= dict.fromkeys(tag for tag in page if _is_tag(ref, tag))
        following = _next_page(answer, first, ref)
        if len(found) >= most or not following:
            return list(found)[:most]
        if len(found) == before:
            break
        url = following
    raise RegistryError(
        ref.familiar, f"the list of tags at {ref.registry} does not end", f"contact the operator of {ref.registry}"
    )


def _tags(body: bytes, ref: Reference) -> list[str]:
    try:
        page: Any = json.loads(body)["tags"] or []
    except (ValueError, KeyError, TypeError, RecursionError):
        page = None
    if not isinstance(page, list):
        raise RegistryError(
            ref.familiar,
            f"{ref.registry} did not answer with a list of tags",
            f"contact the operator of {ref.registry}",
        )
    return [tag for tag in page if isinstance(tag, str)]


def _is_tag(ref: Reference, tag: str) -> bool:
    try:
        return Reference.parse(f"{ref.repo}:{tag}") == ref._replace(tag=tag)
    except ValueError:
        return False


def _next_page(answer: Response, first: str, ref: Reference) -> str:
    """Return the URL of the next page (RFC 8288), "" after the last; it must have the same origin."""
    if "link" not in answer.headers:
        return ""
    from requests.utils import parse_header_links  # noqa: PLC0415  20 ms, for repositories of many tags only

    links = parse_header_links(answer.headers["link"])
    following = next((link["url"] for link in links if link.get("rel") == "next"), "")
    if not following:
        return ""
    try:
        url = to_any_host(answer.url, following)
    except ValueError as why:
        raise RegistryError(
            ref.familiar,
            f"{ref.registry} names a next page that is not allowed: {why}",
            f"contact the operator of {ref.registry}",
        ) from None
    if origin(url) != origin(first):
        host = origin(url).host
        raise RegistryError(
            ref.familiar,
            f"{ref.registry} names a next page on another host, {host}",
            f"contact the operator of {ref.registry}",
        )
    return url
