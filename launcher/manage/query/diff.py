"""Two deployments of an app compared, and what an upgrade would change before it does."""

from collections.abc import Mapping
from typing import Any

from launcher.core.deploy import deployment_diff
from launcher.core.deploy.deployment_diff import Difference, ImageContents
from launcher.core.deploy.record import Deployment, find_app
from launcher.core.deploy.transaction_plan import PlannedApp
from launcher.core.images import packages
from launcher.engine import image_files, rpm_database
from launcher.engine.local_images import ImageFacts
from launcher.errors import EngineError, StateError, UsageError
from launcher.manage.change.ensure_image import fetch_image, find_image
from launcher.manage.change.permission_consent import granted_permissions
from launcher.manage.context import Context
from launcher.run.engine_connection import EngineConnection

_DATABASES = {
    "/var/lib/dpkg/status": packages.parse_dpkg,
    "/var/lib/dpkg/status.d": packages.parse_dpkg,
    "/lib/apk/db/installed": packages.parse_apk,
    "/var/lib/rpm/rpmdb.sqlite": rpm_database.rpm_packages,
}


def diff_deployments(
    desk: Context, name: str, one: str = "", other: str = ""
) -> tuple[Deployment, Deployment, list[Difference]]:
    """Compare two deployments of an app by their numbers; by default what is one step back, and what is current.

    Raises `StateError` for a number that is none of its own, `EngineError` where an image is gone.
    """
    now = find_app(desk.deployed(), name)
    every = {each.number: each for each in desk.record.deployments(now.app)} | {now.number: now}
    after = _numbered(every, other, now.app) if other else now
    before = _numbered(every, one, now.app) if one else every.get(after.parent)
    if before is None:
        raise StateError(now.app, f"there is no deployment before {after.number}", f"applaunch log {now.app}")
    return before, after, compare(desk, before, after)


def preview_upgrade(desk: Context, planned: PlannedApp) -> list[Difference]:
    """Return all that an upgrade would change; its image is downloaded for that, and nothing switches."""
    before, after = planned.before, planned.after
    if before is None or after is None:
        return []
    if after.digest not in ("", before.digest):
        after = after.with_image(fetch_image(desk, after))
    return compare(desk, before, after)


def compare(desk: Context, before: Deployment, after: Deployment) -> list[Difference]:
    """Return how two deployments differ."""
    found = [
        *deployment_diff.diff_tables("image", {"ref": before.image}, {"ref": after.image}),
        *deployment_diff.diff_entries(before.entries, after.entries),
        *deployment_diff.diff_tables("permissions", _granted(desk, before), _granted(desk, after)),
    ]
    if before.image_id and after.image_id and before.image_id != after.image_id:
        reached = desk.engine()
        found += deployment_diff.diff_images(*(_image_contents(reached, each) for each in (before, after)))
    return found


def _numbered(every: Mapping[int, Deployment], word: str, app: str) -> Deployment:
    if not (word.isascii() and word.isdigit()):
        raise UsageError("", f"{word!r} is no deployment's number", f"applaunch log {app}")
    if int(word) not in every:
        raise StateError(app, f"has no deployment {word}", f"applaunch log {app}")
    return every[int(word)]


def _granted(desk: Context, deployment: Deployment) -> dict[str, str]:
    """Return what its commands may do, in words, each with its risk."""
    return {permission.words: permission.risk for permission in granted_permissions(desk, deployment)}


def _image_contents(reached: EngineConnection, deployment: Deployment) -> ImageContents:
    pin = find_image(reached, deployment)
    facts = reached.store.inspect(pin.image_id) if pin else None
    if facts is None:
        what = f"the image of deployment {deployment.number} is not here"
        raise EngineError(deployment.app, what, f"docker pull {deployment.pin.source(deployment.image)}")
    found = image_files.read_files(reached.client, facts.id, _DATABASES)
    versions = {
        name: version
        for path, files in found.items()
        for file in files
        for name, version in _DATABASES[path](file).items()
    }
    return ImageContents(
        _settings(facts), facts.labels, image_files.layer_sizes(reached.client, facts.id), versions, facts.size
    )


def _settings(facts: ImageFacts) -> dict[str, Any]:
    variables = dict(variable.partition("=")[::2] for variable in facts.env)
    plain = {
        "id": facts.id,
        "user": facts.user,
        "entrypoint": list(facts.entrypoint),
        "cmd": list(facts.cmd),
        "workdir": facts.workdir,
        "platform": facts.platform,
    }
    return plain | {f"env.{name}": value for name, value in variables.items()}
