"""What doctor and info say about sandboxes: whether they work here, and why the engine runs an app."""

from types import SimpleNamespace

import pytest

from launcher.core.sandbox.sandbox_traits import SandboxTraits
from launcher.core.values.resolved_image import ResolvedImage
from launcher.manage.doctor import check_sandbox
from launcher.manage.query import runtime_report
from launcher.manage.query.runtime_report import RuntimeReport, report_runtime
from tests.core.examples import ANA, YOUTUBE_DL

GOOD = SandboxTraits("/usr/bin/bwrap", (0, 8, 0), "", "/usr/bin/pasta", "/s.bpf", "amd64")
MISSING = "bubblewrap is not installed; sudo apt install bubblewrap"
NO_NETWORK = "pasta is not installed; sudo apt install passt"


@pytest.fixture
def context(monkeypatch, tmp_path):
    """The context of a command, on a machine with other traits and apps."""

    def make(traits=GOOD, setting="auto", **apps):
        monkeypatch.setattr("launcher.sandbox.detect_sandbox.detect_sandbox", lambda *_: traits)
        monkeypatch.setattr(check_sandbox, "find_traits", lambda _: traits)
        files = {name: SimpleNamespace(entry=entry, pin=ResolvedImage()) for name, entry in apps.items()}
        monkeypatch.setattr(check_sandbox.launch_files, "read", lambda _, name: files.get(name))
        command = {name: SimpleNamespace(commands=(SimpleNamespace(name=name),)) for name in apps}
        return SimpleNamespace(
            call=ANA,
            places=SimpleNamespace(sandbox=str(tmp_path), trees=str(tmp_path), current=str(tmp_path)),
            read_catalogs=lambda **_: SimpleNamespace(settings=SimpleNamespace(runtime=setting)),
            deployed=lambda: command,
            find_engine=lambda: "an engine",
        )

    return make


def said(context):
    return [(each.state, each.what, each.fix) for each in check_sandbox.check_sandbox(context)]


PLAIN = YOUTUBE_DL._replace(network_mode="none")
PORTS = YOUTUBE_DL._replace(user="image")
GROUPS = YOUTUBE_DL._replace(cap_add=("NET_ADMIN",))


def test_a_machine_with_bubblewrap_is_well(context):
    assert said(context(a=PLAIN, b=YOUTUBE_DL)) == [("ok", "bubblewrap 0.8.0 runs programs without the engine", "")]


def test_a_machine_without_any_runtime_hears_it_from_the_check_of_the_engine(context):
    here = context(GOOD._replace(why_not=MISSING), a=PLAIN)
    here.find_engine = lambda: None

    assert said(here) == []


@pytest.mark.parametrize(
    "traits",
    [GOOD._replace(why_not=MISSING), GOOD._replace(seccomp="", why_no_filter=MISSING)],
)
def test_a_machine_without_it_says_once_what_to_install(context, traits):
    assert said(context(traits, a=PLAIN, b=PLAIN)) == [
        ("note", "the engine runs all programs: bubblewrap is not installed", "sudo apt install bubblewrap")
    ]


def test_what_passt_would_gain_is_said_once_and_only_if_an_app_has_a_network(context):
    traits = GOOD._replace(network="", why_no_network=NO_NETWORK)

    assert said(context(traits, a=PLAIN))[1:] == []
    assert said(context(traits, a=PLAIN, b=YOUTUBE_DL, c=YOUTUBE_DL))[1:] == [
        ("note", "the engine runs b, c, which have a network: pasta is not installed", "sudo apt install passt")
    ]


def test_other_reasons_are_named_with_the_first_apps(context):
    apps = dict.fromkeys("abcde", GROUPS)

    assert said(context(**apps))[1:] == [
        ("ok", "the engine runs a (cap_add = ['NET_ADMIN']), b (cap_add = ['NET_ADMIN']), c (cap_add = ['NET_ADMIN']) and 2 more", "")
    ]  # fmt: skip


def test_nobody_who_wants_the_engine_hears_of_sandboxes(context):
    assert said(context(GOOD._replace(why_not=MISSING), setting="engine", a=PLAIN)) == []


@pytest.mark.parametrize(
    ("entry", "setting", "has_engine", "words"),
    [
        (PLAIN, "auto", True, "the engine: its image is not unpacked yet"),
        (PLAIN, "auto", False, "bubblewrap: its image is unpacked at the first call"),
        (PLAIN, "bubblewrap", True, "bubblewrap: its image is unpacked at the first call"),
        (PLAIN, "engine", True, "the engine: runtime = 'engine' in your settings"),
        (PLAIN._replace(runtime="engine"), "bubblewrap", True, "the engine: runtime = 'engine'"),
        (GROUPS, "auto", True, "the engine: cap_add = ['NET_ADMIN']"),
        (GROUPS._replace(runtime="bubblewrap"), "auto", True, "bubblewrap, which cannot run it: cap_add = ['NET_ADMIN']"),
        (PLAIN._replace(tty=True), "bubblewrap", True, "bubblewrap: its image is unpacked at the first call"),
        (PLAIN._replace(user="${NOBODY}"), "auto", True, "the engine: [apps.youtube-dl]: '${NOBODY}' needs NOBODY, which is not set"),
    ],
)  # fmt: skip
def test_the_runtime_of_an_app_is_told_with_its_reason(context, entry, setting, has_engine, words):
    assert report_runtime(context(setting=setting), entry, ResolvedImage(), has_engine=has_engine).words == words


def test_nothing_is_said_where_bubblewrap_runs_it(context, monkeypatch):
    monkeypatch.setattr(runtime_report, "judge_call", lambda *_: SimpleNamespace(why=""))

    assert report_runtime(context(), PLAIN, ResolvedImage()) == RuntimeReport("bubblewrap", "")
    assert RuntimeReport("bubblewrap", "").words == "bubblewrap"
