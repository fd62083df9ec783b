"""How a rig comes up and goes down, told once for both kinds of machine."""

import os
from collections.abc import Callable

from tests.rig import borrowed, bridge, builder, dockerd, programs, recipes, registry
from tests.rig.copies import make_copies
from tests.rig.handle import Rig
from tests.rig.place import COPIES, Place


def here() -> Place:
    """Return the place that this process's environment tells."""
    return Place.told_by(os.environ, os.geteuid())


def current() -> Rig | None:
    """Return the rig that is up, if one is."""
    rig = Rig.recorded(here())
    return rig if rig is not None and _is_up(rig) else None


def up(log: Callable[[str], None] = print, copies: int = 0) -> Rig:
    """Bring the rig up and return it; a second call, or a second caller at the same time, gets the same one.

    *copies* of it can be brought up as well, each by its own folder (`Place.copy`).
    """
    place = here()
    if not place.number:
        with place.locked():
            return _up(place, log, copies)
    main = Place.of(place.main, os.environ, os.geteuid())
    with main.locked():  # one at a time: they look for a free network and a free port
        _up(main, log, max(copies, place.number))
        with place.locked():
            return _up(place, log, 0)


def _up(place: Place, log: Callable[[str], None], copies: int) -> Rig:
    rig = Rig.recorded(place)
    if rig is None or not _is_up(rig) or rig.images != recipes.key_of_all():
        rig = _private(place, rig, log) if is_private() else borrowed.up(place, os.environ, log)
    if rig.started_by_us:
        make_copies(place, copies)
    return rig


def is_private() -> bool:
    """Whether a rig starts an engine of its own here."""
    return programs.is_debian_as_root() and not os.environ.get("APPLAUNCH_RIG_ENGINE")


def down(rig: Rig | None = None) -> None:
    """Stop what the rig and its copies started and nothing else; what is built stays for the next time."""
    place = rig.place if rig is not None else here()
    for copy in sorted((place.folder / COPIES).glob("[0-9]*")):
        _down(Place.of(copy, os.environ, os.geteuid()))
    _down(place)


def _down(place: Place) -> None:
    with place.locked():
        known = Rig.recorded(place)
        if known is None or known.started_by_us:
            dockerd.stop(place)
            bridge.remove_bridge(place.name, known.bridge if known is not None else None)
        else:
            borrowed.down(known)
        registry.stop(place)
        place.swept()


def _is_up(rig: Rig) -> bool:
    if rig.started_by_us:
        return dockerd.is_up(rig.place) and registry.is_up(rig.place)
    return borrowed.is_up(rig)


def _private(place: Place, known: Rig | None, log: Callable[[str], None]) -> Rig:
    programs.install_missing(log)
    stays = known is not None and dockerd.is_up(place)
    address = known.registry if known is not None and stays else f"127.0.0.1:{registry.free_port()}"
    registry.certify(place)
    if not stays:
        registry.stop(place)  # what a crash left
    registry.start(place, registry.doors(place, address))
    if known is None or not stays:
        dockerd.stop(place)
        bridge.remove_bridge(place.name, known.bridge if known is not None else None)
        known = _raised(place, address, log)
        names = registry.lead(place, [each.host for each in recipes.RECIPES])
        dockerd.start(place, place.name, address, names, log)
    builder.build_missing(recipes.RECIPES, known.engine, known.registry, place, log, private=True)
    return known._replace(images=recipes.key_of_all()).keep()


def _raised(place: Place, address: str, log: Callable[[str], None]) -> Rig:
    fresh = bridge.raise_bridge(place.name, log)
    return Rig(
        docker_host=dockerd.docker_host(place),
        registry=address,
        started_by_us=True,
        folder=str(place.folder),
        run=str(place.run),
        container_host=fresh.address,
        refs={ref: ref for each in recipes.RECIPES if each.served for ref in each.refs},
        images="",
        bridge=fresh,
    ).keep()
