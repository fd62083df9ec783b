"""What the processes of a container do: the rows that docker 20.10 and podman 4.3 give for real containers."""

import pytest

from launcher.core.run.process_states import (
    descendants_of,
    has_stopped_process,
    is_stopped,
    read_processes,
    wants_input,
)

DOCKER, PODMAN = ["PID", "PPID", "STAT", "WCHAN", "COMMAND"], ["PID", "PPID", "STATE", "COMMAND"]
INIT = ["1270", "1245", "SNs", "do_sigtimedwait.isra.0", "docker-init"]


def processes(*rows, titles=DOCKER):
    return read_processes({"Titles": titles, "Processes": [*rows]})


def program(state, wait="hrtimer_nanosleep", pid="1304", parent="1270", name="sh"):
    return [pid, parent, state, wait, name]


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"Titles": None}, {"Titles": DOCKER, "Processes": [["1"]]}, {"Processes": [["a"] * 5]}]
)
def test_an_answer_of_another_form_tells_nothing(answer):
    assert read_processes(answer) == ()
    assert not is_stopped(())
    assert wants_input(()) is None


def test_a_stopped_program_is_the_inits_child():
    assert is_stopped(processes(INIT, program("TN+")))
    assert not is_stopped(processes(INIT, program("SN+")))


def test_a_stopped_program_without_an_init_is_the_first_process():
    assert is_stopped(processes(program("T", parent="7")))


def test_a_job_that_a_shell_has_stopped_is_not_the_program():
    job = program("T", pid="1400", parent="1304")

    for inits in ([INIT], []):
        assert not is_stopped(processes(*inits, program("S"), job))
        assert has_stopped_process(processes(*inits, program("S"), job))


def test_podman_tells_the_state_alone():
    rows = ["1", "0", "S", "podman-init"], ["6", "1", "T", "sh"]

    assert is_stopped(processes(*rows, titles=PODMAN))
    assert wants_input(processes(["1", "0", "S", "podman-init"], ["6", "1", "S", "sh"], titles=PODMAN)) is None


@pytest.mark.parametrize("wait", ["anon_pipe_read", "pipe_read", "do_select", "do_epoll_wait", "a_newer_kernels"])
def test_a_process_may_wait_for_input(wait):
    assert wants_input(processes(INIT, program("S", wait))) is True


@pytest.mark.parametrize("state", ["R", "D", "T", "Z"])
def test_a_busy_process_does_not(state):
    assert wants_input(processes(INIT, program(state, "-"))) is False


@pytest.mark.parametrize("wait", ["hrtimer_nanosleep", "do_wait", "anon_pipe_write", "futex_do_wait.isra.0"])
def test_a_process_that_waits_for_something_else_does_not(wait):
    assert wants_input(processes(INIT, program("S", wait))) is False


def test_one_thread_that_waits_for_input_is_enough():
    assert wants_input(processes(INIT, program("Sl", "futex_do_wait"), program("Sl", "anon_pipe_read"))) is True


def test_a_program_that_has_yet_to_start_does_not_wait_for_input():
    assert wants_input(processes(program("S", "do_epoll_wait", parent="7", name="runc:[2:INIT]"))) is False


def test_it_is_not_known_if_the_kernel_does_not_tell():
    assert wants_input(processes(INIT, program("S", "-"))) is None


def test_the_processes_of_one_program_are_found_in_any_order():
    child, grandchild, other = program("S", pid="9", parent="8"), program("S", pid="10", parent="9"), program("S")

    found = descendants_of(8, processes(grandchild, other, child, program("S", pid="8", parent="3")))

    assert [each.pid for each in found] == [10, 9, 8]
