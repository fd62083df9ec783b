import pytest

from launcher.core.remotes.keyring import Keyring, RevokedKey
from launcher.core.remotes.remote import RESERVED, Remote, RemoteState, RemoteStatus, check_remote_name, remote_status
from launcher.core.remotes.source_url import SourceUrl
from launcher.core.remotes.trust_policy import AcceptedCatalog
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import CatalogError
from tests.core.signing_keys import ANA, BEN

NOON = 1798804800.0
TEAM = Remote("team", "https://tools.example/team/", 70, verify=False, enabled=False)
LAST = AcceptedCatalog(42, "sha256:a", NOON, ANA.fingerprint, 0.0, 3)
KNOWN = RemoteState(LAST, Keyring((ANA,)), (ANA.fingerprint,), TEAM.url, {"catalog.toml": '"e"'}, "sha256:c", NOON)


@pytest.mark.parametrize("name", ["team", "a", "0", "a.b-c_d", "x" * 32])
def test_a_valid_name_of_a_remote(name):
    assert check_remote_name(name) == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "Team", "-a", "_a", "é", "a b", "a\n", "x" * 33, "team\x1b[0m", *RESERVED]
)
def test_an_invalid_name_of_a_remote_is_refused(name):
    with pytest.raises(InvalidValueError):
        check_remote_name(name)


@pytest.mark.parametrize("remote", [TEAM, Remote("a", "git@h:x#main"), Remote("b", 'https://h/"q"/')])
def test_the_configuration_of_a_remote_survives_a_round_trip(remote):
    assert Remote.parse(remote.name, remote.text(), "x.toml") == remote


def test_the_url_of_a_remote_is_parsed():
    assert TEAM.address == SourceUrl("web", "https://tools.example/team/")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the key 'url' is missing"),
        ("url = 5", "url: 5 is not a string"),
        ("url = 'ext::x'", "url: .* transport helper"),
        ("url = '/x'\npriority = 1001", "priority: 1001 is not a priority"),
        ("url = '/x'\npriority = '5'", "priority: '5' is not a priority"),
        ("url = '/x'\nverify = 'no'", "verify: 'no' is not true or false"),
        ("url = '/x'\nverfy = false", "unknown key 'verfy'; did you mean 'verify'"),
        ("url", "is not TOML"),
    ],
)
def test_an_invalid_configuration_is_refused(text, why):
    with pytest.raises(CatalogError, match=why):
        Remote.parse("team", text, "team.toml")


def test_the_state_of_a_remote_survives_a_round_trip():
    assert RemoteState.from_dict(KNOWN.to_dict()) == KNOWN
    assert RemoteState.from_dict(RemoteState().to_dict()) == RemoteState()


@pytest.mark.parametrize(
    ("remote", "known", "state"),
    [
        ({}, {}, RemoteStatus("ok", "")),
        ({"verify": False}, {}, RemoteStatus("ok", "not verified")),
        ({"enabled": False}, {}, RemoteStatus("disabled", "applaunch remote modify team --enable")),
        ({}, {"accepted": None}, RemoteStatus("empty", "not fetched yet: applaunch remote update team")),
        ({}, {"accepted": None, "trouble": "no route"}, RemoteStatus("empty", "no route")),
        ({}, {"trouble": "no route"}, RemoteStatus("unreached", "no route")),
        ({}, {"trouble": "bad", "refused": True}, RemoteStatus("refused", "bad")),
        ({}, {"accepted": LAST._replace(expires=NOON + 100)}, RemoteStatus("warning", "expires on 2027-01-01")),
        (
            {},
            {"accepted": LAST._replace(at=NOON - 31 * 86400, expires=0.0)},
            RemoteStatus(
                "warning",
                "unchanged since 2026-12-01 and without an expiry date: a newer catalog may be withheld",
            ),
        ),
        (
            {},
            {
                "accepted": LAST._replace(key=BEN.fingerprint),
                "ring": Keyring((ANA,), (RevokedKey(BEN.fingerprint, NOON),)),
            },
            RemoteStatus("refused", f"signed by {BEN.fingerprint}, which was revoked on 2027-01-01"),
        ),
    ],
)
def test_the_status_of_a_remote(remote, known, state):
    settled = Remote("team", "https://tools.example/team/")._replace(**remote)

    assert remote_status(settled, KNOWN._replace(**known), NOON) == state
