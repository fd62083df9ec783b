"""A sweep beside a launch that begins just then, and one of whose containers cannot be removed."""

from contextlib import suppress
from types import SimpleNamespace

import pytest

from launcher.engine import stale_containers
from launcher.errors import EngineError, EngineStalledError
from launcher.host import process
from launcher.run import sweep_containers


def test_a_launch_that_begins_during_a_sweep_keeps_its_container(monkeypatch):
    running, removed = set(), []

    def containers(_):
        running.add("7.1@boot")  # it has begun, and made its container, since the sweep began
        return [SimpleNamespace(started="7.1@boot")]

    monkeypatch.setattr(sweep_containers, "connect", lambda *_: None)
    monkeypatch.setattr(stale_containers, "list_containers", containers)
    monkeypatch.setattr(stale_containers, "remove_container", lambda _, each: removed.append(each))
    monkeypatch.setattr(process, "live_stamps", lambda: ({*running}, "boot"))

    sweep_containers.sweep_containers(SimpleNamespace(endpoint=None, traits=SimpleNamespace(api="")))

    assert removed == []


@pytest.mark.parametrize(("error", "kept"), [(EngineError, []), (EngineStalledError, ["2.1@boot", "3.1@boot"])])
def test_a_container_that_cannot_be_removed_does_not_keep_the_others(monkeypatch, error, kept):
    left = ["1.1@boot", "2.1@boot", "3.1@boot"]

    def remove(_, container):
        if container.started == "1.1@boot":
            raise error("engine", "removal failed")
        left.remove(container.started)

    monkeypatch.setattr(sweep_containers, "connect", lambda *_: None)
    monkeypatch.setattr(stale_containers, "list_containers", lambda _: [SimpleNamespace(started=each) for each in left])
    monkeypatch.setattr(stale_containers, "remove_container", remove)
    monkeypatch.setattr(process, "live_stamps", lambda: (set(), "boot"))

    with suppress(EngineStalledError):
        sweep_containers.sweep_containers(SimpleNamespace(endpoint=None, traits=SimpleNamespace(api="")))

    assert left == ["1.1@boot", *kept]
