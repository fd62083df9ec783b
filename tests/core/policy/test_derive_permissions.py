import pytest

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.catalog.keys import KEYS
from launcher.core.policy.derive_permissions import Permission, highest_risk, new_permissions, permissions
from launcher.core.policy.key_risks import GRANTS, HARMLESS, RISKS
from launcher.core.policy.path_reach import MachineFacts
from launcher.core.values.limits import Ulimit
from launcher.core.values.mount import Mount
from launcher.core.values.port import Port
from tests.core.examples import ANA, YOUTUBE_DL

NOTHING = CatalogEntry("x", "x", "x", mount_cwd="none", path_args="none", network_mode="none")
ONLINE = {"network_mode": "bridge"}


def sentence(entry):
    return " · ".join(permission.words for permission in permissions(entry, ANA))


def extra(**keys):
    """Return the permissions of an entry with these *keys* that an entry without any does not have."""
    harmless = permissions(NOTHING, ANA)
    granted = permissions(NOTHING._replace(**keys), ANA)
    return [(permission.risk, permission.words) for permission in granted if permission not in harmless]


def test_the_permissions_of_a_typical_entry():
    seen = "read & write the current folder (as /data) · read files named in its arguments"

    assert sentence(YOUTUBE_DL) == f"run as you (uid 1000) · network · {seen}"


def test_an_entry_without_permissions_is_low():
    assert permissions(NOTHING, ANA) == (
        Permission("low", "run as you (uid 1000)", "user"),
        Permission("low", "no network", "network_mode"),
    )
    assert highest_risk(permissions(NOTHING, ANA)) == "low"
    assert highest_risk(()) == "low"


@pytest.mark.parametrize(
    ("keys", "risk", "words"),
    [
        ({"user": "image"}, "low", "run as the image's user"),
        ({"user": "7:7"}, "low", "run as uid 7:7"),
        ({"mount_cwd": "ro"}, "low", "read the current folder"),
        ({"mount_cwd": "rw"}, "medium", "read & write the current folder"),
        ({"mount_cwd": "project-ro"}, "medium", "read the project of the current folder"),
        ({"mount_cwd": "project"}, "medium", "read & write the project of the current folder"),
        (
            {"mount_cwd": "project", "working_dir": "/w"},
            "medium",
            "read & write the project of the current folder (as /w)",
        ),
        ({"network_mode": "bridge"}, "medium", "network"),
        ({"network_mode": "lan"}, "high", "the network lan and everything on it"),
        ({"path_args": "ro"}, "low", "read files named in its arguments"),
        ({"path_args": ("-i", "--key")}, "low", "read files named in -i, --key"),
        ({"path_args": ()}, None, ""),
        ({"path_args": "rw"}, "medium", "write files named in its arguments, and their folders"),
        ({"persist": (".x", ".")}, "low", "keep its own ~/.x, home"),
        ({"group_add": ("27", "docker")}, "medium", "the groups 27, docker"),
        ({"labels": (("a", "b"),)}, "high", "the labels a=b, which other tools may act on"),
        ({"pull_policy": "always"}, "medium", "run the newest image of its tag at each call"),
        ({"pull_policy": "never"}, None, ""),
        ({"cap_drop": ()}, "medium", "the engine's default capabilities"),
        ({"cap_drop": ("ALL",)}, None, ""),
        ({"network_mode": "host"}, "high", "this machine's network"),
        ({"ports": (Port(80, 8080),)}, "medium", "listen on 127.0.0.1:8080"),
        ({"ports": (Port(80, 0, "::1"),)}, "medium", "listen on ::1:a free port"),
        ({"ports": (Port(80, 8080, "0.0.0.0"),)}, "high", "listen on 0.0.0.0:8080"),
        ({"volumes": (Mount("x-c", "/c", kind="volume"),)}, "low", "read & write the volume x-c (as /c)"),
        (
            {"volumes": (Mount("applaunch-x", "/c", kind="volume"),)},
            "low",
            "read & write the volume applaunch-x (as /c)",
        ),
        ({"volumes": (Mount("cache", "/c", kind="volume"),)}, "high", "read & write the volume cache (as /c)"),
        ({"volumes": (Mount("x_db", "/c", kind="volume"),)}, "high", "read & write the volume x_db (as /c)"),
        ({"volumes": (Mount("xy", "/c", True, kind="volume"),)}, "high", "read the volume xy (as /c)"),
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
        ({"environment": (("A", "1"), ("B", "${HOME}/${XDG_DATA_HOME:-x}/$$TOKEN"))}, None, ""),
        ({"environment": (("H", "${GITHUB_TOKEN:-}"),)}, "medium", "your variables GITHUB_TOKEN"),
        (
            {"environment": (("https_proxy", "http://e.example"),)},
            "high",
            "send its traffic through the proxy http://e.example",
        ),
        ({"working_dir": "/${GITHUB_TOKEN:-x}"}, "medium", "your variables GITHUB_TOKEN (in working_dir)"),
        ({"environment": (("A", "1"), ("TOKEN", None), ("AWS_*", None))}, "medium", "your variables TOKEN, AWS_*"),
        ({"cap_add": ("NET_ADMIN", "SYS_PTRACE")}, "critical", "the capabilities NET_ADMIN, SYS_PTRACE"),
        ({"security_opt": ("seccomp=unconfined",)}, "critical", "run with seccomp=unconfined"),
        ({"security_opt": ("label=disable",)}, "critical", "run with label=disable"),
        ({"security_opt": ("label:disable",)}, "critical", "run with label:disable"),
        ({"security_opt": ("no-new-privileges:false",)}, "critical", "run with no-new-privileges:false"),
        ({"security_opt": ("no-new-privileges=0",)}, "critical", "run with no-new-privileges=0"),
        ({"security_opt": ("label=type:spc_t",)}, "critical", "run with label=type:spc_t"),
        ({"security_opt": ("seccomp=/tmp/all.json",)}, "critical", "run with seccomp=/tmp/all.json"),
        ({"security_opt": ("seccomp={}",)}, "critical", "run with seccomp={}"),
        ({"security_opt": ("apparmor=mine",)}, "critical", "run with apparmor=mine"),
        ({"security_opt": ("systempaths=unconfined",)}, "critical", "run with systempaths=unconfined"),
        ({"security_opt": ("unmask=ALL",)}, "critical", "run with unmask=ALL"),
        ({"security_opt": ("no-new-privileges", "seccomp=builtin", "mask=/x")}, None, ""),
    ],
)
def test_each_key_gives_a_permission_of_its_risk_class(keys, risk, words):
    assert extra(**keys) == ([(risk, words)] if risk else [])


