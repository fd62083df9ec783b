"""What to do about a volume whose source is missing: a socket, a file or a folder, judged by its name."""

from shlex import quote

_ENDINGS = (".conf", ".cfg", ".ini", ".json", ".toml", ".yaml", ".yml", ".txt", ".pem", ".crt", ".key", ".env", ".log")
_NAMES = (".netrc", ".gitconfig", ".pgpass", ".Xauthority", ".git-credentials", ".bash_history", "passwd", "group")


def fix_of(source: str) -> str:
    """Return how to make the missing *source* of a volume."""
    name = source.rpartition("/")[2]
    if name.endswith((".sock", ".socket")):
        return "start the program that makes this socket, or remove the volume from the entry"
    if name in _NAMES or name.endswith(_ENDINGS) or (name.startswith(".") and name.endswith("rc")):
        return f"make the file, or remove the volume from the entry: touch {quote(source)}"
    return f"mkdir -p {quote(source)}"
