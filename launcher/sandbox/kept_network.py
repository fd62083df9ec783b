"""Join the network that is kept for an app, or make one: a network namespace with a way out by pasta or slirp4netns."""

from __future__ import annotations

import os

from launcher.core.sandbox.network_files import (
    RESOLV_CONF,
    SYSTEMD_RESOLV_CONF,
    is_stub,
    needs_forwarder,
    resolver_text,
)
from launcher.core.sandbox.network_terms import NetworkTerms
from launcher.errors import SandboxError
from launcher.fast_stdlib import NamedTuple
from launcher.sandbox.network_record import HeldNetwork, enter_words, hold_record, read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from launcher.core.sandbox.sandbox_traits import SandboxTraits


class Network(NamedTuple):
    """A network that a run has joined."""

    words: tuple[str, ...]
    """What goes before bwrap on the command line; bwrap then needs no ``--unshare-net``."""
    lock: int
    """A descriptor that keeps the network as long as it is open: close it when the run is over."""
    resolver: str
    """The text of the program's /etc/resolv.conf, unless its entry has `dns`."""
    forwarder: str = ""
    """The address in it from which the machine's own resolver is reached; "": none."""
    machine: str = ""
    """The address of this machine, as the program reaches it; "": unknown."""
    pid: int = 0
    """The process that holds it."""
    publisher: int = 0
    """The process that publishes its ports, and ends when the run is over: `wait_for_end` of `end_network`; 0: none."""


def join_network(
    folder: str,
    app: str,
    traits: SandboxTraits,
    terms: NetworkTerms = NetworkTerms(),  # noqa: B008  an immutable value
) -> Network:
    """Return the network of *app*, recorded in *folder*; make it if there is none, on these *terms*.

    Without sharing, or with ports that it publishes, it is a new one for this run only. No other user and no other app
    can reach it, and a program in it cannot reach the loopback of the machine. Raises `SandboxError` if it cannot be
    made; the machine's own network never takes its place.
    """
    text = read_text(RESOLV_CONF)
    if is_stub(text):
        text = read_text(SYSTEMD_RESOLV_CONF) or text
    path = record_path(folder, app) if terms.share and not terms.ports else ""

    if path and (found := _join(path, traits, text)):
        return found
    from launcher.sandbox import end_network, start_network  # noqa: PLC0415  the first run, or the first after some minutes

    turn = start_network.take_turn(folder)
    try:
        if path and (found := _join(path, traits, text)):  # another run was quicker
            return found
        needed = needs_forwarder(text)
        lock, record = start_network.start_network(folder, path, traits, terms, forwarder_needed=needed)
        end_network.end_surplus(folder, path, terms.most)
        held = HeldNetwork(lock, int(record["pid"]), str(record["forwarder"]), str(record["machine"]))
        network = _network(held, traits, text)
        return network._replace(publisher=int(record["program"])) if terms.ports else network
    except OSError as error:
        raise SandboxError("network", f"{folder}: {(error.strerror or str(error)).lower()}") from None
    finally:
        os.close(turn)


def record_path(folder: str, app: str) -> str:
    """Return the path of the record about the network of *app*."""
    name = app.replace("%", "%25").replace("/", "%2F")
    return f"{folder}/{f'%2E{name[1:]}' if name.startswith('.') else name}"


def _join(path: str, traits: SandboxTraits, text: str) -> Network | None:
    """Return the network of the record at *path*, kept for this run; None if it has ended."""
    held = hold_record(path)
    if held and needs_forwarder(text) and not held.forwarder:
        os.close(held.lock)
        return None
    return _network(held, traits, text) if held else None


def _network(held: HeldNetwork, traits: SandboxTraits, text: str) -> Network:
    words = enter_words(traits.nsenter, str(held.pid))
    return Network(words, held.lock, resolver_text(text, held.forwarder), held.forwarder, held.machine, held.pid)
