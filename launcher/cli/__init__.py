"""The command line of `applaunch`: the only room that imports typer and rich."""

import signal
import sys


def main() -> None:
    """Run the `applaunch` command and exit with its code: 0 success, 1 error, 2 usage, 130 interrupted."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a Ctrl-C while we load, before anything has begun
    from launcher.cli.dispatch import run  # noqa: PLC0415  so that importing this package costs nothing

    sys.exit(run(sys.argv[1:]))
