"""Configs of images: what the specification says is read, anything else is left out."""

import pytest

from launcher.core.sandbox.image_config import parse_image_config
from launcher.core.sandbox.init_layer import init_folders
from launcher.core.sandbox.tree import ImageConfig


def test_every_field_of_a_config_is_read():
    config = {
        "Entrypoint": ["jq"],
        "Cmd": ["--help"],
        "Env": ["A=1"],
        "WorkingDir": "/data",
        "User": "1000:50",
        "Volumes": {"/b": {}, "/a": {}},
        "StopSignal": "SIGINT",
    }

    assert parse_image_config(config, "linux/amd64") == ImageConfig(
        ("jq",), ("--help",), ("A=1",), "/data", "1000:50", ("/a", "/b"), "SIGINT", "linux/amd64"
    )
    assert init_folders(parse_image_config(config))[-3:] == ("/a", "/b", "/data")


@pytest.mark.parametrize("config", [None, [], "x", {}, {"Env": None, "Volumes": None}, {"Env": 3, "Cmd": [1, {}]}])
def test_what_has_another_type_is_left_out(config):
    assert parse_image_config(config) == ImageConfig()


@pytest.mark.parametrize("path", ["data", "", "/a\0b", "/\ud800", 3, None])
def test_what_is_no_path_is_left_out(path):
    assert parse_image_config({"Volumes": [path], "WorkingDir": path}) == ImageConfig()
