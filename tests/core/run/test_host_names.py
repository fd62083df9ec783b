"""The names of machines that a program's /etc/hosts gets."""

import pytest

from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.host_names import host_names
from tests.core.examples import YOUTUBE_DL

DOCKER, PODMAN, SANDBOX = EngineTraits(), EngineTraits("podman"), EngineTraits("bubblewrap")
OWN = "host.docker.internal:host-gateway"


def names(traits=DOCKER, machine="", **keys):
    return host_names(YOUTUBE_DL._replace(**keys), traits, machine)


@pytest.mark.parametrize("network", ["bridge", "default", "mine"])
def test_a_program_with_a_network_of_its_own_knows_this_machine_by_name(network):
    assert names(network_mode=network) == (OWN,)


@pytest.mark.parametrize("network", ["host", "none"])
def test_any_other_has_the_names_of_its_entry(network):
    assert names(network_mode=network, extra_hosts=("db:10.0.0.2",)) == ("db:10.0.0.2",)


@pytest.mark.parametrize("traits", [PODMAN, SANDBOX, EngineTraits(rootless=True)])
def test_an_engine_that_does_not_know_the_machine_is_told_its_address(traits):
    given = ("me:host-gateway", "db:10.0.0.2")

    assert names(traits, "192.0.2.7", extra_hosts=given) == (
        "host.docker.internal:192.0.2.7",
        "me:192.0.2.7",
        "db:10.0.0.2",
    )


@pytest.mark.parametrize("traits", [PODMAN, SANDBOX, EngineTraits(rootless=True), EngineTraits(api="1.40")])
def test_no_word_of_dockers_goes_to_an_engine_that_does_not_know_it(traits):
    assert names(traits) == ()


def test_the_entrys_own_address_wins():
    given = ("HOST.docker.internal:10.0.0.9",)

    assert names(extra_hosts=given) == given
