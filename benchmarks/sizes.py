"""How large everything is that gets measured: as the targets say, or tiny for a smoke."""

from typing import NamedTuple


class Sizes(NamedTuple):
    """Counts, bytes and seconds."""

    loop: int = 50  # calls one after another
    crowd: int = 50  # calls at once
    output: int = 500_000_000
    through: int = 300_000_000
    long: int = 3_000_000_000  # through: so many bytes that the start of the program does not count
    listed: int = 30
    apps: tuple[int, int, int] = (10, 1_000, 10_000)
    rows: int = 1_000_000  # of the journal of runs
    transactions: int = 10_000
    pause: float = 1.0  # between two calls a person makes
    unpacked: str = "docker.io/vimagick/youtube-dl:latest"  # 420 MB
    program: tuple[str, str, str] = (
        "docker.io/vimagick/youtube-dl:latest",
        "/opt/youtube-dl/bin/youtube-dl",
        "--version",
    )  # an image, its program, and an argument
    judged: bool = True  # whether the targets mean anything at these sizes


TINY = Sizes(
    loop=2,
    crowd=2,
    output=3_000_000,
    through=2_000_000,
    long=4_000_000,
    listed=5,
    apps=(10, 20, 40),
    rows=2_000,
    transactions=50,
    pause=0.1,
    unpacked="docker.io/library/busybox:latest",
    program=("docker.io/library/busybox:latest", "/bin/busybox", "true"),
    judged=False,
)


def megabytes(count: int) -> str:
    """Write a number of bytes as people do."""
    return f"{count // 1_000_000} MB"
