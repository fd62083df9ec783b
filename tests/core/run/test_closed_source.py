"""Which folder an engine's words are about."""

import pytest

from launcher.core.run.closed_source import closed_source

SOURCES = ("/mnt/far", "/mnt/far/sub", "/home/ana")


@pytest.mark.parametrize(
    "what",
    [
        'invalid mount config for type "bind": bind source path does not exist: /mnt/far/sub',
        "statfs /mnt/far/sub: permission denied",
        'error mounting "/mnt/far/sub" to rootfs at "/x": stat /mnt/far/sub: permission denied: unknown',
        'OCI runtime create failed: chdir to cwd ("/mnt/far/sub") set in config.json failed: permission denied',
        "Can't find source path /mnt/far/sub: Permission denied",
        "stat /mnt/far/sub: transport endpoint is not connected",
    ],
)
def test_it_is_the_one_that_is_named(what):
    assert closed_source(what, SOURCES) == "/mnt/far/sub"


@pytest.mark.parametrize(
    "what",
    [
        "bind source path does not exist: /mnt/far/subtle",
        "statfs /mnt/fa: permission denied",
        "Mounts denied: the path /mnt/far is not shared from the host",
        "permission denied",
    ],
)
def test_anything_else_is_about_none(what):
    assert closed_source(what, SOURCES) == ""
