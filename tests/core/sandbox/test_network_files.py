"""Which name servers a program with a network of its own asks."""

import pytest

from launcher.core.sandbox.network_files import is_stub, needs_forwarder, resolver_text

FORWARDER = "169.254.1.1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nameserver 192.0.2.1\n", "nameserver 192.0.2.1\nnameserver 169.254.1.1\n"),
        (
            "# made by NetworkManager\nsearch example.test lab\noptions ndots:2\nnameserver 192.0.2.1\n",
            "search example.test lab\noptions ndots:2\nnameserver 192.0.2.1\nnameserver 169.254.1.1\n",
        ),
        ("nameserver 127.0.0.1\n", "nameserver 169.254.1.1\n"),
        ("nameserver 127.0.0.1\nnameserver 192.0.2.1\n", "nameserver 192.0.2.1\nnameserver 169.254.1.1\n"),
        ("nameserver ::1\n", "nameserver 169.254.1.1\n"),
        ("nameserver fd00::53\nnameserver 192.0.2.1\n", "nameserver 192.0.2.1\nnameserver 169.254.1.1\n"),
        ("nameserver fd00::53\n", "nameserver fd00::53\nnameserver 169.254.1.1\n"),
        (
            "".join(f"nameserver 192.0.2.{number}\n" for number in range(5)),
            "nameserver 192.0.2.0\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n",
        ),
        ("nameserver\n\n", "nameserver 169.254.1.1\n"),
        ("", "nameserver 169.254.1.1\n"),
    ],
)
def test_servers_on_the_machines_loopback_give_way_to_the_forwarder(text, expected):
    assert resolver_text(text, FORWARDER) == expected


def test_without_a_forwarder_only_the_machines_servers_remain():
    assert resolver_text("nameserver 192.0.2.1\n", "") == "nameserver 192.0.2.1\n"


@pytest.mark.parametrize(
    ("text", "needed", "stub"),
    [
        ("nameserver 192.0.2.1\n", False, False),
        ("nameserver 127.0.0.53\noptions edns0\n", True, True),
        ("nameserver 127.0.0.1\n", True, False),
        ("nameserver 127.0.0.53\nnameserver 192.0.2.1\n", False, False),
        ("", True, False),
    ],
)
def test_a_resolver_of_this_machine_only_needs_the_forwarder(text, needed, stub):
    assert needs_forwarder(text) is needed
    assert is_stub(text) is stub
