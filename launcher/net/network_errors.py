"""What urllib3, TLS and sockets raise, as one line for a person with its fix."""

import errno
import os
import socket
import ssl
from http.client import IncompleteRead, RemoteDisconnected
from urllib.parse import urlsplit

from urllib3 import exceptions

from launcher.core.values.exception_chain import exception_chain
from launcher.errors import printable
from launcher.net.urls import host_of

_RESET = (errno.ECONNRESET, errno.EPIPE)
_TORN = (IncompleteRead, RemoteDisconnected, exceptions.InvalidChunkLength)
_LATE = (exceptions.TimeoutError, TimeoutError)
_NO_HTTPS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")
_AGAIN = "check the network and try again"
_SHOWN = 200  # characters of foreign text that are shown


class NetworkError(Exception):
    """No usable response: *what* happened, and the *fix*; who asked knows what it was about."""

    def __init__(self, what: str, fix: str) -> None:
        """Keep both; each is plain text without a line break or a full stop."""
        super().__init__(what, fix)
        self.what = what
        self.fix = fix


class TooLargeError(NetworkError):
    """A response is larger than its limit."""


class RedirectError(NetworkError):
    """A redirect leads to a forbidden place, or there are too many."""


def explain(error: BaseException, url: str, proxy: str = "", ca_folder: str = "") -> NetworkError:
    """Translate *error*, which a request for *url* raised, through *proxy* if there is one.

    *ca_folder* holds the certificate authorities of single hosts; "" if there is none.
    """
    host = host_of(url)
    chain = list(exception_chain(error))
    if tls := next((link for link in chain if isinstance(link, ssl.SSLError)), None):
        return _explain_tls(host, tls, ca_folder)
    if any(isinstance(link, _LATE) and not isinstance(link, exceptions.NewConnectionError) for link in chain):
        return NetworkError(f"{host} did not answer in time", _AGAIN)
    if _has(chain, exceptions.ProxySchemeUnknown):
        return NetworkError(f"unsupported proxy scheme {urlsplit(proxy).scheme!r}", "check HTTPS_PROXY")
    why, is_systems = _reason(chain)
    if proxy and _has(chain, exceptions.ProxyError):
        what = f"cannot reach {host} through the proxy {urlsplit(proxy).hostname}: {why}"
        return NetworkError(what, "check HTTPS_PROXY")
    if _has(chain, *_TORN) or any(isinstance(link, OSError) and link.errno in _RESET for link in chain):
        return torn(host)
    return NetworkError(f"cannot reach {host}: {why}" if is_systems else f"invalid response from {host}: {why}", _AGAIN)


def torn(host: str) -> NetworkError:
    """Return the failure of a response that ended too early."""
    return NetworkError(f"{host} closed the connection in the middle of a response", "try again")


def one_line(text: str) -> str:
    """Return foreign text as a part of a message: one line, escaped, no full stop, at most 200 characters."""
    words = printable(" ".join(text.split()).rstrip("."))
    return words if len(words) <= _SHOWN else words[: _SHOWN - 3] + "..."


def _explain_tls(host: str, error: ssl.SSLError, ca_folder: str) -> NetworkError:
    text = str(error)
    if any(word in text for word in _NO_HTTPS):
        return NetworkError(f"{host} speaks plain HTTP", "applaunch uses plain HTTP for localhost only: give it TLS")
    why = getattr(error, "verify_message", "") or error.reason or text
    folder = f"put its CA into {ca_folder}/{host}/ca.crt, or " if ca_folder else ""
    return NetworkError(f"no TLS connection to {host}: {one_line(str(why))}", f"{folder}set SSL_CERT_FILE to its CA")


def _reason(chain: list[BaseException]) -> tuple[str, bool]:
    """Return the system's own text if there is one, else the innermost, and whether it is the system's."""
    if _has(chain, socket.gaierror):
        return "no such host", True
    number = next((link.errno for link in chain if isinstance(link, OSError) and isinstance(link.errno, int)), 0)
    return (os.strerror(number).lower(), True) if number > 0 else (one_line(str(chain[-1])), False)


def _has(chain: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(link, kinds) for link in chain)
