"""The certificate authorities that are trusted: the system's, Python's, and those kept for one registry."""

import contextlib
import glob
import ssl
from collections.abc import Mapping, Sequence

import certifi

_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def tls_context(host: str, env: Mapping[str, str], folders: Sequence[str] = ()) -> ssl.SSLContext:
    """Return the context that verifies TLS connections to *host* (``HOST[:PORT]``); unreadable files are skipped.

    Each of *folders* may hold ``HOST[:PORT]/*.crt``, as docker and podman keep the authorities of one registry.
    """
    context = ssl.create_default_context()
    # Python 3.13 and later refuse a CA without a key usage; no engine does, and many companies have one.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    own = [file for folder in folders for file in sorted(glob.glob(f"{glob.escape(f'{folder}/{host}')}/*.crt"))]
    for file in (certifi.where(), *(env.get(name, "") for name in _VARIABLES), *own):
        with contextlib.suppress(OSError):  # ssl.SSLError is one
            if file:
                context.load_verify_locations(file)
    return context
