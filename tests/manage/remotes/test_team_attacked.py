"""A shared catalog is attacked on its way: each time one line says what is wrong, and the last good copy serves on."""

import re
from contextlib import ExitStack, closing
from functools import cache

import pytest

from tests.manage.remotes.team_attacks import ATTACKS, CASES
from tests.manage.remotes.team_besieged import Besieged
from tests.manage.remotes.team_places import Between, opened
from tests.manage.remotes.team_story import Upstream, hiring

pytestmark = pytest.mark.engine
SHARES_IMAGES = True  # the teams' apps are there until the last attack is over


@pytest.fixture(scope="module")
def teams(engine, tmp_path_factory):
    """Return a function that gives the team that shares its catalog in one of the ways: always the same one."""
    with ExitStack() as stack:
        upstream = Upstream(engine)
        stack.callback(upstream.close)

        @cache
        def sharing(way):
            folder = tmp_path_factory.mktemp(way)
            place = stack.enter_context(opened(way, folder, engine.registry))
            return Besieged(place, upstream, stack.enter_context(hiring(engine, folder, place)), folder)

        yield sharing


@pytest.fixture
def team(teams, way):
    """Return the team that shares its catalog in a *way*, of which a member has installed greet.

    When the test is over there is peace again.
    """
    found = teams(way)
    yield found
    found.makes_peace()


@pytest.mark.parametrize(("way", "name"), CASES)
def test_what_must_not_be_taken_is_refused_in_one_line_and_the_last_good_copy_serves_on(team, way, name):
    attack = ATTACKS[name]

    attack.does[way](team)
    refused, goes_on = team.member.updates(code=1).splitlines()

    line, verb = attack.line(team.known()), "refused" if attack.came else "cannot be fetched"
    assert re.fullmatch(f"applaunch: team: {verb}: {line}", refused)
    assert re.fullmatch(rf"  serial {team.accepted} stays in use, accepted [\d.]+\w+ ago", goes_on)
    seen = team.member.seen()
    assert (seen["serial"], seen["apps"], seen["state"]) == (
        team.accepted,
        3,
        verb.replace("cannot be fetched", "unreached"),
    )
    assert seen["words"] == refused.removeprefix(f"applaunch: team: {verb}: ")
    told_so = {each.says for each in ATTACKS.values() if re.fullmatch(each.line({}), seen["words"])}
    assert told_so == {attack.says}, "another attack is told by the same words"
    team.goes_on()
    if attack.newcomers:
        newcomer, key = team.newcomer()
        told = newcomer.joins(key, code=1)
        assert told.stdout == ""
        assert re.fullmatch(f"applaunch: {'team: ' if attack.came else ''}{line}\n", told.stderr)
        assert not (newcomer.home.path / ".config/applaunch").exists()


@pytest.mark.parametrize("way", ["web"])
def test_from_an_expired_catalog_nothing_new_is_installed_and_what_is_installed_goes_on(team):
    team.publishes(expires="1s")
    day = team.expired()

    said = team.member.updates()

    assert said.splitlines()[-1] == f"note: team: expired on {day}"
    assert (team.member.seen()["state"], team.member.seen()["words"]) == ("warning", f"expired on {day}")
    assert team.member.does("add", "team/deploy", code=1).stderr == (
        f"applaunch: team: its catalog (serial {team.published}) expired on {day}: nothing new is installed from it; "
        "applaunch remote update team; if that does not help, ask the publisher\n"
    )
    assert team.member.runs("greet") == "greet 1\n"
    assert "already there: ~/.local/bin/greet" in team.member.adds("greet")
    assert team.upstream.digests()["extra"] in team.member.does("info", "extra").stdout
    team.publishes()
    team.updates()
    assert "added: ~/.local/bin/deploy" in team.member.adds("deploy")
    team.member.does("remove", "deploy")


def test_an_image_that_is_not_what_was_signed_is_refused_by_the_engine_and_the_old_one_runs_on(engine, tmp_path):
    with ExitStack() as stack:
        between = stack.enter_context(Between(engine.registry))
        place = stack.enter_context(opened("web", tmp_path, engine.registry))
        upstream = stack.enter_context(closing(Upstream(engine, between.name)))
        team = Besieged(place, upstream, stack.enter_context(hiring(engine, tmp_path, place)), tmp_path)
        signed = upstream.release("greet", 2)
        team.publishes()
        team.updates()

        between.swaps(signed, upstream.digests()["extra"])
        told = team.member.does("upgrade", "--yes", code=1).stderr.splitlines()

        name = f"{between.name}/applaunch/team@{signed}"
        wrong = f"the content from {between.name} does not match {signed}"
        assert told == [
            f"greet: pulling {name}",
            f"applaunch: {name}: {wrong}; try again; if it persists, contact the operator of {between.name}",
        ]
        assert team.member.runs("greet") == "greet 1\n"
        team.goes_on()
        between.lies.clear()
        team.member.does("upgrade", "--yes")
        assert team.member.runs("greet") == "greet 2\n"
