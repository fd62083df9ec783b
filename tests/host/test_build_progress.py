"""What a person sees of a build."""

from launcher.host.build_progress import BuildLog


def test_the_log_of_a_failed_build_is_indented():
    said = []
    log = BuildLog("made", said.append, lambda: 80, live=False)

    log.show("Step 1/2 : FROM scratch\n")
    log.show("applaunch: all is well\rapplaunch: really\x1b[2J\n")
    log.fail()

    assert "".join(said).splitlines() == [
        "made: building",
        "  Step 1/2 : FROM scratch",
        "  applaunch: all is well",
        "  applaunch: really\\x1b[2J",
    ]


def test_a_terminal_shows_the_step_on_one_line_and_erases_it_at_the_end():
    said = []
    log = BuildLog("made", said.append, lambda: 20, live=True)

    log.show("Step 1/2 : FROM scratch\n")
    log.end()

    assert said == ["\rmade: building  Ste\x1b[K", "\r\x1b[K"]
