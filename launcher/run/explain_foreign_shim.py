"""Explains why root has no app for another user's shim, as with `sudo ~/.local/bin/tool`."""

from __future__ import annotations

import os
import pwd

from launcher.errors import NotFoundError


def explain_foreign_shim(script: str, missing: NotFoundError) -> NotFoundError:
    """Return what to say in the place of *missing* if we are root and the shim *script* is another user's.

    Root's catalogs and the machine's decide what root runs, and never those of the user who called sudo: they would
    decide what is mounted for root.
    """
    if os.getuid():
        return missing
    try:
        owner = os.lstat(script).st_uid
    except (OSError, ValueError):
        return missing
    if not owner:
        return missing
    what = f"this is an app of {_user_name(owner)}, and root has none of that name"
    return NotFoundError(missing.where, what, "run it without sudo, or define it in /etc/applaunch/catalog.toml")


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
