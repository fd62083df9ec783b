"""What is done to a team's catalog on its way to a member, and the one line by which each is refused."""

import re
from collections.abc import Callable
from itertools import chain
from typing import NamedTuple

from tests.manage.remotes.team_besieged import SECONDS
from tests.manage.remotes.team_places import WAYS
from tests.manage.remotes.team_story import LOST
from tests.remotes.publisher import Web

GB = 1 << 30
FEW = GB >> 4
"""Bytes: more than the sockets' buffers take of two answers that nobody reads to their end."""


class Attack(NamedTuple):
    """One of them."""

    does: dict[str, Callable]
    """What happens to a `Besieged` team, by the way that its catalog takes."""
    says: str
    """The line; words in braces stand for what it names: a key, a day, an address."""
    came: bool = True
    """Whether something came, and was refused; else it could not be had."""
    newcomers: bool = True
    """Whether who has accepted nothing yet is told the same."""

    def line(self, facts):
        """Return a pattern of the line, in which the *facts* stand and the other words in braces may be any."""
        parts = re.split(r"\{(\w+)\}", self.says)
        named = [re.escape(facts[each]) if each in facts else r"\S+" for each in parts[1::2]]
        return "".join(chain(*zip(map(re.escape, parts[::2]), [*named, ""], strict=True)))


def one_byte(team):
    """Change one byte of what was signed."""
    team.forges(lambda text: text.replace("A program", "B program", 1))


def another_digest(team):
    """Have the catalog name an image that nobody signed for."""
    digests = team.upstream.digests()
    team.forges(lambda text: text.replace(digests["greet"], digests["extra"]))
    before, _, _ = team.good["catalog.toml"].decode().partition(digests["greet"])
    team.facts["line"] = str(1 + before.count("\n"))


def by_a_stranger(team):
    """Sign the next one with a key that nobody knows."""
    stranger = team.lead.made_key("stranger")
    team.forges(team.next_serial, by=stranger)
    team.facts["stranger"] = team.lead.fingerprint(stranger)


def for_git(team):
    """Sign the next one with the right key, as git signs commits."""
    team.forges(team.next_serial, by=team.lead.key, namespace="git")


def older(team):
    """Serve again what was good before the last publication."""
    old = team.place.served()
    team.facts["old"] = str(team.accepted)
    team.publishes()
    team.updates()
    team.place.serve(old)


def by_a_lost_key(team):
    """Sign the next one with a key that was revoked."""
    lost = team.lead.key
    team.lead.hands_over(team.lead.made_key("successor"), revokes=True)
    team.publishes()
    team.updates()
    team.forges(team.next_serial, by=lost)
    team.facts |= {"lost": team.lead.fingerprint(lost), "day": LOST}
    team.newcomers_key = lost


def led_away(team):
    """Answer with the address of another host."""
    other = team.until_peace(Web(team.folder))
    team.answers(lambda handler: team.place.web.answer(handler, 302, b"", Location=f"{other.url}catalog.toml"))
    team.facts["other"] = f"{other.url}catalog.toml"
    team.afterwards(lambda: other.asked == [])


def a_gigabyte(team):
    """Answer with a gigabyte, without saying so."""
    team.answers(team.place.web.endless)
    team.afterwards(lambda: team.place.web.sent < FEW)


def a_gigabyte_of_a_registry(team):
    """Answer with a gigabyte where the manifest promises a catalog."""
    team.publishes()
    sent = []
    team.place.instead_of("catalog.toml", (sent.append(1) or b"#" * (1 << 16) for _ in range(GB >> 16)))
    team.afterwards(lambda: 0 < len(sent) < FEW >> 16)


def dripping(team):
    """Answer with a byte every tenth of a second."""
    team.is_impatient()
    team.answers(team.place.web.dripping)


def dripping_ssh(team):
    """Let what ssh is connected to send a byte every tenth of a second, and no greeting ever."""
    team.is_impatient()
    drip = team.folder / "drip"
    drip.write_text("#!/bin/sh\nwhile printf x; do sleep 0.1; done\n")
    drip.chmod(0o755)
    team.place.through(f"-o ProxyCommand={drip}")


def dripping_registry(team):
    """Answer with a byte every tenth of a second where the manifest promises a catalog."""
    team.is_impatient()
    team.publishes()
    team.place.instead_of("catalog.toml", (drop for _ in range(600) for drop in (b"#", 0.1)))


def everywhere(does):
    """Return what happens, whatever way the catalog takes."""
    return dict.fromkeys(WAYS, does)


GOES_ON = "the last accepted version stays in use"
CHANGED = (
    "the signature of {key} does not match catalog.toml: it was changed after it was signed; "
    f"try again later, then ask the publisher; {GOES_ON}"
)
ATTACKS = {
    "one byte": Attack(everywhere(one_byte), CHANGED),
    "another digest": Attack(
        {"web": another_digest},
        "DANGER: the signature of {key} does not match catalog.toml: line {line} has another digest than in serial {serial}; "
        f"install nothing from it before you ask the publisher; {GOES_ON}",
        newcomers=False,
    ),
    "a stranger's key": Attack(
        {"web": by_a_stranger},
        "catalog.toml is signed by the key {stranger}, which is not trusted (trusted keys: {key}); "
        "ask the publisher; if that key is right, add it: --key FILE",
    ),
    "another namespace": Attack(
        {"web": for_git},
        "catalog.toml is signed by {key} for the namespace 'git', not for 'applaunch-catalog'; "
        "ask the publisher to use: applaunch catalog sign catalog.toml --key FILE",
    ),
    "an older serial": Attack(
        everywhere(older),
        "serial {old} is older than {serial}, which was accepted on {today}; ask the publisher; " + GOES_ON,
        newcomers=False,
    ),
    "another host": Attack(
        {"web": led_away},
        "{url}: {host} redirects to an address that is not allowed: '{other}' is on another host; "
        f"if it has moved: applaunch remote modify NAME --url URL; {GOES_ON}",
        came=False,
    ),
    "a gigabyte": Attack(
        {"web": a_gigabyte},
        f"{{url}}: is larger than 5 MiB; ask the publisher to split it; {GOES_ON}",
        came=False,
    ),
    "a gigabyte of a registry": Attack(
        {"oci": a_gigabyte_of_a_registry},
        "{url}: the response of {blob} is larger than {size} bytes; contact the operator of {blob}",
        came=False,
    ),
    "a slow drip": Attack(
        {"web": dripping},
        f"{{url}}: {{host}} did not answer in time; check the network and try again; {GOES_ON}",
        came=False,
    ),
    "a slow drip over ssh": Attack(
        {"git": dripping_ssh},
        f"{{url}}: git did not finish within {SECONDS} seconds; try again later; {GOES_ON}",
        came=False,
    ),
    "a slow drip of a registry": Attack(
        {"oci": dripping_registry},
        "{url}: {blob} did not answer in time; check the network and try again",
        came=False,
    ),
    "a lost key": Attack(
        {"web": by_a_lost_key, "oci": by_a_lost_key},
        "catalog.toml is signed by the key {lost}, which was revoked on {day} (laptop lost); "
        f"ask the publisher to sign it with a current key; {GOES_ON}",
    ),
}
CASES = [(way, name) for way in WAYS for name, attack in ATTACKS.items() if way in attack.does]
