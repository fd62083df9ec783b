"""Says in our words why an engine or bubblewrap refuses a folder that it cannot see or enter."""

from __future__ import annotations

import os

from launcher.core.run.closed_source import closed_source
from launcher.errors import EngineError, SandboxError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.values.run_spec import RunSpec


def explain_refusal(name: str, spec: RunSpec, error: EngineError | SandboxError) -> EngineError | SandboxError:
    """Return the error for a folder that the runtime of the command *name* cannot enter, or *error* itself."""
    path = closed_source(error.what, [mount.source for mount in spec.mounts])
    if not path:
        return error
    try:
        os.stat(path)
    except FileNotFoundError:
        return error
    except OSError as trouble:
        what = f"{path} cannot be entered: {(trouble.strerror or str(trouble)).lower()}"
        return type(error)(name, what, "change to another folder, or mount it with -o allow_root")
    if isinstance(error, SandboxError):
        return error
    what = (
        f"the engine cannot enter {path}: it is closed to root, as folders of FUSE and NFS are, or on another machine"
    )
    return EngineError(name, what, f"use another folder, or applaunch run --runtime bubblewrap {name}")
