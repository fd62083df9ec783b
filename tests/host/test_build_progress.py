"""What a person sees of a build."""

from launcher.host.build_progress import BuildLog


def test_the_whole_log_of_a_failure_is_set_in_so_that_no_line_of_it_passes_for_one_of_ours():
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


def test_on_a_terminal_one_line_tells_the_step_and_is_gone_afterwards():
    said = []
    log = BuildLog("made", said.append, lambda: 20, live=True)

    log.show("Step 1/2 : FROM scratch\n")
    log.end()

    assert said == ["\rmade: building  Ste\x1b[K", "\r\x1b[K"]
