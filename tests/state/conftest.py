"""What the tests of the record stand on: real folders, real processes, and an ordinary user."""

import multiprocessing
import os
import shutil
import signal
import tempfile
import traceback
from pathlib import Path

import pytest

from launcher.core.deploy.record import Command, Deployment
from launcher.core.values.deployment_tag import deployment_tag

NOBODY = 65534


@pytest.fixture
def place(tmp_path):
    """A path for a state.db whose folder is yet to be made."""
    return str(tmp_path / "state" / "state.db")


@pytest.fixture
def deployment():
    """Make the deployment of an app by its name."""

    def make(app, **other):
        given = {
            "app": app,
            "image": f"docker.io/library/{app}:latest",
            "digest": "",
            "image_id": "",
            "pulled": False,
            "source": "built-in",
            "entry_hash": "sha256:e",
            "commands": (Command(app, f"/home/ana/.local/bin/{app}", app),),
            "created": "2026-11-23T16:00:00Z",
        }
        return Deployment(**given | other)

    return make


def written(record, deployment, number):
    """Return *deployment* as the record has it: with the number that it was given, and the tag of its own."""
    return deployment._replace(number=number, tag=deployment_tag(deployment.app, number, record.id()))


@pytest.fixture
def at_once():
    """Run one function in many processes at the same moment, and see that each ends well."""

    def run(function, how_many):
        fork = multiprocessing.get_context("fork")
        gate = fork.Barrier(how_many)

        def start(number):
            gate.wait()
            function(number)

        crowd = [fork.Process(target=start, args=(number,)) for number in range(how_many)]
        for each in crowd:
            each.start()
        for each in crowd:
            each.join()
        assert [each.exitcode for each in crowd] == [0] * how_many

    return run


@pytest.fixture
def shelf():
    """A folder that every user of this machine can reach."""
    path = Path(tempfile.mkdtemp(prefix="applaunch-"))
    path.chmod(0o755)
    yield path
    path.chmod(0o755)
    for folder, inner, _ in os.walk(path):
        for each in inner:
            Path(folder, each).chmod(0o755)
    shutil.rmtree(path)


@pytest.fixture
def killed():
    """Run a function in a process of its own, look at the world, and kill the process; it never ends by itself."""

    def run(function, look=lambda: None):
        ready, tell = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                function()
                os.write(tell, b"ready")
                signal.pause()
            finally:
                os._exit(1)
        os.close(tell)
        with open(ready, "rb") as pipe:
            assert pipe.read(5) == b"ready"
        look()
        os.kill(child, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL

    return run


@pytest.fixture
def without_rights():
    """Run a function in a process of a user whom the machine's file modes bind, unlike root."""

    def run(function):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                if os.geteuid() == 0:
                    os.setgroups([])
                    os.setgid(NOBODY)
                    os.setuid(NOBODY)
                function()
                code = 0
            except BaseException:  # noqa: BLE001  it is shown, and nothing of this process may go on in pytest
                traceback.print_exc()
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    return run
