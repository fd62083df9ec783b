"""Every page: links lead somewhere, files that it names exist, nothing private is in it."""

import re

import pytest

from tests.docs.markdown import PAGES, ROOT


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_link_leads_somewhere(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    wrong = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, heading = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (heading and heading not in headings(there)):
            wrong.append(target)

    assert wrong == []


def headings(page):
    """Return a page's headings as GitHub links to them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_file_of_the_project_that_a_page_names_exists(page):
    named = re.findall(r"`((?:launcher|tests|shims|docs|\.ci)/[\w./-]*[\w/])`", page.read_text())

    assert [path for path in named if not (ROOT / path).exists()] == []


MACHINE = re.compile(
    r"(?<![\w.~}-])/(?:work|root/\.(?:pyenv|cache|local)|home/runner)(?![\w-])"  # where somebody's checkout lies
    r"|\b(?!docker\.internal\b)[\w-]+\.(?:internal|local|lan|corp|intranet)\b(?!-)"
    r"|\b(?:10\.\d+|192\.168)\.\d+\.\d+\b"
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_no_private_host_and_no_folder_of_one_machine(page):
    assert [line for line in page.read_text().splitlines() if MACHINE.search(line)] == []


def test_what_is_private_is_found():
    for line in (
        "cd /work" + "/main",
        "/root" + "/.pyenv/shims",
        "pip -i https://mirror.corp/simple",
        "at 10.1.2.3:80",
    ):
        assert MACHINE.search(line), line
    for line in ("~/.local/bin", "$HOME/work", "127.0.0.1", "/workdir", "172.29.77.0/24"):
        assert not MACHINE.search(line), line
