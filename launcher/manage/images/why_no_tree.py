"""Whether calls of an app would run from a tree, and if not, why not: so that no image is unpacked in vain."""

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.deploy.record import Deployment
from launcher.core.run.expand import with_user
from launcher.core.sandbox.choose_runtime import BUBBLEWRAP, ENGINE, wanted_runtime
from launcher.core.sandbox.same_run import NO_TREE, why_engine
from launcher.core.sandbox.sandbox_traits import SandboxTraits
from launcher.core.values.invocation import Invocation
from launcher.manage.context import Context
from launcher.run.compile_launch_file import compile_deployed
from launcher.sandbox.detect_sandbox import detect_sandbox


def why_no_tree(context: Context, deployment: Deployment) -> str:
    """Return "" if calls of a command of *deployment* can run from a tree, else why not, in one line."""
    catalog_set = context.read_catalogs(published=False)
    setting = catalog_set.settings.runtime
    traits = find_traits(context)
    reasons = [
        why_entry_needs_engine(compile_deployed(each.name, deployment, catalog_set).entry, context.call, setting, traits)
        for each in deployment.commands
    ]
    return "" if "" in reasons else next(iter(reasons), "it has no command on PATH")


def wants_bubblewrap(context: Context, deployment: Deployment) -> bool:
    """Return whether the settings or a command of *deployment* want bubblewrap and nothing else."""
    catalog_set = context.read_catalogs(published=False)
    entries = [compile_deployed(each.name, deployment, catalog_set).entry for each in deployment.commands]
    return BUBBLEWRAP in [wanted_runtime(entry, catalog_set.settings.runtime) for entry in entries]


def why_entry_needs_engine(entry: CatalogEntry, call: Invocation, setting: str, traits: SandboxTraits) -> str:
    """Return "" if calls of *entry* can run from a tree once there is one, else why not; *setting* is the user's."""
    if wanted_runtime(entry, setting) == ENGINE:
        return "runtime = 'engine'"
    tty = entry.tty is True  # the call to come is taken for one with the terminal that its entry expects
    why = why_engine(with_user(entry, call), call._replace(stdin_tty=tty, stdout_tty=tty), None, traits)
    return "" if why == NO_TREE else why


def find_traits(context: Context) -> SandboxTraits:
    """Return what this machine offers to sandboxes."""
    return detect_sandbox(context.places.sandbox, context.call.env)
