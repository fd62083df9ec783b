"""The descriptors above 2 that the caller has passed on to this process."""

import os
import subprocess
import sys

CODE = """
import os
from launcher.host.passed_descriptors import passed_descriptors
ours = os.open("/", os.O_RDONLY)
print(sorted(passed_descriptors()))
"""


def test_the_callers_are_told_from_our_own():
    reading, writing = os.pipe()
    os.dup2(reading, 63)
    try:
        done = subprocess.run([sys.executable, "-c", CODE], pass_fds=[63], capture_output=True, check=True, text=True)
    finally:
        for descriptor in (reading, writing, 63):
            os.close(descriptor)

    assert done.stdout == "[63]\n"
