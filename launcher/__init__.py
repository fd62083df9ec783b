"""applaunch: type a program's name, and its container runs as if it were native."""

__version__ = "0.1.0"
