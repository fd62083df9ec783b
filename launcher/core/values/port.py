"""Published ports: ports of the container and the host addresses they are bound to."""

from __future__ import annotations

from launcher.core.values.invalid_value import InvalidValueError
from launcher.fast_stdlib import NamedTuple, pattern

_FORM = pattern(
    r"(?:(?P<ip>\[[0-9a-fA-F:.]+\]|[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+):)?"
    r"(?:(?P<host>[0-9]{1,9}(?:-[0-9]{1,9})?)?:)?"
    r"(?P<container>[0-9]{1,9}(?:-[0-9]{1,9})?)(?:/(?P<protocol>tcp|udp|sctp))?"
)
LARGEST_PORT = 65535
ALL_PORTS = "host"
"""Stands for all ports of this machine's localhost."""


class Port(NamedTuple):
    """One port of the container and its address on the host (*host_port* 0: any free port)."""

    container: int
    host_port: int = 0
    host_ip: str = "127.0.0.1"  # unlike docker: not reachable from other machines by default
    protocol: str = "tcp"

    @property
    def text(self) -> str:
        """The port in the syntax of docker's ``-p``."""
        ip = f"[{self.host_ip}]" if ":" in self.host_ip else self.host_ip
        suffix = "" if self.protocol == "tcp" else f"/{self.protocol}"
        return f"{ip}:{self.host_port or ''}:{self.container}{suffix}"


def parse_ports(text: str) -> tuple[Port, ...]:
    """Parse compose's short form ``[IP:][HOST:]CONTAINER[/PROTOCOL]``; a range gives several ports."""
    found = _FORM.fullmatch(text)
    if not found:
        raise InvalidValueError(f"{text!r} is not a port", "write '8080', '8080:80' or '0.0.0.0:8080:80/tcp'")
    inside = _numbers(found["container"], text)
    outside = _numbers(found["host"], text) if found["host"] else [0] * len(inside)
    if len(inside) != len(outside):
        raise InvalidValueError(f"the two ranges of the port {text!r} differ in length")
    ip = _address(found["ip"], text) if found["ip"] else "127.0.0.1"
    protocol = found["protocol"] or "tcp"
    return tuple(Port(port, host, ip, protocol) for port, host in zip(inside, outside, strict=True))


def _numbers(text: str, whole: str) -> list[int]:
    first, _, last = text.partition("-")
    lowest, highest = int(first), int(last or first)
    if not 1 <= lowest <= highest <= LARGEST_PORT:
        raise InvalidValueError(f"the port {whole!r} is out of range", "ports go from 1 to 65535")
    return list(range(lowest, highest + 1))


def _address(text: str, whole: str) -> str:
    from ipaddress import ip_address  # noqa: PLC0415  only needed to compile a catalog, never in a launch

    try:
        return str(ip_address(text.strip("[]")))
    except ValueError:
        raise InvalidValueError(
            f"the port {whole!r} has no valid address", "write '0.0.0.0:8080:80' or '[::1]:8080:80'"
        ) from None
