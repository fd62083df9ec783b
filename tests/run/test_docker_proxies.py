"""Programs get the proxies of docker's config.json, by the engine and in a sandbox, exactly as `docker run` gives them."""

import json
import time

import pytest

from tests import opened
from tests.run.conftest import BUSYBOX

pytestmark = pytest.mark.engine
NAMES = [f"{each}_PROXY" for each in ("HTTP", "HTTPS", "NO", "FTP", "ALL")]
DEFAULT = {
    "httpProxy": "http://me:s3cret@proxy:3128",
    "httpsProxy": "http://proxy:3129",
    "noProxy": "a.example,b.example",
    "ftpProxy": "ftp://proxy",
    "allProxy": "socks5://proxy:1080",
}


@pytest.fixture(params=["engine", "bubblewrap"])
def tool(request, engine, home):
    home.app("tool", engine.ref(BUSYBOX), entrypoint='["sh"]', runtime=f'"{request.param}"', network_mode='"none"')
    if request.param == "bubblewrap":
        opened.open_tunnels()
        home.ordinary()
    home.run("tool", "-c", "true", check=True)
    return "tool"


def configure(home, proxies):
    folder = home.path / ".docker"
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"auths": {}, "proxies": proxies}))
    time.sleep(0.05)  # for the clock of files


def variables(text):
    """Return the proxies in the output of env."""
    pairs = (line.partition("=") for line in text.splitlines())
    return {name: value for name, _, value in pairs if name.upper() in NAMES}


def seen(home, *words, env=None):
    return variables(home.run(*words, env=env, check=True).stdout)


@pytest.mark.parametrize("table", ["default", "the engine's"])
def test_a_program_has_what_docker_run_gives_it(home, engine, tool, table):
    own = {"default": DEFAULT} if table == "default" else {"default": {"noProxy": "x"}, engine.docker_host: DEFAULT}
    configure(home, own)
    dockers = seen(home, "docker", "run", "--rm", engine.ref(BUSYBOX), "env")

    assert len(dockers) == 10
    for _ in range(3):  # planned, saved, repeated
        assert seen(home, tool, "-c", "env") == dockers


def test_a_change_of_the_file_is_seen_at_once(home, tool):
    configure(home, {"default": DEFAULT})
    for _ in range(2):
        assert len(seen(home, tool, "-c", "env")) == 10
    configure(home, {"default": {"noProxy": "x"}})

    assert seen(home, tool, "-c", "env") == {"NO_PROXY": "x", "no_proxy": "x"}
    (home.path / ".docker/config.json").write_text("{")
    assert seen(home, tool, "-c", "env") == {}


def test_the_callers_own_wins(home, tool):
    configure(home, {"default": DEFAULT})

    assert seen(home, tool, "-c", "env", env={"HTTP_PROXY": "http://mine"})["HTTP_PROXY"] == "http://mine"


def test_no_password_is_shown(home, tool):
    configure(home, {"default": DEFAULT})
    for more in ([], ["--json"]):
        done = home.run("applaunch", "run", "--dry-run", *more, tool, check=True)

        assert "s3cret" not in done.stdout + done.stderr
    assert "s3cret" not in home.run("applaunch", "info", tool, check=True).stdout
    assert "s3cret" not in home.run("applaunch", "runs", check=True).stdout
