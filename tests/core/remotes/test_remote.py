import pytest

from launcher.core.remotes.keyring import Keyring, Revoked
from launcher.core.remotes.remote import RESERVED, Known, Remote, Standing, remote_name, standing
from launcher.core.remotes.source_url import Address
from launcher.core.remotes.trust_policy import Accepted
from launcher.core.values.invalid_value import InvalidValueError
from launcher.errors import CatalogError
from tests.core.signing_keys import ANA, BEN

NOON = 1798804800.0
TEAM = Remote("team", "https://tools.example/team/", 70, verify=False, enabled=False)
LAST = Accepted(42, "sha256:a", NOON, ANA.fingerprint, 0.0, 3)
KNOWN = Known(LAST, Keyring((ANA,)), (ANA.fingerprint,), TEAM.url, {"catalog.toml": '"e"'}, "sha256:c", NOON)


@pytest.mark.parametrize("name", ["team", "a", "0", "a.b-c_d", "x" * 32])
def test_a_name_may_be(name):
    assert remote_name(name) == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "Team", "-a", "_a", "é", "a b", "a\n", "x" * 33, "team\x1b[0m", *RESERVED]
)
def test_a_name_may_not_be(name):
    with pytest.raises(InvalidValueError):
        remote_name(name)


@pytest.mark.parametrize("remote", [TEAM, Remote("a", "git@h:x#main"), Remote("b", 'https://h/"q"/')])
def test_what_is_settled_is_read_as_it_was_written(remote):
    assert Remote.parse(remote.name, remote.text(), "x.toml") == remote


def test_its_address_is_read_from_its_url():
    assert TEAM.address == Address("web", "https://tools.example/team/")


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
def test_what_cannot_be_followed_is_refused(text, why):
    with pytest.raises(CatalogError, match=why):
        Remote.parse("team", text, "team.toml")


def test_what_is_known_comes_back_as_it_was_kept():
    assert Known.from_dict(KNOWN.to_dict()) == KNOWN
    assert Known.from_dict(Known().to_dict()) == Known()


@pytest.mark.parametrize(
    ("remote", "known", "state"),
    [
        ({}, {}, Standing("ok", "")),
        ({"verify": False}, {}, Standing("ok", "not verified")),
        ({"enabled": False}, {}, Standing("disabled", "applaunch remote modify team --enable")),
        ({}, {"accepted": None}, Standing("empty", "nothing was fetched yet: applaunch remote update team")),
        ({}, {"accepted": None, "trouble": "no route"}, Standing("empty", "no route")),
        ({}, {"trouble": "no route"}, Standing("unreached", "no route")),
        ({}, {"trouble": "bad", "refused": True}, Standing("refused", "bad")),
        ({}, {"accepted": LAST._replace(expires=NOON + 100)}, Standing("warning", "expires on 2027-01-01")),
        (
            {},
            {"accepted": LAST._replace(at=NOON - 31 * 86400, expires=0.0)},
            Standing(
                "warning",
                "nothing new since 2026-12-01, and no day when it expires: a newer catalog may be held back",
            ),
        ),
        (
            {},
            {
                "accepted": LAST._replace(key=BEN.fingerprint),
                "ring": Keyring((ANA,), (Revoked(BEN.fingerprint, NOON),)),
            },
            Standing("refused", f"signed by {BEN.fingerprint}, which was revoked on 2027-01-01"),
        ),
    ],
)
def test_how_a_remote_stands(remote, known, state):
    settled = Remote("team", "https://tools.example/team/")._replace(**remote)

    assert standing(settled, KNOWN._replace(**known), NOON) == state
