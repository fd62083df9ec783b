"""Edit the user's catalog in an editor, on a draft that replaces the catalog only if it is valid."""

import os
import shlex
import subprocess
import sys

from launcher.core.catalog import toml_edit
from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.merge import app_names, candidates
from launcher.errors import HostError, UserError
from launcher.host import files
from launcher.manage.context import Context


def edit_catalog(context: Context, name: str) -> str:
    """Let the user edit an entry for *name*; return the catalog's path, or "" if nothing changed.

    An invalid draft is kept beside the catalog, and the catalog stays unchanged.
    """
    path = context.places.user_catalog
    before = files.read(path) or toml_edit.EMPTY_CATALOG
    draft = f"{path}.draft"
    if (text := files.read(draft)) is None:
        text = _with_entry(context, before, name)
    files.write(draft, text, new_mode=files.PRIVATE)
    _open_editor(context, draft)
    after = files.read(draft) or ""
    if after in (before, text):
        os.unlink(draft)
        return ""
    try:
        Catalog.parse(after, "user", context.shown(draft)).check()
    except UserError as error:
        fix = f"your text is kept; go on with: applaunch edit {name}"
        raise HostError(error.where, error.what, fix) from None
    files.write(path, after, new_mode=files.PRIVATE)
    os.unlink(draft)
    return path


def _with_entry(context: Context, text: str, name: str) -> str:
    """Return the catalog text with a table for the app *name*, or for the app whose command that is."""
    mine = Catalog.parse(text, "user", context.shown(context.places.user_catalog))
    if name in mine.apps:
        return text
    catalogs = context.read_catalogs().catalogs
    app = next(candidates(catalogs, name), name)
    known = app in (*app_names(catalogs), *context.record.deployed())  # an app of a bundle is in no catalog
    example = {"mount_cwd": "rw"} if known else {"image": f"docker.io/library/{app}:latest"}
    return text if app in mine.apps else toml_edit.set_app_keys(text, app, example)


def _open_editor(context: Context, path: str) -> None:
    editor = context.call.env.get("VISUAL") or context.call.env.get("EDITOR")
    if not editor:
        if not sys.stdin.isatty():
            raise HostError("", "no EDITOR is set", "EDITOR=vi applaunch edit NAME")
        editor = "vi"
    words = shlex.split(editor)  # like git and sudoedit: a program and its options, without a shell
    try:
        ended = subprocess.run([*words, path], check=False)
    except OSError as error:
        raise HostError("", f"cannot start {words[0]!r}: {(error.strerror or '').lower()}", "set EDITOR") from None
    if ended.returncode:
        raise HostError("", f"{words[0]} ended with {ended.returncode}", "nothing was changed")
