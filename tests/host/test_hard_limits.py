import subprocess
import sys

from launcher.host.hard_limits import hard_limits


def test_a_hard_limit_is_the_shells():
    program = "from launcher.host.hard_limits import hard_limits; print(hard_limits(['nofile', 'core', 'nosuch']))"

    done = subprocess.run(
        ["bash", "-c", f'ulimit -n 777 && ulimit -c 0 && exec "{sys.executable}" -c "$0"', program],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout == "{'nofile': 777, 'core': 0}\n"


def test_no_limit_is_minus_one():
    assert hard_limits(["cpu"]) == {"cpu": -1}
