import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.port import Port, parse_ports


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("8080", (Port(8080),)),
        ("8080:80", (Port(80, 8080),)),
        ("8080:80/udp", (Port(80, 8080, protocol="udp"),)),
        ("0.0.0.0:8080:80/tcp", (Port(80, 8080, "0.0.0.0"),)),
        ("127.0.0.1::80", (Port(80, 0, "127.0.0.1"),)),
        ("[::1]:8080:80", (Port(80, 8080, "::1"),)),
        (":80", (Port(80),)),
        ("80-81", (Port(80), Port(81))),
        ("8080-8081:80-81", (Port(80, 8080), Port(81, 8081))),
        ("65535", (Port(65535),)),
    ],
)
def test_ports_follow_compose_but_bind_to_this_machine_only(text, ports):
    assert parse_ports(text) == ports


@pytest.mark.parametrize(
    ("text", "message"),
    [
        *(
            (text, f"{text!r} is not a port; write '8080', '8080:80' or '0.0.0.0:8080:80/tcp'")
            for text in (
                "",
                "http",
                "80/icmp",
                "80:",
                "-80",
                "80:80:80",
                "1.2.3:80:80",
                " 80",
                "80\n",
                "٨٠",
                "9" * 5000,
            )
        ),
        *(
            (text, f"the port {text!r} is out of range; ports go from 1 to 65535")
            for text in ("0", "65536", "0:80", "81-80", "1-65536", "1-999999999")
        ),
        ("8080-8081:80", "the two ranges of the port '8080-8081:80' differ in length"),
        *(
            (text, f"the port {text!r} has no valid address; write '0.0.0.0:8080:80' or '[::1]:8080:80'")
            for text in ("1.2.3.444:80:80", "[:::]:80:80", "[1.2]:80:80")
        ),
    ],
)
def test_an_invalid_port_is_refused_with_the_valid_form(text, message):
    with pytest.raises(InvalidValueError) as refused:
        parse_ports(text)

    assert str(refused.value) == message


@given(
    st.builds(
        Port,
        st.integers(1, 65535),
        st.integers(0, 65535),
        st.ip_addresses().map(str),
        st.sampled_from(["tcp", "udp", "sctp"]),
    )
)
def test_a_port_survives_a_round_trip_through_dockers_syntax(port):
    assert parse_ports(port.text) == (port,)
