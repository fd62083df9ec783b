"""Services that extend another one of their file, and variables of the ``.env`` file that are passed by name."""

from launcher.core.imports.compose.compose_services import from_compose
from tests.core.imports.texts import ANA


def read(services, settings=None):
    return from_compose({"services": services}, "compose.yaml", ANA, settings)


def table(name, services, settings=None):
    return next(each.table for each in read(services, settings).proposals if each.name == name)


def test_an_extending_service_has_the_keys_of_the_other_and_its_own():
    base = {
        "image": "alpine:3",
        "command": ["a", "b"],
        "ports": ["81:80"],
        "environment": ["A=1", "B=2"],
        "volumes": ["/a:/x", "/b:/y:ro"],
        "user": "1:1",
    }
    own = {
        "extends": {"service": "base"},
        "command": ["c"],
        "ports": ["82:80"],
        "environment": {"B": 3},
        "volumes": ["/c:/y"],
    }

    merged = table("x", {"base": base, "x": own})

    assert merged["image"] == "docker.io/library/alpine:3"
    assert merged["command"] == ["c"]
    assert merged["ports"] == ["81:80", "82:80"]
    assert merged["environment"] == ["A=1", "B=3"]
    assert merged["volumes"] == ["/a:/x", "/c:/y"]
    assert merged["user"] == "1:1"


def test_a_service_may_extend_one_that_extends_another():
    services = {"a": {"image": "alpine:3"}, "b": {"extends": "a", "user": "1:1"}, "c": {"extends": "b"}}

    assert table("c", services)["user"] == "1:1"


def test_what_extends_itself_or_nothing_is_left_and_another_file_is_named():
    found = read({"a": {"extends": "a"}, "b": {"extends": "none"}, "c": {"image": "x", "extends": {"file": "y"}}})

    assert {each.name: each.why for each in found.skipped} == {
        "a": "it extends itself",
        "b": "it extends 'none', and the file has no such service",
    }
    assert [note.fate for note in found.proposals[0].notes if note.part.startswith("extends")] == ["refused"]


def test_a_variable_of_the_env_file_that_is_passed_by_its_name_has_its_value():
    settings = {"LEVEL": "3"}

    for passed in (["LEVEL", "OTHER"], {"LEVEL": None, "OTHER": None}):
        service = {"image": "alpine:3", "environment": passed}
        assert table("x", {"x": service}, settings)["environment"] == ["LEVEL=${LEVEL:-3}", "OTHER"]


def test_a_restart_policy_of_a_service_is_not_needed_but_for_failures():
    fates = {}
    for policy in ("always", "unless-stopped", "no", "on-failure"):
        (one,) = read({"x": {"image": "alpine:3", "restart": policy}}).proposals
        fates[policy] = next(note.fate for note in one.notes if note.part.startswith("restart"))

    assert fates == {"always": "explained", "unless-stopped": "explained", "no": "explained", "on-failure": "refused"}
