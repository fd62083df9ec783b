"""A team shares one catalog, from its first publication to a key that changes hands: real keys, servers and images."""

import pytest

from tests.manage.remotes.team_places import WAYS, opened
from tests.manage.remotes.team_story import Lead, Member, Upstream, hiring

pytestmark = pytest.mark.engine

MORE = 'volumes = ["~/.ssh:/keys:ro"]\n'
ASKS = "read ~/.ssh (as /keys)"
PUBLISHED = ("--expires", "90d")


@pytest.fixture(params=WAYS)
def place(request, engine, tmp_path):
    """Where the catalog is published and fetched."""
    with opened(request.param, tmp_path, engine.registry) as found:
        yield found


@pytest.fixture
def upstream(engine):
    """The images of the team."""
    made = Upstream(engine)
    yield made
    made.close()


@pytest.fixture
def hired(engine, tmp_path, place, upstream):
    """Return what makes a person with an empty HOME, by the name; what they hold at the engine is gone afterwards."""
    with hiring(engine, tmp_path, place) as hire:
        yield hire


def test_a_team_shares_a_catalog_upgrades_by_it_and_its_key_changes_hands(hired, upstream):
    lead, members = hired(Lead, "lead"), [hired(Member, name) for name in ("ana", "ben")]

    said = lead.publishes(upstream.catalog(), *PUBLISHED)
    assert said.splitlines()[-1].startswith(f"published: {lead.place.target}  serial 1, 3 apps: ")
    first = upstream.digests()
    for each in members:
        assert f"3 apps, serial 1, priority 50, signed by {lead.fingerprint(lead.key)}" in each.joins(lead.key).stdout
        assert "added: ~/.local/bin/greet" in each.adds("greet", "deploy")
        assert [each.runs("greet"), each.runs("deploy")] == ["greet 1\n", "deploy 1\n"]
        assert each.digests() == {name: first[name] for name in ("greet", "deploy")}

    # An upgrade: greet is another image, deploy is one too and asks for ~/.ssh

    for name in ("greet", "deploy"):
        upstream.release(name, 2)
    lead.publishes(upstream.catalog(deploy=MORE), *PUBLISHED)
    second = upstream.digests()
    for each in members:
        each.has_ssh_keys()
        assert each.updates() == "team: serial 1 -> 2: 0 new, 2 changed, 0 gone\n"
        assert [each.runs("greet"), each.runs("deploy")] == ["greet 1\n", "deploy 1\n"]

        held, upgraded = each.upgrades()

        assert held == f"held: deploy newly requests: {ASKS} (high); review with: applaunch add deploy"
        assert upgraded.startswith("upgraded: greet ")
        assert [each.runs("greet"), each.runs("deploy")] == ["greet 2\n", "deploy 1\n"]
        assert each.digests() == {"greet": second["greet"], "deploy": first["deploy"]}

    # One of them agrees, and the other one's stays where it was

    ana, ben = members
    assert ana.does("add", "deploy", code=1).stderr == (
        f"applaunch: deploy: requests permissions that need approval: {ASKS}; approve them with: -y\n"
    )
    assert ana.runs("deploy") == "deploy 1\n"
    ana.does("add", "deploy", "-y")
    assert ana.runs("deploy") == "deploy 2\nid_ed25519\n"
    assert ana.upgrades() == ["everything is up to date"]
    assert ben.upgrades() == [held]
    assert ben.runs("deploy") == "deploy 1\n"

    # The key changes hands: who has the old one follows, and who comes later has the new one alone

    lead.hands_over(lead.made_key("successor"))
    upstream.release("greet", 3)
    lead.publishes(upstream.catalog(deploy=MORE), *PUBLISHED)
    for each in members:
        assert each.updates().splitlines() == [
            "team: serial 2 -> 3: 0 new, 1 changed, 0 gone",
            "note: team: its trusted keys have changed: applaunch remote info team",
        ]
        assert each.seen()["key"] == lead.fingerprint(lead.key)
        each.upgrades()
        assert each.runs("greet") == "greet 3\n"
    assert [each.runs("deploy").splitlines()[0] for each in members] == ["deploy 2", "deploy 1"]
    assert f"signed by {lead.fingerprint(lead.key)}" in hired(Member, "cleo").joins(lead.key).stdout
