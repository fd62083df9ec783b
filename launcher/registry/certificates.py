"""Whose certificates are believed: this system's, Python's own, and those kept for one registry, as docker has them."""

import contextlib
import glob
import ssl
from collections.abc import Mapping, Sequence
from typing import Any

from requests.adapters import HTTPAdapter

FOLDERS = ("/etc/containers/certs.d", "/etc/docker/certs.d")
"""Where the administrator puts ``HOST[:PORT]/*.crt``, the CAs of one registry."""
_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def context(registry: str, env: Mapping[str, str], folders: Sequence[str] = FOLDERS) -> ssl.SSLContext:
    """Return what TLS to *registry* (``HOST[:PORT]``) is checked with; a file that cannot be read is left out."""
    made = ssl.create_default_context()
    # A CA without a key usage is refused from Python 3.13 on, and by no engine: it is what many companies have.
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    own = [file for folder in folders for file in sorted(glob.glob(f"{glob.escape(f'{folder}/{registry}')}/*.crt"))]
    for file in (*(env.get(name, "") for name in _VARIABLES), *own):
        with contextlib.suppress(OSError):  # ssl.SSLError is one
            if file:
                made.load_verify_locations(file)
    return made


def trusting(registry: str, env: Mapping[str, str], folders: Sequence[str] = FOLDERS) -> "Trusting":
    """Return what has TLS of requests checked that way."""
    return Trusting(context(registry, env, folders))


class Trusting(HTTPAdapter):
    """Has TLS of requests checked with a context of ours."""

    def __init__(self, context: ssl.SSLContext) -> None:
        """Use *context* for a registry and for a proxy before it."""
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        """Make connections with it."""
        super().init_poolmanager(*args, **named, ssl_context=self._context)

    def proxy_manager_for(self, proxy: str, **named: Any) -> Any:
        """Make connections through *proxy* with it."""
        return super().proxy_manager_for(proxy, **named, ssl_context=self._context)
