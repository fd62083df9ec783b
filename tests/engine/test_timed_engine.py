"""An engine that is timed is the engine it was: every verb goes on as it came, and its time is told."""

import pytest

from launcher.core.values.run_spec import RunSpec
from launcher.engine.engine_protocol import Engine
from launcher.engine.timed_engine import TimedEngine
from launcher.errors import EngineError, ImageMissingError

SPEC = RunSpec("an image")
STREAM = object()


class Recorder:
    """An engine that remembers what it was asked, and refuses what it is told to refuse."""

    def __init__(self, **refused):
        self.asked = []
        self.refused = refused

    def __getattr__(self, verb):
        def do(*words):
            self.asked.append((verb, *words))
            if verb in self.refused:
                raise self.refused[verb]
            return ANSWERS.get(verb)

        return do


ANSWERS = {"create": "abc", "attach": STREAM, "wait": lambda: 37, "remove": True}
VERBS = {
    "create": (SPEC,),
    "attach": ("abc", SPEC),
    "wait": ("abc",),
    "start": ("abc",),
    "send_signal": ("abc", 15),
    "send_size": ("abc", 24, 80),
    "probe": (),
    "resize": ("abc", 24, 80),
    "processes": ("abc",),
    "wake": ("abc",),
    "remove": ("abc", 5.0),
    "close": (),
}


SHOWN = {"send_signal": "kill", "send_size": "resize", "processes": "top"}


def test_timed_engine_has_every_method_of_an_engine():
    verbs = {name for name in vars(Engine) if not name.startswith("_")}

    assert {*VERBS} == verbs


@pytest.mark.parametrize("verb", VERBS)
def test_a_call_and_its_result_are_passed_on_unchanged(verb):
    engine, marks = Recorder(), []

    answer = getattr(TimedEngine(engine, marks.append), verb)(*VERBS[verb])

    assert engine.asked == [(verb, *VERBS[verb])]
    assert marks == ["", SHOWN.get(verb, verb)]
    assert answer() == 37 if verb == "wait" else answer is ANSWERS.get(verb)


@pytest.mark.parametrize("verb", VERBS)
def test_an_error_is_passed_on_unchanged_and_timed(verb):
    trouble, marks = ImageMissingError("an image", "is not here"), []

    with pytest.raises(ImageMissingError) as told:
        getattr(TimedEngine(Recorder(**{verb: trouble}), marks.append), verb)(*VERBS[verb])

    assert told.value is trouble
    assert marks == ["", SHOWN.get(verb, verb)]


def test_the_time_between_start_and_exit_code_is_the_programs():
    marks = []
    engine = TimedEngine(Recorder(), marks.append)

    container = engine.create(SPEC)
    engine.attach(container, SPEC)
    exit_code = engine.wait(container)
    engine.start(container)
    code = exit_code()
    engine.close()

    assert code == 37
    named = [name for name in marks if name]
    assert named == ["create", "attach", "wait", "start", "program", "exit code", "close"]


def test_a_signal_during_a_call_is_timed_separately():
    class Struck(Recorder):
        def remove(self, container, patience):
            engine.send_signal(container, 15)  # as a signal's handler does
            return True

    marks = []
    engine = TimedEngine(Struck(), marks.append)
    engine.start("abc")
    engine.send_signal("abc", 2)
    engine.remove("abc", 5.0)

    assert marks == ["", "start", "program", "kill", "program", "remove", "kill", "remove"]


def test_a_missing_exit_code_is_an_engine_error():
    def never():
        raise EngineError("here", "lost the program")

    class Lost(Recorder):
        def wait(self, _):
            return never

    marks = []
    exit_code = TimedEngine(Lost(), marks.append).wait("abc")

    with pytest.raises(EngineError, match="lost the program"):
        exit_code()
    assert marks[-1] == "exit code"
