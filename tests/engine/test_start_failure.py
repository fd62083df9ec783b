import pytest

from launcher.engine.start_failure import start_failure
from launcher.errors import CannotRunError, EngineError, NotFoundError

RUNC = "OCI runtime create failed: container_linux.go:380: starting container process caused: "
NEW = "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: "


@pytest.mark.parametrize(
    ("message", "kind", "program"),
    [
        (RUNC + 'exec: "nope": executable file not found in $PATH: unknown', NotFoundError, "nope"),
        (
            NEW + 'unable to start container process: exec: "nope": executable file not found in $PATH: unknown',
            NotFoundError,
            "nope",
        ),
        (RUNC + 'exec: \\"nope\\": executable file not found in $PATH: unknown', NotFoundError, "nope"),
        (RUNC + 'exec: "/bin/nope": stat /bin/nope: no such file or directory: unknown', NotFoundError, "/bin/nope"),
        (
            "crun: executable file `nope` not found in $PATH: No such file or directory: OCI runtime error",
            NotFoundError,
            "the program",
        ),
        (RUNC + 'exec: "/etc/passwd": permission denied: unknown', CannotRunError, "/etc/passwd"),
        (NEW + 'unable to start container process: exec: "/tmp": is a directory: unknown', CannotRunError, "/tmp"),
        (RUNC + "exec /x: exec format error", CannotRunError, "the program"),
    ],
)
def test_a_failed_start_has_the_exit_code_of_docker_run(message, kind, program):
    trouble = start_failure(EngineError("engine", message))

    assert (type(trouble), trouble.where) == (kind, program)
    assert trouble.exit_code == {NotFoundError: 127, CannotRunError: 126}[kind]
    assert trouble.fix


@pytest.mark.parametrize(
    "message",
    [
        RUNC + 'error mounting "/x" to rootfs: mount /x:/etc/passwd: not a directory: unknown',
        RUNC + 'chdir to cwd ("/root") set in config.json failed: permission denied: unknown',
        "OCI runtime create failed: mkdir /working directory: no such file or directory",
        "driver failed programming external connectivity: Bind for 127.0.0.1:80 failed: port is already allocated",
    ],
)
def test_other_start_errors_stay_engine_errors(message):
    error = EngineError("engine", message)

    assert start_failure(error) is error
    assert error.exit_code == 125
