import pytest

from launcher.core.entry import CatalogEntry
from launcher.core.mount import Mount
from launcher.core.permissions import RISKS, Permission, highest, permissions
from launcher.core.port import Port
from tests.core.examples import ANA, YOUTUBE_DL

NOTHING = CatalogEntry("x", "x", "x", mount_cwd="none", network_mode="none")


def sentence(entry):
    return " · ".join(permission.words for permission in permissions(entry, ANA))


def extra(**keys):
    """Return what an entry with these *keys* may do beyond one that may do nothing."""
    harmless = permissions(NOTHING, ANA)
    granted = permissions(NOTHING._replace(**keys), ANA)
    return [(permission.risk, permission.words) for permission in granted if permission not in harmless]


def test_the_issues_example_is_this_sentence():
    assert sentence(YOUTUBE_DL) == "run as you (uid 1000) · network · read & write the current folder (as /data)"


def test_an_entry_that_asks_for_nothing_is_low():
    assert permissions(NOTHING, ANA) == (
        Permission("low", "run as you (uid 1000)", "user"),
        Permission("low", "no network", "network_mode"),
    )
    assert highest(permissions(NOTHING, ANA)) == "low"
    assert highest(()) == "low"


@pytest.mark.parametrize(
    ("keys", "risk", "words"),
    [
        ({"user": "image"}, "low", "run as the image's user"),
        ({"user": "7:7"}, "low", "run as uid 7:7"),
        ({"mount_cwd": "ro"}, "low", "read the current folder"),
        ({"mount_cwd": "rw"}, "medium", "read & write the current folder"),
        ({"network_mode": "bridge"}, "medium", "network"),
        ({"network_mode": "lan"}, "medium", "the network lan"),
        ({"network_mode": "host"}, "high", "this machine's own network"),
        ({"ports": (Port(80, 8080),)}, "medium", "answer on 127.0.0.1:8080"),
        ({"ports": (Port(80, 0, "::1"),)}, "medium", "answer on ::1:a free port"),
        ({"ports": (Port(80, 8080, "0.0.0.0"),)}, "high", "answer on 0.0.0.0:8080"),
        ({"volumes": (Mount("cache", "/c", kind="volume"),)}, "low", "read & write the volume cache (as /c)"),
        ({"volumes": (Mount("~/.aws", "~/.aws"),)}, "high", "read & write ~/.aws"),
        ({"volumes": (Mount("~/v", "/v", read_only=True),)}, "high", "read ~/v (as /v)"),
        ({"volumes": (Mount("~", "/h"),)}, "critical", "read & write ~ (as /h)"),
        ({"volumes": (Mount("~", "/h", read_only=True),)}, "high", "read ~ (as /h)"),
        ({"volumes": (Mount("${HOME}/", "/h"),)}, "critical", "read & write ${HOME}/ (as /h)"),
        ({"volumes": (Mount("/home/ana", "/h"),)}, "critical", "read & write /home/ana (as /h)"),
        ({"volumes": (Mount("/home/", "/h"),)}, "critical", "read & write /home/ (as /h)"),
        ({"volumes": (Mount("/home/an", "/h"),)}, "high", "read & write /home/an (as /h)"),
        ({"volumes": (Mount("/", "/h"),)}, "critical", "read & write / (as /h)"),
        (
            {"volumes": (Mount("/var/run/docker.sock", "/var/run/docker.sock", read_only=True),)},
            "critical",
            "read /var/run/docker.sock",
        ),
        ({"environment": (("A", "1"),)}, None, ""),
        ({"environment": (("A", "1"), ("TOKEN", None), ("AWS_*", None))}, "medium", "your variables TOKEN, AWS_*"),
        ({"cap_add": ("NET_ADMIN", "SYS_PTRACE")}, "critical", "the capabilities NET_ADMIN, SYS_PTRACE"),
        ({"security_opt": ("seccomp=unconfined",)}, "critical", "run with seccomp=unconfined"),
        ({"security_opt": ("label=disable",)}, "critical", "run with label=disable"),
        ({"security_opt": ("label:disable",)}, "critical", "run with label:disable"),
        ({"security_opt": ("no-new-privileges:false",)}, "critical", "run with no-new-privileges:false"),
        ({"security_opt": ("no-new-privileges=0",)}, "critical", "run with no-new-privileges=0"),
        ({"security_opt": ("no-new-privileges", "label=type:x")}, None, ""),
    ],
)
def test_a_key_is_a_permission_of_its_class(keys, risk, words):
    assert extra(**keys) == ([(risk, words)] if risk else [])


def test_the_riskiest_permission_counts():
    entry = YOUTUBE_DL._replace(cap_add=("SYS_ADMIN",))

    assert RISKS == ("low", "medium", "high", "critical")
    assert highest(permissions(YOUTUBE_DL, ANA)) == "medium"
    assert highest(permissions(entry, ANA)) == "critical"
