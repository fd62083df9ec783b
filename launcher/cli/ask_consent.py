"""Ask a person to approve the permissions of apps."""

from collections.abc import Collection, Sequence

import typer

from launcher.cli import output
from launcher.core.deploy.transaction_plan import PermissionRequest
from launcher.core.policy.derive_permissions import describe_risky
from launcher.core.policy.key_risks import RISKS
from launcher.errors import CannotRunError, HostError
from launcher.host.process import is_terminal
from launcher.manage.change.permission_consent import Consent

STYLES = {"low": "", "medium": "", "high": "yellow", "critical": "bold red"}
"""The style of each class."""


def consent_on_terminal(*, yes: bool, critical: Collection[str]) -> Consent:
    """Return a function that asks on the terminal: not up to medium, yes or no for high, the app's name for critical.

    *yes* approves high permissions, *critical* has the apps whose critical permissions are approved.
    """

    def ask(requests: Sequence[PermissionRequest]) -> None:
        for request in requests:
            if request.risk == "critical" and request.app not in critical:
                _ask_critical(
                    request, [each.app for each in requests if each.risk == "critical" and each.app not in critical]
                )
            elif request.risk == "high" and not (yes or request.app in critical):
                _ask_high(request)

    return ask


def _ask_high(request: PermissionRequest) -> None:
    if not _has_terminal():
        what = f"requests permissions that need approval: {describe_risky(request.permissions)}"
        raise HostError(request.app, what, "approve them with: -y")
    _show_request(request)
    if not typer.confirm(f"allow {request.app} to do this?", default=False):
        raise CannotRunError(request.app, "its permissions were not approved", "nothing was changed")


def _ask_critical(request: PermissionRequest, apps: Sequence[str]) -> None:
    if not _has_terminal():
        what = f"requests critical permissions: {describe_risky(request.permissions)}"
        raise HostError(request.app, what, f"approve them with: {' '.join(f'--allow-critical {app}' for app in apps)}")
    _show_request(request)
    answer = typer.prompt(
        f"this gives it full control of this machine; type {request.app} to allow it", default="", show_default=False
    )
    if answer != request.app:
        raise CannotRunError(request.app, "its permissions were not approved", "nothing was changed")


def _has_terminal() -> bool:
    return is_terminal(0) and is_terminal(1)


def _show_request(request: PermissionRequest) -> None:
    output.print_line((request.app, "bold"), " requests permission to:")
    for each in sorted(request.permissions, key=lambda each: -RISKS.index(each.risk)):
        output.print_line((f"  {each.risk:<9}", STYLES[each.risk]), each.words)
