"""applaunch: type a program's name, and its container runs as if it were native."""

__version__ = "0.1.0"
__path__.append(f"{__path__[0]}/run/older_shims")  # `launcher.quick`, which older shims import