def test_name_resolution_is_a_high_risk():
    entry = NOTHING._replace(network_mode="bridge", dns=("6.6.6.6",), extra_hosts=("github.com:6.6.6.6",))

    assert [(each.risk, each.words) for each in permissions(entry, ANA) if each.key in {"dns", "extra_hosts"}] == [
        ("high", "use the DNS servers 6.6.6.6"),
        ("high", "override host names: github.com:6.6.6.6"),
    ]


def test_a_denied_variable_is_not_a_permission():
    entry = NOTHING._replace(working_dir="/${A_TOKEN:-x}", user="${B:-host}", deny=("environment:A_*",))

    assert [each.words for each in permissions(entry, ANA) if "variables" in each.words] == [
        "your variables B (in user)"
    ]


def test_the_highest_risk_wins():
    entry = YOUTUBE_DL._replace(cap_add=("SYS_ADMIN",))

    assert RISKS == ("low", "medium", "high", "critical")
    assert highest_risk(permissions(YOUTUBE_DL, ANA)) == "medium"
    assert highest_risk(permissions(entry, ANA)) == "critical"


def risks_of(entry, machine=None):
    return {(permission.key, permission.risk) for permission in permissions(entry, ANA, machine)}


@pytest.mark.parametrize(
    ("user", "risk"),
    [
        ("image", "critical"),
        ("root", "critical"),
        ("0", "critical"),
        ("00:00", "critical"),
        ("${X:-0}", "critical"),
        ("${X:-+0}", "critical"),
        ("${X:-}", "critical"),  # empty: the image's user
        ("${X:-host}", "low"),
        ("nobody", "critical"),  # a user that the image defines
        ("7:7", "critical"),
        ("1000", "critical"),  # with a group that the image chooses
        ("1000:999", "critical"),  # may be the group docker
        ("1000:docker", "critical"),
        ("1001:1001", "high"),
        ("1000:1000", "low"),
        ("1000:27", "low"),  # one of the caller's groups
    ],
)
def test_leaving_setuid_programs_is_as_risky_as_their_owner(user, risk):
    writing = [{"mount_cwd": "rw"}, {"volumes": (Mount("~/x", "/x"),)}, {"path_args": "rw"}]

    for keys in writing:
        found = [each for each in permissions(NOTHING._replace(user=user, **keys), ANA) if each.key == "user"]
        assert highest_risk(each for each in found if each.words.startswith("leave programs")) == risk, keys
    reading = NOTHING._replace(user=user, mount_cwd="ro", volumes=(Mount("~/x", "/x", read_only=True),))
    assert not [each for each in permissions(reading, ANA) if each.words.startswith("leave programs")]


