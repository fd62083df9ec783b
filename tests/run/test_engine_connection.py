"""What is kept about an engine's images while other launches need the same."""

from pathlib import Path

from launcher.core.run.container_user import identity
from launcher.core.run.engine_traits import EngineTraits
from launcher.engine import accounts
from launcher.engine.endpoint import Endpoint
from launcher.host import files
from launcher.host.locations import Places
from launcher.run.engine_connection import Reached, account
from tests.core.examples import ANA


def test_of_two_first_launches_at_once_the_quicker_ones_files_stay(tmp_path, monkeypatch):
    places = Places(*[str(tmp_path)] * len(Places._fields))
    reached = Reached(Endpoint("unix:///nowhere"), EngineTraits(), places, client=object())
    folder = Path(places.accounts) / "0123-1000-1000"

    def overtaken(client, image):
        for name in ("passwd", "group"):
            files.create(str(folder / name), "the quicker one's, which the engine is mounting")
        return "", ""

    monkeypatch.setattr(accounts, "read_accounts", overtaken)

    made = account(reached, "image", "sha256:0123", ANA, identity("host", ANA, EngineTraits()))

    assert made == (str(folder / "passwd"), str(folder / "group"))
    assert {Path(path).read_text() for path in made} == {"the quicker one's, which the engine is mounting"}
