"""An example caller, app, catalog, deployments and transactions for the tests."""

from launcher.core.catalog.catalog_file import Catalog
from launcher.core.catalog.entry import CatalogEntry
from launcher.core.catalog.merge import resolve
from launcher.core.deploy.record import Command, Deployment, Transaction
from launcher.core.run.container_user import container_user
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.expand import with_user
from launcher.core.run.plan import HostFacts, plan
from launcher.core.values.invocation import Invocation

ANA = Invocation(
    name="youtube-dl",
    args=(),
    cwd="/home/ana/clips",
    home="/home/ana",
    user="ana",
    uid=1000,
    gid=1000,
    groups=(1000, 27),
    env={"HOME": "/home/ana", "LANG": "en_GB.UTF-8"},
    pid=4242,
    started="77.5@boot",
)
ROOT = ANA._replace(home="/root", user="root", uid=0, gid=0, groups=(0,), cwd="/root/clips")

YOUTUBE_DL = CatalogEntry("youtube-dl", "youtube-dl", "docker.io/vimagick/youtube-dl:latest", working_dir="/data")


def catalog(text, layer="user", path="catalog.toml"):
    """Return the catalog with the body *text*."""
    return Catalog.parse(f"schema = 1\n{text}", layer, path)


def entry_of(text, command="x"):
    """Return the entry of the app `x` in a catalog of one file."""
    return resolve([catalog(text)], "x").entry(command)


def keys_of(text):
    """Return the keys of the app `x` with the body *text*."""
    return catalog(f"[apps.x]\n{text}").app("x").keys


def deployment(number=0, app="jq", **other):
    """Return a deployment of *app* with an image named by its number."""
    given = {
        "app": app,
        "image": f"docker.io/x/{app}:latest",
        "digest": f"sha256:{number}",
        "image_id": f"sha256:i{number}",
        "pulled": True,
        "source": "built-in",
        "entry_hash": "e",
        "commands": (Command(app, f"/home/ana/.local/bin/{app}", app),),
        "created": "2026-11-23T16:00:00Z",
        "number": number,
    }
    return Deployment(**given | other)


def transaction(number, *changes, status="Ok"):
    """Return a transaction with that number."""
    return Transaction(number, "2026-11-23T16:00:00Z", "", "ana", ("applaunch",), status, "0.1.0", changes)


def planned(entry, call=ANA, traits=None, facts=None, account=None, **more):
    """Plan as a launch does: the user is decided first."""
    traits, entry = traits or EngineTraits(), with_user(entry, call)
    who = container_user(entry.user, call, traits)._replace(account=account)
    return plan(entry, call, who, HostFacts(traits, facts or {}, **more))