def test_a_foreign_group_is_as_risky_as_a_foreign_user():
    assert ("group_add", "critical") in risks_of(NOTHING._replace(group_add=("999",), mount_cwd="rw"))
    assert ("group_add", "critical") in risks_of(NOTHING._replace(group_add=("docker",), persist=(".x",)))
    assert ("group_add", "critical") not in risks_of(NOTHING._replace(group_add=("27",), mount_cwd="rw"))


def test_root_of_a_rootless_engine_is_not_root_of_this_machine():
    entry = NOTHING._replace(user="image", mount_cwd="rw")

    assert ("user", "critical") in risks_of(entry)
    assert ("user", "high") in risks_of(entry, MachineFacts(rootless=True))
    assert ("user", "high") in risks_of(entry, MachineFacts(remapped=True))
    assert ("user", "critical") in risks_of(
        entry._replace(user="0"), MachineFacts(remapped=True)
    )  # by id: it belongs to root


def test_variables_in_every_key_are_listed():
    entry = NOTHING._replace(
        environment=(("T", "a ${A_TOKEN:?} b"), ("B_KEY", None)),
        volumes=(Mount("/srv/${C_NAME:-x}", "/x", read_only=True),),
        working_dir="/${A_TOKEN}${D}",
        user="${E:-host}",
    )

    told = [each.words for each in permissions(entry, ANA) if "variables" in each.words]

    assert told == [
        "your variables B_KEY, A_TOKEN",
        "your variables C_NAME (in volumes)",
        "your variables D (in working_dir)",
        "your variables E (in user)",
    ]


@pytest.mark.parametrize(
    ("before", "after", "held"),
    [
        ({"volumes": (Mount("~/data", "/d"),)}, {"volumes": (Mount("~/data/../../../..", "/d"),)}, True),
        ({"volumes": (Mount("~/data", "/d"),)}, {"volumes": (Mount("~/link", "/d"),)}, True),
        ({"volumes": (Mount("~/data", "/d"),)}, {"volumes": (Mount("~/data/sub/..", "/d"),)}, False),
        ({"volumes": (Mount("~/data", "/d"),)}, {"volumes": (Mount("${HOME}//data/sub", "/d"),)}, False),
        ({"volumes": (Mount("~/data", "/d"),)}, {"volumes": (Mount("~/data/${X:-..}", "/d"),)}, True),
        ({"environment": (("AWS_*", None),)}, {"environment": (("AWS_KEY", None),)}, False),
        ({"environment": (("AWS_KEY", None),)}, {"environment": (("AWS_*", None),)}, True),
        ({"environment": (("T", None),)}, {"environment": (("U", "${T}"),)}, False),
        ({"path_args": "ro"}, {"path_args": ("-i",)}, False),
        ({"path_args": ("-i",)}, {"path_args": ("-i", "-o")}, True),
        ({"path_args": "ro"}, {"path_args": "rw"}, True),
        ({"user": "image"}, {"user": "image", "mount_cwd": "rw"}, True),
        ({"mount_cwd": "rw"}, {"mount_cwd": "project"}, True),
        ({"mount_cwd": "ro"}, {"mount_cwd": "project-ro"}, True),
        ({"mount_cwd": "project-ro"}, {"mount_cwd": "rw"}, True),
        ({"mount_cwd": "project-ro"}, {"mount_cwd": "project"}, True),
        ({"mount_cwd": "project"}, {"mount_cwd": "rw"}, False),
        ({"mount_cwd": "project-ro"}, {"mount_cwd": "ro"}, False),
        ({"mount_cwd": "project"}, {"mount_cwd": "project", "project_markers": ("a",)}, True),
        (
            {"mount_cwd": "project", "project_markers": ("a", "b")},
            {"mount_cwd": "project", "project_markers": ("a",)},
            False,
        ),
        (ONLINE | {"dns": ("9.9.9.9",)}, ONLINE | {"dns": ("6.6.6.6",)}, True),
        ({"dns": ("9.9.9.9",)}, {"dns": ("6.6.6.6",)}, False),  # no effect without a network
        ({"labels": (("a", "b"),)}, {"labels": (("a", "c"),)}, True),
    ],
)
def test_an_upgrade_is_held_for_the_paths_that_are_really_mounted(before, after, held):
    machine = MachineFacts(real_paths={"/home/ana/link": "/"})
    one, other = (permissions(NOTHING._replace(**keys), ANA, machine) for keys in (before, after))

    assert bool(new_permissions(other, one)) == held


