"""Planning on this machine: who the program is, and the files that give it a name."""

from pathlib import Path

import pytest

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.expand import with_user
from launcher.core.values.resolved_image import ResolvedImage
from launcher.engine import accounts, image_locales
from launcher.engine.endpoint import Endpoint
from launcher.host import files
from launcher.host.locations import Places
from launcher.run.engine_connection import EngineConnection
from launcher.run.launch import Launch
from launcher.run.plan_facts import plan_launch
from launcher.state.launch_files import LaunchFile
from tests.core.examples import ANA, ROOT

JQ = CatalogEntry("jq", "jq", "docker.io/x/jq:1", mount_cwd="none", network_mode="none", environment=(("TZ", ""),))


@pytest.fixture
def planned(tmp_path, monkeypatch):
    """Return what plans a launch whose engine knows nobody of the image."""
    places = Places(*[str(tmp_path)] * len(Places._fields))
    monkeypatch.setattr(accounts, "read_accounts", lambda client, image: ("", ""))
    monkeypatch.setattr(image_locales, "present_locales", lambda client, image, wanted: wanted)

    def plan(entry=JQ, call=ANA):
        engine = EngineConnection(Endpoint("unix:///nowhere"), EngineTraits(), places, client=object())
        pin = ResolvedImage(image_id="sha256:0123")
        return plan_launch(Launch(LaunchFile("jq", "jq", entry, "jq:1"), with_user(entry, call), call, engine, pin))[0]

    plan.places = places
    return plan


@pytest.mark.parametrize("call", [ANA, ROOT], ids=["ana", "root"])
@pytest.mark.parametrize("user", ["host", "image", "1000:1000", "root"])
def test_a_user_that_a_variable_names_is_planned_like_one_that_is_written_out(planned, user, call):
    call = call._replace(env={"RUN_AS": user})
    made = [planned(JQ._replace(user=each), call) for each in (user, "${RUN_AS:-other}", "${UNSET:-" + user + "}")]

    assert len({each._replace(name="", labels=()) for each in made}) == 1


def test_the_caller_has_a_name_whether_the_user_is_written_out_or_in_a_variable(planned):
    targets = [mount.target for mount in planned(JQ._replace(user="${RUN_AS:-host}")).mounts]

    assert targets == ["/etc/passwd", "/etc/group"]


@pytest.mark.parametrize(
    ("image", "covered"),
    [
        (("", ""), ["/etc/passwd", "/etc/group"]),
        (("root:x:0:0::/root:/bin/sh\n", ""), ["/etc/group"]),
        (("", "root:x:0:\n"), ["/etc/passwd"]),
        (("sync:x:4:65534::/bin:/bin/sync\n", "root:x:0:\n"), []),
    ],
)
def test_no_file_of_an_image_is_covered_for_root_whose_installers_write_to_it(planned, monkeypatch, image, covered):
    monkeypatch.setattr(accounts, "read_accounts", lambda client, name: image)

    assert [[mount.target for mount in planned(call=ROOT).mounts] for _ in range(2)] == [covered] * 2


def test_of_two_first_launches_at_once_the_quicker_ones_files_stay(planned, monkeypatch):
    folder = Path(planned.places.accounts) / "0123-1000-1000"

    def overtaken(client, image):
        for name in ("passwd", "group"):
            files.create(str(folder / name), "the quicker one's, which the engine is mounting")
        return "", ""

    monkeypatch.setattr(accounts, "read_accounts", overtaken)

    made = [mount.source for mount in planned().mounts]

    assert made == [str(folder / "passwd"), str(folder / "group")]
    assert {Path(path).read_text() for path in made} == {"the quicker one's, which the engine is mounting"}


def test_an_image_is_asked_once_for_a_locale(planned, monkeypatch):
    asked = []

    def present(client, image, wanted):
        asked.append({*wanted})
        return {"C.UTF-8"}

    monkeypatch.setattr(image_locales, "present_locales", present)
    calls = [ANA._replace(env={"LANG": each}) for each in ("de_DE.UTF-8", "de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8")]

    assert [dict(planned(call=call).environment)["LANG"] for call in calls] == ["C.UTF-8"] * 4
    assert asked == [{each, "C.UTF-8", "en_US.UTF-8"} for each in ("de_DE.UTF-8", "fr_FR.UTF-8")]
