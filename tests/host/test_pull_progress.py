"""What a person sees of a pull, on the screen of a terminal (pyte's) and in a log file."""

import pyte
import pytest

from launcher.core.images.pull_events import PullEvent, PullResult
from launcher.host.pull_progress import choose_progress, human_size, layer_line

DONE = PullResult("sha256:24a2", "Downloaded newer image for jq:latest")


class Terminal:
    def __init__(self, columns=80, lines=10):
        self.screen = pyte.HistoryScreen(columns, lines)
        self.stream = pyte.Stream(self.screen)
        self.written = []

    def write(self, text):
        self.written.append(text)
        self.stream.feed(text)

    def size(self):
        return self.screen.columns, self.screen.lines

    @property
    def shown(self):
        above = ["".join(row[x].data for x in range(self.screen.columns)) for row in self.screen.history.top]
        rows = [row.rstrip() for row in [*above, *self.screen.display]]
        while rows and not rows[-1]:
            rows.pop()
        return rows


@pytest.fixture
def terminal():
    return Terminal()


def on(terminal, *, tty=True, term="xterm"):
    return choose_progress(terminal.write, terminal.size, tty=tty, term=term)


def test_layers_are_updated_in_place_and_end_like_docker(terminal):
    shown = on(terminal)
    shown.begin("jq", "docker.io/library/jq:latest")
    shown.show(PullEvent("latest", "Pulling from library/jq"))
    for layer in ("aaa", "bbb", "ccc"):
        shown.show(PullEvent(layer, "Pulling fs layer"))
    shown.show(PullEvent("bbb", "Downloading", 1_200_000, 2_400_000))
    shown.show(PullEvent("ccc", "Verifying Checksum"))
    shown.show(PullEvent("aaa", "Downloading", 500, 1000))
    shown.show(PullEvent("aaa", "Pull complete"))

    assert terminal.shown == [
        "jq: pulling docker.io/library/jq:latest",
        "latest: Pulling from library/jq",
        "aaa: Pull complete",
        f"bbb: Downloading [{'=' * 21}>{' ' * 21}]    1.2MB/2.4MB",
        "ccc: Verifying Checksum",
    ]
    shown.show(PullEvent("bbb", "Pull complete"))
    shown.show(PullEvent("ccc", "Pull complete"))
    shown.end(DONE)
    assert terminal.shown[2:] == [
        "aaa: Pull complete",
        "bbb: Pull complete",
        "ccc: Pull complete",
        "Digest: sha256:24a2",
        "Status: Downloaded newer image for jq:latest",
    ]


def test_more_layers_than_rows_are_summarized():
    terminal = Terminal(60, 8)
    shown = on(terminal)
    shown.begin("big", "big:1")
    layers = [f"layer{number:02}" for number in range(20)]
    for layer in layers:
        shown.show(PullEvent(layer, "Pulling fs layer"))
    for layer in layers[:15]:
        shown.show(PullEvent(layer, "Pull complete"))
    shown.show(PullEvent("layer17", "Downloading", 7, 10))

    rows = terminal.shown
    assert len(rows) == 1 + 6
    assert "layer17: Downloading" in "\n".join(rows)
    assert rows[-1] == "... 15 more, 15 of 20 done"
    shown.end(DONE)
    assert terminal.shown[-2:] == ["Digest: sha256:24a2", "Status: Downloaded newer image for jq:latest"]
    assert terminal.shown[0] == "big: pulling big:1"
    assert len(terminal.shown) == 1 + 6 + 2


def test_earlier_output_on_the_screen_is_kept(terminal):
    terminal.write("".join(f"$ earlier {number}\r\n" for number in range(12)))
    shown = on(terminal)
    shown.begin("jq", "jq")
    for layer in "abcdefghij":
        shown.show(PullEvent(layer, "Waiting"))
    for layer in "abcdefghij":
        shown.show(PullEvent(layer, "Pull complete"))

    assert terminal.shown[:12] == [f"$ earlier {number}" for number in range(12)]
    assert terminal.shown[12] == "jq: pulling jq"


def test_progress_starts_again_below_after_a_resize(terminal):
    shown = on(terminal)
    for layer in "abc":
        shown.show(PullEvent(layer, "Waiting"))
    terminal.screen.resize(6, 40)
    shown.show(PullEvent("a", "Downloading", 1, 2))
    shown.show(PullEvent("b", "Pull complete"))

    assert terminal.shown[-3:] == ["a: Downloading       1B/2B", "b: Pull complete", "c: Waiting"]


@pytest.mark.parametrize("columns", [1, 2, 10, 20, 40, 80, 200])
def test_no_line_ever_wraps(columns):
    event = PullEvent("0123456789ab", "Downloading", 123_456_789, 987_654_321)

    assert len(layer_line(event, columns)) <= max(columns - 1, 1)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (PullEvent("ab", "Downloading", 50, 100), f"ab: Downloading [{'=' * 25}>{' ' * 25}]      50B/100B"),
        (PullEvent("ab", "Downloading", 100, 100), f"ab: Downloading [{'=' * 50}>]     100B/100B"),
        (PullEvent("ab", "Downloading", 150, 100), f"ab: Downloading [{'=' * 50}>]     150B"),
        (PullEvent("ab", "Downloading", 1_234_567, 0), "ab: Downloading  1.235MB"),
        (PullEvent("ab", "Extracting", text="3 s"), "ab: Extracting 3 s"),
        (PullEvent("ab", "Already exists"), "ab: Already exists"),
        (PullEvent("", "WARNING: other platform"), "WARNING: other platform"),
        (PullEvent("ab\x1b[2J", "x\u202ey\n"), "ab\\x1b[2J: x\\u202ey\\n"),
        (PullEvent("ab", "\u597d"), "ab: \\u597d"),
    ],
)  # fmt: skip
def test_a_line_looks_like_dockers_and_is_escaped(event, text):
    assert layer_line(event, 200) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0B"),
        (999, "999B"),
        (1000, "1kB"),
        (1_234_567, "1.235MB"),
        (75_051_892, "75.05MB"),
        (1_500_000_000, "1.5GB"),
        (10**18, "1000PB"),
    ],
)
def test_sizes_are_decimal_like_dockers(size, text):
    assert human_size(size) == text


@pytest.mark.parametrize(("tty", "term"), [(False, "xterm"), (True, "dumb"), (True, "")])
def test_a_log_gets_one_line_before_the_pull_and_one_after(terminal, tty, term):
    shown = on(terminal, tty=tty, term=term)
    shown.begin("jq", "docker.io/library/jq:latest")
    for number in range(100):
        shown.show(PullEvent("aaa", "Downloading", number, 100))
    shown.end(DONE)

    assert terminal.written == [
        "jq: pulling docker.io/library/jq:latest\n",
        "Digest: sha256:24a2 Status: Downloaded newer image for jq:latest\n",
    ]


def test_a_missing_digest_prints_no_empty_line(terminal):
    on(terminal).end(PullResult("", "Image is up to date for jq:latest"))

    assert terminal.shown == ["Status: Image is up to date for jq:latest"]


def test_an_unchanged_line_is_not_rewritten(terminal):
    shown = on(terminal)
    shown.show(PullEvent("a", "Waiting"))
    shown.show(PullEvent("a", "Waiting"))

    assert len(terminal.written) == 1
