"""The proxies of docker's config.json are read as docker reads them."""

import pytest

from launcher.core.run.docker_proxies import proxy_variables
from tests.core.examples import YOUTUBE_DL, planned

HOST = "unix:///var/run/docker.sock"
ALL = {"httpProxy": "h", "httpsProxy": "s", "noProxy": "n", "ftpProxy": "f", "allProxy": "a"}


def test_each_proxy_is_two_variables():
    assert proxy_variables({"proxies": {"default": ALL}}, HOST) == {
        "HTTP_PROXY": "h",
        "HTTPS_PROXY": "s",
        "NO_PROXY": "n",
        "FTP_PROXY": "f",
        "ALL_PROXY": "a",
        "http_proxy": "h",
        "https_proxy": "s",
        "no_proxy": "n",
        "ftp_proxy": "f",
        "all_proxy": "a",
    }


def test_the_table_of_an_engine_replaces_the_default():
    config = {"proxies": {"default": ALL, HOST: {"noProxy": "x"}}}

    assert proxy_variables(config, HOST) == {"NO_PROXY": "x", "no_proxy": "x"}


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"proxies": None},
        {"proxies": []},
        {"proxies": {"default": []}},
        {"proxies": {"default": {"httpProxy": 1, "noProxy": "", "ftpProxy": "a\0b", "other": "x"}}},
        {"proxies": {HOST: None, "default": ALL}},
    ],
)
def test_anything_else_is_passed_over(config):
    assert proxy_variables(config, HOST) == {}


def test_what_the_entry_or_the_caller_sets_wins_and_what_is_denied_is_not_set():
    entry = YOUTUBE_DL._replace(environment=(("HTTP_PROXY", "mine"),), deny=("environment:NO_PROXY",))
    proxies = {"HTTP_PROXY": "h", "http_proxy": "h", "NO_PROXY": "n"}
    found = dict(planned(entry, proxies=proxies).environment)

    assert (found["HTTP_PROXY"], found["http_proxy"], found.get("NO_PROXY")) == ("mine", "h", None)
