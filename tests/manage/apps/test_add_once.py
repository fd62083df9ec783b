"""Adding an app works everything out once: the plan has it all."""

import sys
from collections import Counter

from launcher.core.catalog.merge import resolve
from launcher.manage.apps.add import AddRequest, add_apps
from launcher.run.grants import derive_grants
from launcher.state.database import open_for_reading, open_for_writing


def count(functions, work):
    """Do *work*, and return how often each of *functions* was called."""
    names = {each.__wrapped__.__code__ if hasattr(each, "__wrapped__") else each.__code__: each for each in functions}
    calls, frames = Counter(), []  # a generator is entered again with the frame that it had

    def profile(frame, event, _):
        if event == "call" and frame.f_code in names and frame not in frames:
            frames.append(frame)
            calls[names[frame.f_code].__name__] += 1

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def test_an_app_is_resolved_once_for_its_plan_and_once_for_its_launch_file(world):
    world.catalog('[apps.a]\nimage = "docker.io/library/a:1"\n')

    calls = count([resolve, derive_grants], lambda: add_apps(world.context("add", "a"), AddRequest(("a",))))

    assert calls == {"resolve": 2, "derive_grants": 1}


def test_the_record_is_read_for_the_plan_and_for_its_check_and_written_at_begin_and_end(world):
    world.catalog('[apps.a]\nimage = "docker.io/library/a:1"\n')
    context = world.context("add", "a")

    calls = count([open_for_reading, open_for_writing], lambda: add_apps(context, AddRequest(("a",))))

    assert calls == {"open_for_reading": 2, "open_for_writing": 2}
