"""engine status, start and stop: which engine is in force, and one of the user's own."""

import os
import shutil

import pytest

KEYS = [
    *("host", "origin", "private", "flavour", "version", "api", "rootless", "userns", "arch", "system"),
    *("storage", "root", "images", "containers", "running"),
]


@pytest.mark.engine
def test_status_shows_the_engine_and_where_it_was_configured(engine, home, answer):
    told = answer("engine", "status")

    assert list(told) == KEYS
    assert (told["host"], told["origin"], told["private"]) == (engine.docker_host, "DOCKER_HOST", False)
    assert told["storage"]
    done = home.run("applaunch", "engine", "status", check=True)
    assert f"Address   {engine.docker_host}\nSet by    DOCKER_HOST\n" in done.stdout


def test_status_without_an_engine_is_reported_in_one_line(home):
    done = home.run("applaunch", "engine", "status")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("applaunch: engine: cannot connect to unix:///nowhere.sock: ")


def test_stopping_an_engine_that_does_not_run_is_no_error(home, answer):
    assert answer("engine", "stop") == {"stopped": False}
    assert home.run("applaunch", "engine", "stop").stdout == "applaunch has not started an engine\n"


@pytest.mark.engine
def test_a_private_engine_is_started_and_stopped(home, answer):
    if not shutil.which("podman") and not (shutil.which("dockerd") and os.getuid() == 0):
        pytest.skip("neither podman nor, as root, dockerd is installed")
    env = {"DOCKER_HOST": None}
    try:
        started = home.run("applaunch", "engine", "start", env=env)
        assert started.returncode == 0, started.stderr
        assert started.stdout.startswith("started: ")
        status = answer("engine", "status", env=env)
        again = answer("engine", "start", env=env)
    finally:
        stopped = home.run("applaunch", "engine", "stop", env=env)

    if status["origin"] == "applaunch's own engine":  # elsewhere another engine answers first
        assert status["private"] is True
        assert status["host"] == again["host"]
    assert stopped.stdout == "stopped; its images stay\n"


def test_start_reports_that_another_engine_is_selected(home):
    if not shutil.which("podman"):
        pytest.skip("podman is not installed")
    try:
        done = home.run("applaunch", "engine", "start", check=True)
    finally:
        home.run("applaunch", "engine", "stop", check=True)

    assert "note: DOCKER_HOST is set and selects another engine; unset DOCKER_HOST\n" in done.stdout
