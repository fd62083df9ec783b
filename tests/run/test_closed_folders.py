"""A folder that is closed to root, and so to an engine: our own line tells it, and a sandbox runs there."""

import os

import pytest

from launcher.core.values.mount import Mount
from launcher.core.values.run_spec import RunSpec
from launcher.errors import EngineError, SandboxError
from launcher.run.explain_refusal import explain_refusal
from tests import opened
from tests.closed_folder import closed_folder

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(
        os.getuid() != 0 or not os.path.exists("/dev/fuse"),
        reason="a folder that is closed to root needs root and FUSE",
    ),
]
BUSYBOX = "docker.io/library/busybox:latest"
ANA = 4242


def refused(name, folder):
    return (
        f"applaunch: {name}: the engine cannot enter {folder}: it is closed to root, as folders of FUSE and NFS are, or on"
        f" another machine; use another folder, or applaunch run --runtime bubblewrap {name}\n"
    )


@pytest.mark.about("engine")
@pytest.mark.parametrize("wire", ["1", "0"])
def test_a_current_folder_that_the_engine_cannot_enter_is_one_line_of_ours(home, sh, tmp_path, wire):
    home.owned_by(ANA)
    home.run(sh, "-c", "true")
    with closed_folder(tmp_path / "closed", ANA) as folder:
        ended = home.run(
            "sh", "-c", f'cd {folder}/sub && "$0" -c true', str(home.bin / sh), env={"APPLAUNCH_WIRE": wire}
        )

    assert (ended.stdout, ended.stderr, ended.returncode) == ("", refused(sh, f"{folder}/sub"), 125)


@pytest.mark.about("engine")
def test_a_volume_or_argument_that_the_engine_cannot_enter_is_too(home, sh, tmp_path, engine):
    home.owned_by(ANA)
    home.run(sh, "-c", "true")
    home.app("voluminous", engine.ref(BUSYBOX), entrypoint='["sh"]', volumes=f'["{tmp_path}/closed/sub:/x"]')
    with closed_folder(tmp_path / "closed", ANA) as folder:
        named = home.run(sh, "-c", "ls", f"{folder}/sub")
        mounted = home.run("voluminous", "-c", "ls")

    assert (named.stderr, named.returncode) == (refused(sh, f"{folder}/sub"), 125)
    assert (mounted.stderr, mounted.returncode) == (refused("voluminous", f"{folder}/sub"), 125)


@pytest.mark.parametrize("kind", [EngineError, SandboxError])
def test_whoever_is_shut_out_reads_why(tmp_path, kind):
    """As with `sudo` in the folder of a user: the current folder of root, which root cannot enter."""
    refusal = kind("engine", f"Can't find source path {tmp_path}/closed/sub: Permission denied")
    with closed_folder(tmp_path / "closed", ANA) as folder:
        spec = RunSpec(image="x", mounts=(Mount(f"{folder}/sub", "/x"),))

        error = explain_refusal("tool", spec, refusal)

    assert (type(error), str(error)) == (
        kind,
        f"tool: {folder}/sub cannot be entered: permission denied; change to another folder, or mount it with -o allow_root",
    )


def test_a_sandbox_runs_there(user, sandboxed, tmp_path):
    name = sandboxed(image=BUSYBOX, entrypoint='["sh"]')
    with closed_folder(tmp_path / "closed", opened.UID, opened.holder()) as folder:
        script = f"cd {folder}/sub && applaunch run --runtime bubblewrap {name} -c 'pwd; stat -c %u .; ls -a'"
        ended = user.run("sh", "-c", script)

    assert (ended.stdout, ended.stderr) == (f"{folder}/sub\n{opened.UID}\n", "")
