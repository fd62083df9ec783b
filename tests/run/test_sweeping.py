"""A sweep beside a launch that begins just then."""

from types import SimpleNamespace

from launcher.engine import docker_client, stale_containers
from launcher.host import process
from launcher.run import cleanup


def test_a_launch_that_begins_during_a_sweep_keeps_its_container(monkeypatch):
    running, removed = set(), []

    def containers(_):
        running.add("7@boot")  # it has begun, and made its container, since the sweep began
        return [SimpleNamespace(started="7@boot")]

    monkeypatch.setattr(docker_client, "connect", lambda *_: None)
    monkeypatch.setattr(stale_containers, "list_containers", containers)
    monkeypatch.setattr(stale_containers, "remove_container", lambda _, each: removed.append(each))
    monkeypatch.setattr(process, "live_stamps", lambda: ({*running}, "boot"))

    cleanup.sweep_containers(SimpleNamespace(endpoint=None, traits=SimpleNamespace(api="")))

    assert removed == []
