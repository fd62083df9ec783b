"""Many commands of `applaunch` in odd surroundings: `python -m tests.cli.odd_places` reads and writes JSON, as each_view does.

A call is [words, where stdout goes, its environment]: null takes a variable away. Its answer is [exit code, stderr].
"""

import importlib
import json
import os
import pkgutil
import sys
import tempfile

from tests.cli.each_view import _become


def main():
    """Carry out the calls that stdin lists."""
    import launcher.cli

    for module in pkgutil.iter_modules(launcher.cli.__path__, "launcher.cli."):
        importlib.import_module(module.name)
    json.dump([_called(*each) for each in json.load(sys.stdin)], sys.stdout)


def _called(words, where, more):
    with tempfile.TemporaryFile() as err, open(os.devnull) as null:
        child = os.fork()
        if child == 0:
            for name, value in more.items():
                os.environ[name] = value or ""
                if value is None:
                    del os.environ[name]
            out = os.open("/dev/full" if where == "full" else os.devnull, os.O_WRONLY)
            if where == "closed":
                sys.stdout = sys.__stdout__ = None
            if where == "read-only":
                out = os.open(os.devnull, os.O_RDONLY)
            _become(words, {}, null.fileno(), out, err.fileno())
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        err.seek(0)
        return code, err.read().decode("latin-1")


if __name__ == "__main__":
    main()
