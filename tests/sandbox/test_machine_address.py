"""The address at which programs reach this machine, and whether it still has it."""

import pytest

from launcher.sandbox.machine_address import find_address
from launcher.sandbox.network_record import is_own_address


def test_the_address_is_one_of_this_machines():
    assert is_own_address(find_address())


@pytest.mark.parametrize(("address", "is_own"), [("127.0.0.1", True), ("203.0.113.9", False), ("", True)])
def test_a_network_is_not_joined_after_the_machine_has_lost_its_address(address, is_own):
    assert is_own_address(address) == is_own
