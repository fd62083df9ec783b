"""Notes after a program failed: arguments that name what its network does not reach."""

import pytest

from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.failure_hints import failure_hints
from tests.core.examples import ANA, YOUTUBE_DL, planned

URL = "applaunch: youtube-dl: note: it has no network for the URL; applaunch override youtube-dl --network bridge"
HERE = "applaunch: youtube-dl: note: localhost is not this machine there; applaunch override youtube-dl --network host"


def hints(*args, **keys):
    entry, call = YOUTUBE_DL._replace(mount_cwd="none", **keys), ANA._replace(args=args)
    return failure_hints(entry, call, {}, planned(entry, call, EngineTraits(), {}))


@pytest.mark.parametrize(
    ("args", "network", "line"),
    [
        (("-i", "https://example.org/a.mp4"), "none", URL),
        (("--input=rtsp://cam/1",), "none", URL),
        (("-h", "localhost"), "bridge", HERE),
        (("--host=127.0.0.1",), "bridge", HERE),
        (("http://localhost:8000/x",), "mine", HERE),
        (("http://me@[::1]:80",), "bridge", HERE),
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
        (("localhost.example", "no-localhost"), "bridge", ()),
    ],
)
def test_anything_else_is_not(args, network, deny):
    assert hints(*args, network_mode=network, deny=deny) == ()
