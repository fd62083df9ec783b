"""The body of a large HTTP response, read piece by piece within its size and time."""

import time
from typing import TYPE_CHECKING

import urllib3

from launcher.net.http_messages import Timeouts
from launcher.net.network_errors import TooLargeError, explain, torn
from launcher.net.urls import host_of

if TYPE_CHECKING:
    from launcher.net.http_messages import Request

OK, PARTIAL = 200, 206
"""Statuses of a response with the content, or with a part of it."""
_CHUNK = 1 << 16


class StreamedBody:
    """The body of a successful response; close it. Every read may take the time of the request's timeouts."""

    def __init__(self, response: urllib3.BaseHTTPResponse, request: "Request", timeouts: Timeouts) -> None:
        """Read what *response* answers to *request*, at most its ``largest`` bytes."""
        self._response = response
        self._request = request
        self._end = time.monotonic() + timeouts.seconds_for(request.largest)
        self._left = request.largest
        length = response.headers.get("content-length", "")
        self._promised = int(length) if length.isdigit() and len(length) < _DIGITS else None
        self.url = request.url
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.headers.items()}

    def skip_to(self, start: int) -> "StreamedBody":
        """Return this body from the byte *start* on, which was requested; a server may send all of it."""
        if start and self.status != PARTIAL:
            while start:
                data = self.read(min(start, _CHUNK))
                if not data:
                    raise torn(host_of(self.url))
                start -= len(data)
        return self

    def read(self, size: int) -> bytes:
        """Return at most *size* bytes, b"" at the end; raises `NetworkError`, also if the body is cut short."""
        host = host_of(self.url)
        try:
            data = self._response.read(size, decode_content=False)
        except (OSError, urllib3.exceptions.HTTPError) as error:
            raise explain(error, self.url) from error
        self._left -= len(data)
        if self._promised is not None:
            self._promised -= len(data)
        if self._left < 0:
            what = f"the response of {host} is larger than {self._request.largest} bytes"
            raise TooLargeError(what, f"contact the operator of {host}")
        if not data and self._promised:
            raise torn(host)
        if time.monotonic() > self._end:
            raise explain(TimeoutError(), self.url)
        return bytes(data)

    def close(self) -> None:
        """Close the connection: the rest of the body may be long."""
        self._response.close()


_DIGITS = 18  # of a length that is believed
