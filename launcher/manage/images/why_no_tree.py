"""Whether calls of an app would run from a tree, and if not, why not: so that no image is unpacked in vain."""

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.deploy.record import Deployment
from launcher.core.run.expand import with_user
from launcher.core.sandbox.choose_runtime import BUBBLEWRAP, ENGINE, wanted_runtime
from launcher.core.sandbox.same_run import why_engine
from launcher.core.sandbox.sandbox_traits import SandboxTraits
from launcher.core.sandbox.tree import Tree
from launcher.core.values.invocation import Invocation
from launcher.host.hard_limits import hard_limits
from launcher.manage.context import Context
from launcher.run.compile_launch_file import compile_deployed
from launcher.sandbox.detect_sandbox import detect_sandbox


def why_no_tree(context: Context, deployment: Deployment) -> str:
    """Return "" if calls of a command of *deployment* can run from a tree, else why not, in one line."""
    setting = context.read_catalogs(published=False).settings.runtime
    reasons = [why_entry_needs_engine(context, each, setting) for each in _entries(context, deployment)]
    return "" if "" in reasons else next(iter(reasons), "it has no command on PATH")


def wants_bubblewrap(context: Context, deployment: Deployment) -> bool:
    """Return whether the settings or a command of *deployment* want bubblewrap and nothing else."""
    setting = context.read_catalogs(published=False).settings.runtime
    return BUBBLEWRAP in [wanted_runtime(entry, setting) for entry in _entries(context, deployment)]


def why_entry_needs_engine(context: Context, entry: CatalogEntry, setting: str) -> str:
    """Return "" if calls of *entry* can run from a tree once there is one, else why not; *setting* is the user's.

    An image of which nothing is known stands for the one that is not unpacked yet.
    """
    return "runtime = 'engine'" if wanted_runtime(entry, setting) == ENGINE else reason_with(context, entry, Tree(""))


def reason_with(context: Context, entry: CatalogEntry, tree: Tree | None) -> str:
    """Return why the engine runs *entry* although there is this *tree*, "" if it does not."""
    entry = with_user(entry, context.call)
    limits = hard_limits(limit.name for limit in entry.ulimits)
    return why_engine(entry, expected_call(entry, context.call), tree, find_traits(context), hard_limits=limits)


def find_traits(context: Context) -> SandboxTraits:
    """Return what this machine offers to sandboxes."""
    return detect_sandbox(context.places.sandbox, context.call.env)


def expected_call(entry: CatalogEntry, call: Invocation) -> Invocation:
    """Return a later call of *entry*, for which this one stands: with the terminal that the entry expects."""
    return call._replace(stdin_tty=entry.tty is True, stdout_tty=entry.tty is True)


def _entries(context: Context, deployment: Deployment) -> list[CatalogEntry]:
    catalog_set = context.read_catalogs(published=False)
    return [compile_deployed(each.name, deployment, catalog_set).entry for each in deployment.commands]
