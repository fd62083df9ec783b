"""Raw requests through a docker-py client: the only module that calls its private methods.

docker-py's public methods read config.json (which may be broken), hide headers and streams, or lack a parameter.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def get(client: Any, path: str, *names: str, **options: Any) -> Any:
    """Send a GET request; *names* fill the ``{0}`` in *path*, *options* are those of requests."""
    return client._get(client._url(path, *names), **options)


def post(client: Any, path: str, *names: str, **options: Any) -> Any:
    """Send a POST request; parameters as for `get`."""
    return client._post(client._url(path, *names), **options)


def post_json(client: Any, path: str, data: Any = None, params: Any = None) -> Any:
    """Send a POST request with *data* as its JSON body, and check the answer."""
    response = client._post_json(client._url(path), data=data, params=params or {})
    check(client, response)
    return response


def delete(client: Any, path: str, *names: str, **options: Any) -> Any:
    """Send a DELETE request; parameters as for `get`."""
    return client._delete(client._url(path, *names), **options)


def ping(client: Any, seconds: float) -> dict[str, str]:
    """Ask ``/_ping`` and return its headers: ``Api-Version``, ``Server``, ``Libpod-Api-Version``, ``Ostype``."""
    response = client._get(client._url("/_ping", versioned_api=False), timeout=seconds)
    check(client, response)
    return dict(response.headers)


def check(client: Any, response: Any) -> None:
    """Raise docker-py's error for a *response* that reports a failure."""
    client._raise_for_status(response)


def stream_json(client: Any, response: Any) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a streamed *response*."""
    events: Iterator[dict[str, Any]] = client._stream_helper(response, decode=True)
    return events


def remove_timeout(response: Any) -> None:
    """Let the rest of a streamed *response* take any time, once its head has arrived."""
    with suppress(AttributeError):  # the response is complete already
        response.raw._fp.fp.raw._sock.settimeout(None)


def set_api_version(client: Any, version: str) -> None:
    """Set the API version of all further requests."""
    client._version = version
