"""The address by which programs in a network of their own reach this machine."""

from __future__ import annotations

from launcher.fast_stdlib import closing, socket


def find_address() -> str:
    """Return this machine's IPv4 address on the way to other machines; "" if there is no such way.

    Nothing is sent: the system only says from which address it would send (udp(7)). Servers that listen on all
    addresses are reached there, and those that listen on the loopback interface alone are not.
    """
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)) as probe:
        try:
            probe.connect((_ELSEWHERE, _DISCARD))
            found: str = probe.getsockname()[0]
        except OSError:
            return ""
    return "" if found.startswith("127.") else found


_ELSEWHERE, _DISCARD = "198.51.100.1", 9  # an address of no machine, RFC 5737
