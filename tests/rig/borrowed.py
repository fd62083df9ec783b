"""What the rig does where it may not start an engine: it uses the one that answers, and leaves it as it was."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from tests.rig import builder, recipes, registry, shelf
from tests.rig.engine import Engine, EngineError
from tests.rig.handle import Rig
from tests.rig.place import Place
from tests.rig.programs import find
from tests.rig.trouble import RigError

REGISTRY_IMAGE = "docker.io/library/registry:2"


def up(place: Place, env: Mapping[str, str], log: Callable[[str], None]) -> Rig:
    """Find the engine and a registry, and build what the engine cannot pull under its public name."""
    engine = answering(env)
    address = env.get("APPLAUNCH_RIG_REGISTRY") or _own_registry(place, engine, log)
    public = {each.name for each in recipes.RECIPES if each.served and _can_pull(engine, each)}
    ours = tuple(each for each in recipes.RECIPES if each.name not in public)
    rig = Rig(
        docker_host=engine.docker_host,
        registry=address,
        started_by_us=False,
        folder=str(place.folder),
        run=str(place.run),
        container_host=_container_host(engine),
        refs={ref: ref if each.name in public else f"{address}/{ref.partition('/')[2]}" for each, ref in _served()},
        images="",
    ).keep()
    builder.build_missing(ours, engine, address, place, log, private=False)
    return rig._replace(images=recipes.key_of_all()).keep()


def down(rig: Rig) -> None:
    """Remove the registry's container, if there is one."""
    with suppress(OSError, EngineError):
        rig.engine.remove_container(rig.place.name)


def is_up(rig: Rig) -> bool:
    """Whether the engine and the registry still answer."""
    return rig.engine.answers() and shelf.answers(rig.registry)


def answering(env: Mapping[str, str]) -> Engine:
    """Return the engine that is named, or the first that answers at a usual place."""
    named = env.get("APPLAUNCH_RIG_ENGINE") or env.get("DOCKER_HOST")
    usual = ("/var/run/docker.sock", f"{env.get('XDG_RUNTIME_DIR', '/run')}/docker.sock")
    asked = [named] if named else [f"unix://{each}" for each in usual if Path(each).exists()]
    for each in asked:
        if Engine(each).answers():
            return Engine(each)
    where = named or " ".join(usual)
    raise RigError(where, "no engine answers", "start docker, or export DOCKER_HOST=unix:///its/socket", exit_code=2)


def _own_registry(place: Place, engine: Engine, log: Callable[[str], None]) -> str:
    known = Rig.recorded(place)
    address = known.registry if known is not None else f"127.0.0.1:{registry.free_port()}"
    if find("docker-registry"):
        registry.start(place, registry.doors(place, address)[:1])
    elif not registry.listens(address)():
        log(f"no docker-registry program here: starting {REGISTRY_IMAGE}")
        _contain_registry(place.name, engine, address)
    return address


def _contain_registry(name: str, engine: Engine, address: str) -> None:
    ports = {"5000/tcp": [{"HostIp": "127.0.0.1", "HostPort": address.rpartition(":")[2]}]}
    body = {
        "Image": REGISTRY_IMAGE,
        "ExposedPorts": {"5000/tcp": {}},
        "Env": ["REGISTRY_STORAGE_DELETE_ENABLED=true"],
        "HostConfig": {"PortBindings": ports, "Binds": [f"{name}:/var/lib/registry"]},  # a volume outlasts a `down`
    }
    if not engine.has(REGISTRY_IMAGE):
        engine.pull(REGISTRY_IMAGE)
    engine.remove_container(name)
    container = engine.ask("POST", "/containers/create", body, name=name)["Id"]
    engine.ask("POST", f"/containers/{container}/start")
    deadline = time.monotonic() + 60
    while not shelf.answers(address):
        if time.monotonic() > deadline:
            raise RigError(address, "the registry's container does not answer", f"docker logs {name}")
        time.sleep(0.1)


def _can_pull(engine: Engine, recipe: recipes.Recipe) -> bool:
    tags = (recipes.key(recipe),) if recipe.private else recipe.tags  # somebody else may own a name that we made up
    try:
        for tag in tags:
            engine.ask("GET", f"/distribution/{recipe.repository}:{tag}/json")
    except EngineError:
        return False
    return True


def _served() -> Iterator[tuple[recipes.Recipe, str]]:
    return ((each, ref) for each in recipes.RECIPES if each.served for ref in each.refs)


def _container_host(engine: Engine) -> str:
    try:
        return str(engine.ask("GET", "/networks/bridge")["IPAM"]["Config"][0]["Gateway"])
    except (EngineError, KeyError, IndexError, TypeError):
        return "host.docker.internal"
