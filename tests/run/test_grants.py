"""The facts that permissions are decided on: where this caller's engine, its folders and its links are."""

import pytest

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.policy.derive_permissions import highest_risk
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.values.mount import Mount
from launcher.engine import detect_traits
from launcher.engine.endpoint import Endpoint
from launcher.host import process
from launcher.host.locations import places
from launcher.run.grants import derive_entry_grants

NOTHING = CatalogEntry("x", "x", "x", mount_cwd="none", path_args="none", network_mode="none")


@pytest.fixture
def risk(tmp_path):
    """Return the class of an entry with these keys, for a caller whose home and engine are in a scratch folder."""
    home = tmp_path / "home"
    (home / "work").mkdir(parents=True)

    def judge(env=None, **keys):
        variables = {"HOME": str(home), "DOCKER_HOST": f"unix://{tmp_path}/engine/own.s"} | (env or {})
        call = process.read_invocation("x", (), variables)
        return highest_risk(
            each for each in derive_entry_grants(NOTHING._replace(**keys), call) if each.key in {"volumes", "user"}
        )

    judge.home, judge.folder = home, tmp_path
    return judge


def test_the_engine_in_force_is_known_wherever_it_listens(risk):
    (risk.folder / "engine").mkdir()
    assert risk(volumes=(Mount(f"{risk.folder}/engine", "/e", read_only=True),)) == "high"

    (risk.folder / "engine/own.s").touch()

    assert risk(volumes=(Mount(f"{risk.folder}/engine", "/e", read_only=True),)) == "critical"
    assert risk(volumes=(Mount(f"{risk.folder}/engine/own.s/.", "/e", read_only=True),)) == "critical"
    assert risk({"DOCKER_HOST": "tcp://x:1"}, volumes=(Mount(f"{risk.folder}/engine", "/e"),)) == "high"


def test_a_rootless_engine_that_is_known_has_no_root(risk):
    (risk.folder / "engine").mkdir()
    (risk.folder / "engine/own.s").touch()
    keys = {"user": "image", "mount_cwd": "rw"}
    assert risk(**keys) == "critical"

    folder = places({"HOME": str(risk.home)}, str(risk.home)).traits
    detect_traits.cached_traits(
        Endpoint(f"unix://{risk.folder}/engine/own.s"), folder, lambda: EngineTraits(rootless=True)
    )

    assert risk(**keys) == "high"
    assert risk({"DOCKER_HOST": "tcp://elsewhere:2375"}, **keys) == "critical"


def test_the_home_that_the_system_has_is_one_whatever_home_says(risk, monkeypatch):
    monkeypatch.setattr(process, "system_homes", lambda: ("/home/ben",))

    assert risk(volumes=(Mount("/home/ben/.", "/h"),)) == "critical"
    assert risk(volumes=(Mount("/home/ben/.bashrc", "/h"),)) == "critical"
    assert risk(volumes=(Mount("/home/ben/work", "/h"),)) == "high"


@pytest.mark.parametrize(
    ("variable", "value", "source"),
    [
        ("XDG_CONFIG_HOME", "/srv/config", "/srv/config"),
        ("XDG_STATE_HOME", "/srv/state", "/srv/state/applaunch/current"),
        ("XDG_BIN_HOME", "/srv/bin", "/srv"),
        ("XDG_RUNTIME_DIR", "/srv/run", "/srv/run/bus"),
    ],
)
def test_what_is_kept_elsewhere_is_as_critical_there(risk, variable, value, source):
    assert risk({variable: value}, volumes=(Mount(source, "/s"),)) == "critical"
    assert risk(volumes=(Mount(source, "/s"),)) == "high"


def test_a_place_that_is_a_link_makes_what_it_leads_to_as_critical(risk):
    dotfiles = risk.home / "dotfiles/bin"
    dotfiles.mkdir(parents=True)
    assert risk(volumes=(Mount("~/dotfiles", "/d"),)) == "high"

    (risk.home / ".local").mkdir()
    (risk.home / ".local/bin").symlink_to(dotfiles)

    assert risk(volumes=(Mount("~/dotfiles", "/d"),)) == "critical"
    assert risk(volumes=(Mount("~/dotfiles/bin", "/d"),)) == "critical"
    assert risk(volumes=(Mount("~/work", "/d"),)) == "high"


def test_a_link_is_read_as_a_kernel_and_as_docker_does(risk):
    (risk.home / "deep/inner").mkdir(parents=True)
    (risk.home / "in").symlink_to("deep/inner")

    assert risk(volumes=(Mount("~/in/..", "/d"),)) == "critical"  # docker takes the .. out first: that is the home
    assert risk(volumes=(Mount("~/in", "/d"),)) == "high"


def test_a_process_that_is_not_ours_to_look_at_is_not_a_traceback(risk):
    assert risk(volumes=(Mount("/proc/1/root/x", "/d"), Mount("~/\0", "/e"))) == "critical"
