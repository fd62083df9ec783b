"""The changelog tells of this version."""

import re

import launcher
from tests.docs.markdown import ROOT


def test_the_changelog_tells_of_this_version():
    titles = re.findall(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert titles[0] in ("Unreleased", launcher.__version__)