@pytest.mark.parametrize(
    ("localhost", "found"),
    [
        ((5432, 80), [("medium", "reach 5432, 80 on this machine's localhost")]),
        (("host",), [("high", "reach all services on this machine's localhost")]),
    ],
)
def test_ports_of_localhost_are_a_permission_of_a_program_with_a_network_of_its_own(localhost, found):
    bridged, host = (NOTHING._replace(network_mode=mode, localhost=localhost) for mode in ("bridge", "host"))

    assert [(each.risk, each.words) for each in permissions(bridged, ANA) if each.key == "localhost"] == found
    assert [each for each in permissions(host, ANA) if each.key == "localhost"] == []


def test_a_denied_volume_is_not_a_permission():
    entry = NOTHING._replace(volumes=(Mount("~/link/x", "/x"), Mount("~/y", "/y")), deny=("~/.ssh",))
    machine = MachineFacts(real_paths={"/home/ana/link/x": "/home/ana/.ssh/x"})

    assert [each.words for each in permissions(entry, ANA, machine) if each.key == "volumes"] == [
        "read & write ~/y (as /y)"
    ]


EXAMPLES = {
    "user": {"user": "image"},
    "group_add": {"group_add": ("999",)},
    "network_mode": {"network_mode": "host"},
    "ports": {"ports": (Port(80, 80, "0.0.0.0"),)},
    "localhost": ONLINE | {"localhost": ("host",)},
    "dns": ONLINE | {"dns": ("9.9.9.9",)},
    "extra_hosts": ONLINE | {"extra_hosts": ("a:1.2.3.4",)},
    "mount_cwd": {},
    "project_markers": {"mount_cwd": "project", "project_markers": ("go.mod",)},
    "path_args": {"path_args": "rw"},
    "persist": {"persist": (".x",)},
    "volumes": {"volumes": (Mount("/", "/h"),)},
    "environment": {"environment": (("HTTP_PROXY", "http://x"),)},
    "working_dir": {"working_dir": "/${X}"},
    "cap_add": {"cap_add": ("SYS_ADMIN",)},
    "cap_drop": {"cap_drop": (), "user": "0"},
    "security_opt": {"security_opt": ("seccomp=unconfined",)},
    "labels": {"labels": (("a", "b"),)},
    "pull_policy": {"pull_policy": "always"},
}
ELSEWHERE = {"build", "commands", "aliases"}  # `built`, and launcher/manage/change/name_conflicts.py


def test_every_catalog_key_has_a_risk_class():
    keys = {*KEYS, *CatalogEntry._fields, "commands"}

    assert {*GRANTS} | {*HARMLESS} == keys
    assert not {*GRANTS} & {*HARMLESS}
    assert {*EXAMPLES} == {*GRANTS} - ELSEWHERE


@pytest.mark.parametrize("key", EXAMPLES)
def test_no_permission_of_a_key_exceeds_its_risk_class(key):
    entry = NOTHING._replace(**{"mount_cwd": "rw"} | EXAMPLES[key])

    assert highest_risk(each for each in permissions(entry, ANA) if each.key == key) == GRANTS[key][0]


def test_a_harmless_key_changes_no_permission():
    other = {
        "entrypoint": ("a",),
        "command": ("b",),
        "tty": True,
        "stdin": "always",
        "init": False,
        "read_only": True,
        "tmpfs": (("/x", "exec"),),
        "shm_size": 1,
        "ulimits": (Ulimit("nofile", 1, 1),),
        "mem_limit": 1,
        "cpus": 1.0,
        "pids_limit": 1,
        "stop_signal": "SIGINT",
        "stop_grace_period": 1.0,
        "warm": 60.0,
        "reuse": "shared",
        "runtime": "engine",
        "network_share": False,
        "hostname": "h",
        "platform": "linux/arm64",
        "deny": ("network",),
        "image": "y",
        "app": "y",
        "name": "y",
    }

    assert {*other} == {*HARMLESS} & {*CatalogEntry._fields}
    assert permissions(NOTHING._replace(**other), ANA) == permissions(NOTHING, ANA)
