"""Fixtures for tests of registries."""

from contextlib import ExitStack

import pytest

from launcher.core.values.reference import parse
from launcher.net.http_messages import Timeouts
from launcher.registry.registry_client import Registry
from tests.net.fixtures import certificate, elsewhere, serve
from tests.registry.servers import Shelf

__all__ = ["certificate", "elsewhere", "serve"]
QUICK = Timeouts(connect=2, read=2, total=5, slowest=1e9)


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def at():
    """Return a registry, by its name or its server, to ask."""
    with ExitStack() as stack:

        def open_(server, login=None, env=None, **named):
            name = server if isinstance(server, str) else server.name
            named = {"timeouts": QUICK, "folders": ()} | named
            return stack.enter_context(Registry(name, env or {}, login or {}, **named))

        yield open_


@pytest.fixture
def tool():
    """Return a reference of `team/tool` at a server."""
    return lambda server, tag="1": parse(f"{server if isinstance(server, str) else server.name}/team/tool:{tag}")
