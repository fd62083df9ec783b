"""Compare two deployments of an app, and preview an upgrade."""

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
from launcher.manage.change.ensure_image import fetch_image
from launcher.manage.change.permission_consent import granted_permissions
from launcher.manage.context import Context
from launcher.manage.images.engine_images import find_image
from launcher.run.engine_connection import EngineConnection

_DATABASES = {
    "/var/lib/dpkg/status": packages.parse_dpkg,
    "/var/lib/dpkg/status.d": packages.parse_dpkg,
    "/lib/apk/db/installed": packages.parse_apk,
    "/var/lib/rpm/rpmdb.sqlite": rpm_database.rpm_packages,
}


def diff_deployments(
    context: Context, name: str, one: str = "", other: str = ""
) -> tuple[Deployment, Deployment, list[Difference]]:
    """Compare two deployments of an app by number; the default is the previous and the current one.

    Raises `StateError` for a number that is not the app's, and `EngineError` if an image is missing.
    """
    now = find_app(context.deployed(), name)
    every = {each.number: each for each in context.record.deployments(now.app)} | {now.number: now}
    after = _find_by_number(every, other, now.app) if other else now
    before = _find_by_number(every, one, now.app) if one else every.get(after.parent)
    if before is None:
        raise StateError(now.app, f"there is no deployment before {after.number}", f"applaunch log {now.app}")
    return before, after, compare(context, before, after)


def preview_upgrade(context: Context, planned: PlannedApp) -> list[Difference]:
    """Return what an upgrade would change; this downloads its image but does not deploy it."""
    before, after = planned.before, planned.after
    if before is None or after is None:
        return []
    if after.digest not in ("", before.digest):
        after = after.with_image(fetch_image(context, after))
    return compare(context, before, after)


def compare(context: Context, before: Deployment, after: Deployment) -> list[Difference]:
    """Return the differences of two deployments."""
    found = [
        *deployment_diff.diff_tables("image", {"ref": before.image}, {"ref": after.image}),
        *deployment_diff.diff_entries(before.entries, after.entries),
        *deployment_diff.diff_tables("permissions", _granted(context, before), _granted(context, after)),
    ]
    if before.image_id and after.image_id and before.image_id != after.image_id:
        reached = context.engine()
        found += deployment_diff.diff_images(*(_image_contents(reached, each) for each in (before, after)))
    return found


def _find_by_number(every: Mapping[int, Deployment], number: str, app: str) -> Deployment:
    if not (number.isascii() and number.isdigit()):
        raise UsageError("", f"{number!r} is not a deployment number", f"applaunch log {app}")
    if int(number) not in every:
        raise StateError(app, f"has no deployment {number}", f"applaunch log {app}")
    return every[int(number)]


def _granted(context: Context, deployment: Deployment) -> dict[str, str]:
    """Return the permissions of a deployment with the risk of each."""
    return {permission.words: permission.risk for permission in granted_permissions(context, deployment)}


def _image_contents(reached: EngineConnection, deployment: Deployment) -> ImageContents:
    pin = find_image(reached, deployment)
    facts = reached.store.inspect(pin.image_id) if pin else None
    if facts is None:
        what = f"the image of deployment {deployment.number} is missing"
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
