"""The text of /etc/resolv.conf for a program that has a network of its own.

The rule is docker's: the machine's own name servers, and its search domains and options. A server on the machine's
loopback cannot be reached from another network; pasta or slirp4netns forwards to it from an address of their own.
"""

from __future__ import annotations

MOST_SERVERS = 3  # resolv.conf(5): MAXNS
STUB = "127.0.0.53"  # systemd-resolved's; the servers behind it are in a file of its own
RESOLV_CONF, SYSTEMD_RESOLV_CONF = "/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"


def needs_forwarder(text: str) -> bool:
    """Return whether the machine's resolv.conf *text* names only servers on its loopback."""
    return not _reachable(text)


def is_stub(text: str) -> bool:
    """Return whether systemd-resolved is the only name server of *text*: then its own file names the real ones."""
    return _servers(text) == [STUB]


def resolver_text(text: str, forwarder: str) -> str:
    """Return the resolv.conf of a program: the machine's *text* with servers that can be reached.

    *forwarder* is the address from which pasta or slirp4netns forwards to the machine's own resolver; "": from none.
    """
    servers = _reachable(text)
    if forwarder and len(servers) < MOST_SERVERS:
        servers = [*servers, forwarder]
    others = [line for line in text.splitlines() if line.split()[:1] and line.split()[0] in _KEPT]
    return "".join(f"{line}\n" for line in (*others, *[f"nameserver {server}" for server in servers[:MOST_SERVERS]]))


_KEPT = ("search", "domain", "options", "sortlist")


def _servers(text: str) -> list[str]:
    words = [line.split() for line in text.splitlines()]
    return [line[1] for line in words if line[:1] == ["nameserver"] and len(line) > 1]


def _reachable(text: str) -> list[str]:
    """Return the servers that a program with a network of its own can ask; it has IPv4, as docker's bridge has."""
    found = _servers(text)
    ipv4 = [server for server in found if ":" not in server]
    return [server for server in ipv4 or found if not server.startswith("127.") and server != "::1"]
