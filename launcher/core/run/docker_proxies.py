"""The proxies of docker's config.json, which `docker run` gives to each container as variables."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_VARIABLES = {
    "httpProxy": "HTTP_PROXY",
    "httpsProxy": "HTTPS_PROXY",
    "noProxy": "NO_PROXY",
    "ftpProxy": "FTP_PROXY",
    "allProxy": "ALL_PROXY",
}


def proxy_variables(config: Mapping[str, Any], host: str) -> dict[str, str]:
    """Return the variables, in capital and small letters, for containers of the engine at *host*.

    The rule is docker's: the table of that address if there is one, else ``default`` (cli, ParseProxyConfig). Whatever
    is not a string is passed over.
    """
    proxies = config.get("proxies")
    if not isinstance(proxies, dict):
        return {}
    chosen = proxies.get(host, proxies.get("default"))
    found = [(name, chosen.get(key)) for key, name in _VARIABLES.items()] if isinstance(chosen, dict) else []
    given = [(name, value) for name, value in found if isinstance(value, str) and value and "\0" not in value]
    return {each: value for name, value in given for each in (name, name.lower())}
