"""A team whose catalog is attacked: a member who has installed something goes on, and there is peace afterwards."""

import re
import sys
import time
import tomllib
from contextlib import ExitStack

from tests.leftovers import eventually_none
from tests.manage.remotes.team_story import Lead, Member
from tests.remotes.publisher import Key, sign

SECONDS = 2
"""How long somebody impatient waits; everybody else has the minute that docs/team.md names."""
IMPATIENT = f"""
import sys
from launcher.cli import main
from launcher.net.http_messages import Timeouts
from launcher.registry.registry_client import Registry
from launcher.remotes import git_source, web_source
web_source.fetch.__defaults__ = git_source.fetch.__defaults__ = ({SECONDS}.0,)
Registry.__init__.__kwdefaults__["timeouts"] = Timeouts(total={SECONDS}.0, slowest=1e9)
sys.argv[0] = "applaunch"
main()
"""
"""applaunch itself, with less patience."""


class Besieged:
    """The lead, a member who has installed greet, and whatever is done in between until there is peace."""

    def __init__(self, place, upstream, hire, folder):
        self.place, self.upstream, self.hire, self.folder = place, upstream, hire, folder
        self.lead, self.member = hire(Lead, "lead"), hire(Member, "member")
        self.facts = {}
        self.newcomers_key = ""
        self.hired = 0
        self.undone = ExitStack()
        self.publishes()
        self.member.joins(self.lead.key)
        self.accepted = self.published
        self.member.adds("greet")
        self.member.runs("greet")

    def publishes(self, *words, expires="90d"):
        """Publish the next serial, and remember it as what is good."""
        self.lead.publishes(self.upstream.catalog(), "--expires", expires, *words)
        self.good = self.place.served()

    @property
    def published(self):
        """The serial of what is good."""
        return tomllib.loads(self.good["catalog.toml"].decode())["catalog"]["serial"]

    def updates(self):
        """Let the member take what is good."""
        self.member.updates()
        self.accepted = self.published

    def forges(self, change, by="", namespace="applaunch-catalog"):
        """Serve the catalog after a *change* of its text, under its old signature or signed *by* a key."""
        files = self.place.served()
        path = self.folder / "catalog.toml"
        path.write_text(change(files["catalog.toml"].decode()))
        if by:
            sign(path, Key(by, None), namespace)
            files["catalog.toml.sig"] = (self.folder / "catalog.toml.sig").read_bytes()
        self.place.serve(files | {"catalog.toml": path.read_bytes()})

    def next_serial(self, text):
        """Count the serial of a catalog up, and change what a thief would."""
        text = re.sub(r"^serial = (\d+)", lambda found: f"serial = {int(found[1]) + 1}", text, flags=re.MULTILINE)
        return text.replace("Team tools", "Thief tools")

    def expired(self):
        """Wait until what is published has expired, and return the day of that."""
        expires = tomllib.loads(self.good["catalog.toml"].decode())["catalog"]["expires"]
        while time.time() <= expires.timestamp():
            time.sleep(0.05)
        return expires.strftime("%Y-%m-%d")

    def answers(self, way):
        """Let the web server answer in a *way* of its own when it is asked for the catalog."""
        self.place.web.ways["/catalog.toml"] = way

    def is_impatient(self):
        """Let people wait for seconds, not for a minute."""
        Member.program = (sys.executable, "-c", IMPATIENT)
        self.undone.callback(setattr, Member, "program", ("applaunch",))

    def until_peace(self, block):
        """Enter a block that ends when there is peace."""
        return self.undone.enter_context(block)

    def afterwards(self, holds):
        """Look, when there is peace, whether something *holds*."""
        self.undone.callback(_claim, holds)

    def known(self):
        """Return what the line of a refusal may name."""
        today = time.strftime("%Y-%m-%d", time.gmtime())
        return {"key": self.lead.fingerprint(self.lead.key), "today": today, "serial": str(self.accepted)} | self.facts

    def newcomer(self):
        """Return somebody who has accepted nothing yet, and the key that they were given."""
        self.hired += 1
        return self.hire(Member, f"newcomer-{self.hired}"), self.newcomers_key or self.lead.key

    def goes_on(self):
        """Show that the copy that was accepted is in use as ever, and that what is installed runs."""
        found = [each["name"] for each in self.member.asked("search", "program of the team")]
        assert [name for name in found if not name.startswith("extra-")] == ["deploy", "extra", "greet"]
        assert self.upstream.digests()["extra"] in self.member.does("info", "extra").stdout
        assert self.member.runs("greet") == "greet 1\n"
        self.hired += 1
        name = f"extra-{self.hired}"
        assert f"added: ~/.local/bin/{name}" in self.member.does("add", "team/extra", "--as", name).stdout

    def makes_peace(self):
        """Take back what was done; the member has the newest good copy then."""
        self.undone.close()
        self.facts, self.newcomers_key = {}, ""
        self.place.peace()
        self.place.serve(self.good)
        self.updates()


def _claim(holds):
    assert not eventually_none(lambda: not holds(), 5)
