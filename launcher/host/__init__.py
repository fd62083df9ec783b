"""This machine: the process, the terminal, signals, paths, files and shims."""
