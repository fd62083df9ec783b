"""Notes after a program failed: arguments that name what its network does not reach."""

import pytest

from launcher.core.policy.path_args import PathFact
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.failure_hints import failure_hints
from launcher.core.values.mount import Mount
from tests.core.examples import ANA, YOUTUBE_DL, planned

URL = "applaunch: youtube-dl: note: it has no network for the URL; applaunch override youtube-dl --network bridge"
HERE = "applaunch: youtube-dl: note: localhost is not this machine there; applaunch override youtube-dl"
ANY, HOST = f"{HERE} --localhost PORT, or --network host", f"{HERE} --network host"


def at(port):
    return f"{HERE} --localhost {port}, or --network host"


def hints(*args, **keys):
    entry, call = YOUTUBE_DL._replace(mount_cwd="none", **keys), ANA._replace(args=args)
    return failure_hints(entry, call, {}, planned(entry, call, EngineTraits(), {}))


@pytest.mark.parametrize(
    ("args", "network", "line"),
    [
        (("-i", "https://example.org/a.mp4"), "none", URL),
        (("--input=rtsp://cam/1",), "none", URL),
        (("-h", "localhost"), "bridge", ANY),
        (("--host=127.0.0.1",), "bridge", ANY),
        (("http://localhost:8000/x",), "mine", at(8000)),
        (("http://me@[::1]:80",), "bridge", at(80)),
        (("-h", "::1"), "bridge", ANY),
        (("-hlocalhost", "-U", "me"), "bridge", ANY),
        (("host=localhost dbname=x",), "bridge", ANY),
        (("jdbc:postgresql://LOCALHOST:5432/x",), "bridge", at(5432)),
        (("-S", "tcp:127.0.0.1,1433"), "bridge", at(1433)),
        (("root@127.0.0.2:/x",), "bridge", ANY),
        (("http://localhost:8000/x",), "none", HOST),
    ],
)
def test_an_argument_that_the_network_does_not_reach_is_noted(args, network, line):
    assert hints(*args, network_mode=network) == (line,)


@pytest.mark.parametrize(
    ("args", "network", "deny"),
    [
        (("https://example.org",), "bridge", ()),
        (("https://example.org",), "none", ("network",)),
        (("localhost",), "host", ()),
        (("localhost",), "bridge", ("network",)),
        (("a == 'https://x'", "file:///a", "://", "x://"), "none", ()),
        (("localhost.example", "no-localhost", "127.0.0.1.example", "x/localhost", "a::1", "fe::1:2"), "bridge", ()),
    ],
)
def test_anything_else_is_not(args, network, deny):
    assert hints(*args, network_mode=network, deny=deny) == ()


@pytest.mark.parametrize(
    ("name", "value", "host", "port"),
    [
        ("PGHOST", "localhost", "localhost", "PORT"),
        ("DATABASE_URL", "postgres://me:x@127.0.0.1:5432/db", "127.0.0.1", "5432"),
        ("REDIS_ADDR", "[::1]:6379", "[::1]", "6379"),
    ],
)
def test_a_variable_that_the_network_does_not_reach_is_noted_without_its_value(name, value, host, port):
    fix = f"applaunch override youtube-dl --localhost {port}, or --network host"

    assert hints(environment=((name, value),)) == (
        f"applaunch: youtube-dl: note: {name} names {host}, which is not this machine there; {fix}",
    )


@pytest.mark.parametrize(
    ("localhost", "args", "is_noted"),
    [
        ((5432,), ("-h", "localhost"), False),
        ((5432,), ("postgres://localhost:5432/x",), False),
        ((5432,), ("redis://localhost:6379",), True),
        (("host",), ("redis://localhost:6379",), False),
    ],
)
def test_a_port_that_was_brought_in_is_not_noted(localhost, args, is_noted):
    entry, call = YOUTUBE_DL._replace(mount_cwd="none", localhost=localhost), ANA._replace(args=args)
    spec = planned(entry, call, EngineTraits("bubblewrap"), {})

    assert bool(failure_hints(entry, call, {}, spec)) == is_noted


@pytest.mark.parametrize(
    ("name", "value"),
    [("NO_PROXY", "localhost,127.0.0.1"), ("BIND", "127.0.0.1"), ("PGHOST", "db.example"), ("PGHOST", "/data/run")],
)
def test_any_other_variable_is_not(name, value):
    volumes = (Mount("run", "/data", kind="volume"),)

    assert hints(environment=((name, value),), volumes=volumes) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [("PGHOST", "/run/postgresql"), ("MYSQL_UNIX_PORT", "/tmp/mysql.sock"), ("MY_SOCKET", "unix:///run/my.sock")],
)
def test_a_variable_that_names_a_socket_is_noted(name, value):
    what = f"{name} is {value}, which was not mounted; name it in volumes"

    assert hints(environment=((name, value),)) == (f"applaunch: youtube-dl: note: {what}",)


@pytest.mark.parametrize(
    ("args", "path", "kind"),
    [
        (("-s", "/run/redis.sock"), "/run/redis.sock", "socket"),
        (("-h", "/var/run/postgresql"), "/var/run/postgresql", "folder of sockets"),
        (("-h/run/postgresql",), "/run/postgresql", "folder of sockets"),
    ],
)
def test_an_argument_that_names_a_socket_below_run_is_noted(args, path, kind):
    entry, call = YOUTUBE_DL, ANA._replace(args=args)
    facts = {path: PathFact(kind.partition(" ")[0], path.removeprefix("/var"))}
    spec = planned(entry, call, EngineTraits(), facts)
    what = f"{path} is a {kind}, which arguments do not bring in; name it in volumes"

    assert failure_hints(entry, call, facts, spec) == (f"applaunch: youtube-dl: note: {what}",)
    mounted = spec._replace(mounts=(*spec.mounts, Mount(facts[path].real, path)))
    assert failure_hints(entry, call, facts, mounted) == ()


FILE = {"/srv/out": PathFact("file", "/srv/out"), "/srv/in": PathFact("folder", "/srv/in")}


def output_hints(*args, **keys):
    entry, call = YOUTUBE_DL._replace(mount_cwd="none", **keys), ANA._replace(args=args)
    return failure_hints(entry, call, FILE, planned(entry, call, EngineTraits(), FILE))


@pytest.mark.parametrize(
    ("args", "path"),
    [
        (("-o", "/srv/out"), "/srv/out"),
        (("--output", "/srv/out"), "/srv/out"),
        (("--output-document=/srv/out",), "/srv/out"),
        (("-o", "/srv/in/new", "/srv/in"), "/srv/in/new"),
    ],
)
def test_an_output_that_is_read_only_because_an_argument_names_it_is_noted(args, path):
    what = f"{path} was mounted read-only; set path_args = 'rw' for it"

    assert output_hints(*args) == (f"applaunch: youtube-dl: note: {what}",)
    assert output_hints(*args, path_args="rw") == ()


@pytest.mark.parametrize("args", [("/srv/out",), ("-i", "/srv/out"), ("-o", "new", "/srv/out"), ("/srv/out", "-o")])
def test_an_argument_that_is_no_output_is_not(args):
    assert output_hints(*args) == ()


def test_an_output_in_a_read_only_volume_is_not_noted():
    assert output_hints("-o", "/srv/in/x", volumes=(Mount("/srv/in", "/srv/in", read_only=True),)) == ()
