"""One launch, from a command's name to the program's exit code."""

__path__.append(f"{__path__[0]}/older_shims")  # `launcher.run.bundle`, which shims of version 3 import
