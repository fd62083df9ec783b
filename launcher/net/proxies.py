"""The proxy for a server: HTTPS_PROXY, ALL_PROXY and NO_PROXY, read as docker's engine reads them."""

import ipaddress
from collections.abc import Mapping

from launcher.net.urls import Origin


def proxy_for(there: Origin, env: Mapping[str, str]) -> str:
    """Return the URL of the proxy for *there*, "" if there is none; this machine is never asked through one.

    Plain HTTP is used on this machine only, so HTTP_PROXY has no meaning here.
    """
    if there.is_loopback or _is_excepted(there, _first(env, "NO_PROXY", "no_proxy")):
        return ""
    proxy = _first(env, "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
    return proxy if "://" in proxy or not proxy else f"http://{proxy}"


def _first(env: Mapping[str, str], *names: str) -> str:
    return next((found for name in names if (found := env.get(name, "").strip())), "")


def _is_excepted(there: Origin, listed: str) -> bool:
    host = there.host.strip("[]")
    return any(_matches(host, there.port, word.strip().lower()) for word in listed.split(",") if word.strip())


def _matches(host: str, port: int, word: str) -> bool:
    """Return whether *word* means *host*: ``*``, an address, a network, or a domain with its subdomains.

    ``.example.org`` and ``*.example.org`` are the subdomains only. A port may follow and must then be the same.
    """
    name, colon, number = word.rpartition(":")
    if colon and number.isdigit() and (":" not in name or name.endswith("]")):
        if int(number) != port:
            return False
        word = name
    word = word.strip("[]")
    if word == "*":
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(word, strict=False)
    except (ValueError, TypeError):
        domain = word.removeprefix("*").removeprefix(".")
        return host.endswith(f".{domain}") or host == word
