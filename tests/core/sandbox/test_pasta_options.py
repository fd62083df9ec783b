"""Which ports pasta can publish, and how it is told."""

import pytest

from launcher.core.sandbox.pasta_options import address_options, forward_options, publish_options, unpublishable
from launcher.core.values.port import parse_ports

PASTA, SLIRP = "/usr/bin/pasta", "/usr/bin/slirp4netns"


def ports(*texts):
    return [port for text in texts for port in parse_ports(text)]


@pytest.mark.parametrize(
    ("text", "program", "expected"),
    [
        ("8080:80", PASTA, ()),
        ("1024:1", PASTA, ()),
        ("0.0.0.0:8080:80", PASTA, ()),
        ("0.0.0.0:5353:53/udp", PASTA, ("0.0.0.0:5353:53/udp",)),
        ("8080:80", SLIRP, ("127.0.0.1:8080:80",)),
        ("1023:80", PASTA, ("127.0.0.1:1023:80",)),
        ("80", PASTA, ("127.0.0.1::80",)),
        ("[::1]:8080:80", PASTA, ("[::1]:8080:80",)),
        ("8080:80/sctp", PASTA, ("127.0.0.1:8080:80/sctp",)),
        ("1022-1024:80-82", PASTA, ("127.0.0.1:1022:80", "127.0.0.1:1023:81")),
    ],
)
def test_what_pasta_cannot_publish_is_named(text, program, expected):
    assert unpublishable(ports(text), program) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((), "--udp-ports none --tcp-ports none"),
        (("8080:80",), "--udp-ports none --tcp-ports 127.0.0.1/8080:80"),
        (("8080-8081:80-81",), "--udp-ports none --tcp-ports 127.0.0.1/8080:80 --tcp-ports 127.0.0.1/8081:81"),
    ],
)
def test_only_the_ports_of_the_entry_are_published(texts, expected):
    assert " ".join(publish_options(ports(*texts))) == expected


@pytest.mark.parametrize(("machine", "own"), [("192.0.2.7", "10.0.2.100"), ("10.0.2.100", "10.0.3.100")])
def test_a_program_never_has_the_address_of_the_machine(machine, own):
    assert address_options(machine)[:2] == ("--address", own)


def test_pasta_chooses_the_address_where_the_machine_has_none():
    assert address_options("") == ()


@pytest.mark.parametrize(
    ("localhost", "options"),
    [
        ((), ("--tcp-ns", "none")),
        ((5432, 80), ("--tcp-ns", "5432", "--tcp-ns", "80")),
        ((80, "host"), ("--tcp-ns", "auto")),
    ],
)
def test_no_other_port_of_localhost_is_brought_in(localhost, options):
    assert forward_options(localhost) == options
