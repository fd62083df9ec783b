"""What becomes of each signal: the program gets it, or the launch ends where the engine does not answer."""

import signal

import pytest

from launcher.core.values.run_spec import RunSpec
from launcher.engine.signal_forwarding import SignalForwarder
from launcher.errors import EngineError, EngineStalledError, Interrupted

INT, TERM, HUP, QUIT, KILL, ALRM = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGKILL,
    signal.SIGALRM,
)
ENDING = [INT, TERM, HUP, QUIT]
each_ending = pytest.mark.parametrize("number", ENDING, ids=lambda number: number.name)


class World:
    """An engine and a console that remember, and a clock that stands still until the alarm rings."""

    def __init__(self, *states, tty=False, refused=None, prompt=False):
        self.states, self.refused, self.prompt = [*states], refused, prompt
        self.sent, self.sizes, self.probes = [], [], 0
        self.now, self.rings = 100.0, None
        spec = RunSpec("an image", tty=tty, stop_grace_period=10.0)
        self.passing = SignalForwarder(spec, self, self, "abc", lambda: self.now)

    def send_signal(self, container, number):
        assert container == "abc"
        if self.refused:
            raise self.refused
        self.sent.append(number)
        return self if self.states else None

    def send_size(self, container, rows, columns):
        self.sizes.append((container, rows, columns))

    def probe(self):
        self.probes += 1
        if self.refused:
            raise self.refused
        return self

    def state(self, patience=0.0):
        if patience and not self.prompt:
            return "silent"
        state = self.states.pop(0)
        if isinstance(state, Exception):
            raise state
        return state

    def size(self):
        return 24, 80

    def alarm(self, seconds):
        self.rings = self.now + seconds

    def ring(self):
        """Let the time pass until the alarm rings, and return how long that was."""
        before, self.now, self.rings = self.now, self.rings, None
        self.passing(ALRM)
        return round(self.now - before, 3)


@each_ending
def test_the_program_gets_a_signal(number):
    world = World("answered")

    world.passing(number)
    world.ring()

    assert world.sent == [number]


@each_ending
def test_no_alarm_is_set_if_the_engine_answers_in_time(number):
    world = World("answered", prompt=True)

    world.passing(number)

    assert world.sent == [number]
    assert world.rings == (None if number == INT else pytest.approx(110.0))  # the end of the grace period


@each_ending
def test_a_silent_engine_ends_the_launch(number):
    world = World("silent")
    world.passing(number)

    with pytest.raises(Interrupted) as ended:
        world.ring()

    assert (ended.value.number, ended.value.typed) == (number, False)
    assert world.now - 100.0 < 0.4


@each_ending
def test_a_slow_engine_gets_some_seconds(number):
    world = World("slow", "slow")
    world.passing(number)
    assert world.ring() < 0.4

    with pytest.raises(Interrupted):
        world.ring()

    assert 3 < world.now - 100.0 < 8


def test_a_slow_engine_that_answers_has_sent_the_signal():
    world = World("slow", "answered")
    world.passing(INT)
    world.ring()

    world.ring()

    assert (world.sent, world.rings) == ([INT], None)


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGUSR2, signal.SIGCONT])
def test_a_signal_that_does_not_end_a_process_is_only_sent(number):
    world = World("silent")

    world.passing(number)

    assert (world.sent, world.rings) == ([number], None)


@each_ending
def test_an_engine_that_accepts_no_request_ends_the_launch_immediately(number):
    world = World(refused=EngineStalledError("engine", "did not answer"))

    with pytest.raises(Interrupted) as ended:
        world.passing(number)

    assert ended.value.number == number


def test_repeating_a_signal_does_not_restart_the_timeout():
    world = World("silent")
    world.passing(INT)
    world.now += 0.3
    world.passing(INT)

    with pytest.raises(Interrupted):
        world.ring()

    assert world.now - 100.0 < 0.4


def test_a_refusal_by_the_engine_is_raised():
    world = World(EngineError("engine", "no"))
    world.passing(TERM)

    with pytest.raises(EngineError, match="no"):
        world.ring()


@pytest.mark.parametrize("number", [TERM, HUP, QUIT])
def test_the_program_is_killed_after_the_grace_period(number):
    world = World("answered")
    world.passing(number)

    assert world.ring() == 0.35
    assert world.ring() == 9.65
    assert world.sent == [number, KILL]


def test_a_second_sigterm_kills():
    world = World()

    world.passing(TERM)
    world.passing(TERM)

    assert world.sent == [TERM, KILL]


def test_a_hangup_of_the_terminal_gives_one_second():
    world = World(tty=True)
    world.passing(HUP)

    while KILL not in world.sent:
        world.ring()

    assert world.now - 100.0 == 1.0


def test_a_new_size_is_sent_only_with_a_terminal():
    for tty, sizes in ((True, [("abc", 24, 80)]), (False, [])):
        world = World(tty=tty)

        world.passing(signal.SIGWINCH)

        assert world.sizes == sizes


@pytest.mark.parametrize(("keys", "number"), [(b"\x03", INT), (b"abc\x03", INT), (b"\x1c", QUIT)])
def test_a_typed_key_ends_the_launch_if_the_engine_is_silent(keys, number):
    world = World("silent", tty=True)
    world.passing.typed(keys)

    with pytest.raises(Interrupted) as ended:
        world.ring()

    assert (ended.value.number, ended.value.typed, world.sent) == (number, True, [])


def test_other_keys_cause_no_request():
    world = World(tty=True)

    world.passing.typed(b"q\x04\x1a\x1b[A")

    assert world.probes == 0


def test_a_typed_key_only_reaches_the_program_if_the_engine_answers():
    world = World("answered", tty=True)
    world.passing.typed(b"\x03")

    world.ring()

    assert (world.sent, world.rings) == ([], None)
