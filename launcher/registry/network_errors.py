"""No answer at all: what requests, urllib3 and TLS raise, said in one line each with its fix."""

import errno
import os
import socket
import ssl
from http.client import IncompleteRead, RemoteDisconnected
from urllib.parse import urlsplit

import requests
import urllib3

from launcher.core.values.exception_chain import exception_chain
from launcher.errors import RegistryError
from launcher.registry import registry_url
from launcher.registry.http_errors import one_line

_BROKEN = (errno.ECONNRESET, errno.EPIPE)
_AGAIN = "check the network and try again"


def trouble(error: BaseException, where: str, url: str, proxy: str = "") -> RegistryError:
    """Return what *error* means for people, at *url* or at the *proxy* before it."""
    host = registry_url.shown(url)
    links = list(exception_chain(error))
    if tls := next((link for link in links if isinstance(link, ssl.SSLError)), None):
        return _no_tls(where, host, tls)
    if _is_late(links):
        return RegistryError(where, f"{host} does not answer in time", _AGAIN)
    if _is_any(links, requests.exceptions.InvalidSchema, urllib3.exceptions.ProxySchemeUnknown):
        return RegistryError(
            where, f"a proxy of the kind {urlsplit(proxy).scheme!r} is not understood", "see HTTPS_PROXY"
        )
    why = _why(links)
    if proxy and _is_any(links, urllib3.exceptions.ProxyError):
        return RegistryError(
            where, f"the proxy {urlsplit(proxy).hostname} does not lead to {host}: {why}", "see HTTPS_PROXY"
        )
    if _is_any(links, IncompleteRead, urllib3.exceptions.InvalidChunkLength) or _is_reset(links):
        return RegistryError(where, f"{host} broke off in the middle of an answer", "try again")
    return RegistryError(where, f"{host} does not answer: {why}", _AGAIN)


def _no_tls(where: str, host: str, error: ssl.SSLError) -> RegistryError:
    said = str(error)
    if "WRONG_VERSION_NUMBER" in said or "RECORD_LAYER_FAILURE" in said:
        fix = "plain HTTP is spoken to localhost only: give the registry a certificate"
        return RegistryError(where, f"{host} speaks plain HTTP", fix)
    why = getattr(error, "verify_message", "") or error.reason or said
    fix = f"put its CA into /etc/docker/certs.d/{host}/ca.crt, or name it in SSL_CERT_FILE"
    return RegistryError(where, f"no TLS connection to {host}: {one_line(str(why))}", fix)


def _why(links: list[BaseException]) -> str:
    """Return the system's own words where there are some, else the innermost ones."""
    number = next((link.errno for link in links if isinstance(link, OSError) and isinstance(link.errno, int)), 0)
    if _is_any(links, socket.gaierror):
        return "no such host"
    return os.strerror(number).lower() if number > 0 else one_line(str(links[-1]))


def _is_any(links: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(link, kinds) for link in links)


def _is_late(links: list[BaseException]) -> bool:
    refused = urllib3.exceptions.NewConnectionError  # which is one of its timeouts, for history's sake
    late = (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
    return any(isinstance(link, late) and not isinstance(link, refused) for link in links)


def _is_reset(links: list[BaseException]) -> bool:
    return any(
        isinstance(link, RemoteDisconnected) or (isinstance(link, OSError) and link.errno in _BROKEN) for link in links
    )
