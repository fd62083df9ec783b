"""A real program in Python, yt-dlp: how long `--version` takes, and how much of it is the program itself."""

from functools import partial

from benchmarks.clock import Failed, Job
from benchmarks.ground import Ground, Home, is_root
from benchmarks.race import ALIAS, Race, Row, Target, Variant
from benchmarks.races.sandboxed import NAME, tree_of, variant

NOBODY = "65534:65534"
"""Who runs it in the tree: not its owner, as whom Python would write files into it."""


def race(ground: Ground) -> Race:
    """The alias, engine and bubblewrap, and the same files in a bare `chroot`."""
    public, program, argument = ground.sizes.program
    image = ground.rig.ref(public)
    home = ground.home("programs")
    names, tables = zip(
        *(
            ground.app(f"python-{runtime}", image=f'"{image}"', runtime=f'"{runtime}"', network_mode='"none"')
            for runtime in ("engine", "bubblewrap")
        ),
        strict=True,
    )
    home.add("".join(tables), *names)
    jobs = {
        ALIAS: ground.docker("run", "--rm", "-i", "--label", ground.label, image, argument),
        "cold": home.job(names[0], argument),
    }
    variants = (
        *(Variant(each, partial(ground.clock.measure, job)) for each, job in jobs.items()),
        variant(ground, ground.clock, NAME, home, (names[1], argument)),
        _chroot(ground, home, image, (program, argument)),
    )
    return Race("programs", variants, ROWS, share=0.6, pause=ground.settle)


def _chroot(ground: Ground, home: Home, image: str, words: tuple[str, str]) -> Variant:
    if not is_root():
        return Variant("chroot", None, "chroot needs root")
    try:
        tree = str(tree_of(ground, home, image))
        job = Job(("/usr/sbin/chroot", f"--userspec={NOBODY}", tree, *words), {"HOME": "/tmp"}, "/")
    except Failed as error:
        return Variant("chroot", None, str(error))
    return Variant("chroot", partial(ground.native_clock.measure, job))


ROWS = (
    Row("alias: `yt-dlp --version`", ALIAS),
    Row("engine, cold, no network: `yt-dlp --version`", "cold", ALIAS),
    Row("**bubblewrap: `yt-dlp --version`**", "bubblewrap", ALIAS, target=Target(0.45), bar="yt-dlp --version"),
    Row("bubblewrap, against `chroot` into the same files", "bubblewrap", "chroot", target=Target(1.15)),
)
