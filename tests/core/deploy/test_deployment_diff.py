import pytest

from launcher.core.deploy.deployment_diff import (
    Difference,
    ImageContents,
    diff_entries,
    diff_images,
    diff_tables,
    shared_layers,
)

BASE = [("sha256:base", 100), ("sha256:libs", 20)]
OLD = ImageContents(
    settings={"user": "", "entrypoint": ["jq"], "env.A": "1"},
    labels={"version": "1", "maintainer": "ana"},
    layers=[*BASE, ("sha256:app1", 5)],
    packages={"libc6": "2.36-9", "zlib1g": "1.2.13"},
    size=125,
)


def test_new_removed_and_changed_keys_are_differences():
    found = diff_tables("label", {"a": "1", "b": "1", "d": "1"}, {"b": "2", "c": "1", "d": "1"})

    assert found == [
        Difference("label", "a", "1", None),
        Difference("label", "b", "1", "2"),
        Difference("label", "c", None, "1"),
    ]


def test_equal_values_are_not_differences():
    assert diff_tables("label", OLD.labels, dict(OLD.labels)) == []
    assert diff_images(OLD, OLD) == []
    assert diff_entries({"jq": {"init": True}}, {"jq": {"init": True}}) == []


def test_entries_are_compared_by_command_and_key():
    before = {"openstack": {"network_mode": "bridge", "init": True}, "stack": {"init": True}}
    after = {"openstack": {"network_mode": "none", "init": True}, "nova": {"init": True}}

    assert diff_entries(before, after) == [
        Difference("entry", "nova.init", None, True),
        Difference("entry", "openstack.network_mode", "bridge", "none"),
        Difference("entry", "stack.init", True, None),
    ]


def test_a_command_name_may_contain_dots():
    assert diff_entries({"python3.11": {"image": "a", "name": "x"}}, {"python3.11": {"image": "b", "name": "y"}}) == []
    assert diff_entries({"a.name": {"init": 1}}, {"a.name": {"init": 2}}) == [Difference("entry", "a.name.init", 1, 2)]


def test_the_image_is_not_compared_as_a_key_of_the_entry():
    one, other = ({"jq": {"app": "jq", "name": "jq", "image": f"jq:{tag}"}} for tag in (1, 2))

    assert diff_entries(one, other) == []


def test_images_are_compared_by_settings_labels_packages_layers_and_size():
    new = OLD._replace(
        settings={"user": "1000", "entrypoint": ["jq"], "env.B": "2"},
        labels={"version": "2", "maintainer": "ana"},
        layers=[*BASE, ("sha256:app2", 7), ("sha256:more", 1)],
        packages={"libc6": "2.36-10", "curl": "7"},
        size=128,
    )

    assert diff_images(OLD, new) == [
        Difference("image", "env.A", "1", None),
        Difference("image", "env.B", None, "2"),
        Difference("image", "user", "", "1000"),
        Difference("label", "version", "1", "2"),
        Difference("package", "curl", None, "7"),
        Difference("package", "libc6", "2.36-9", "2.36-10"),
        Difference("package", "zlib1g", "1.2.13", None),
        Difference("layers", "2 shared", {"layers": 1, "bytes": 5}, {"layers": 2, "bytes": 8}),
        Difference("image", "size", 125, 128),
    ]


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ([], [], 0),
        (BASE, [], 0),
        (BASE, BASE, 2),
        (BASE, [*BASE, ("sha256:x", 1)], 2),
        (BASE, [("sha256:base", 100), ("sha256:x", 1)], 1),
        ([("sha256:a", 1), *BASE], BASE, 0),  # the same diff id on another base is another layer
    ],
)
def test_layers_are_shared_up_to_the_first_difference(one, other, count):
    assert shared_layers(one, other) == count
