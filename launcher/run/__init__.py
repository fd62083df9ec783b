"""One launch, from a command's name to the program's exit code."""
