"""Random layers of images over few names, so that their entries meet: files, folders, links, whiteouts."""

from tests.sandbox.trees import entry, link, symlink

NAMES = ("a", "b", "c", "a/b", "b/c", "a/b/c", "a/c", "b/a", "c/a/b")
WILD = ("../a", "a/../../b", "/a", "./b", "a//b", "b/.", "c/..", "..", ".", "")
TARGETS = ("a", "b", "c", "/a", "/b/c", "../a", "../../../outside", "/outside", ".", "..", "b/../c", "c/a")


def random_layer(chance, *, wild=True):
    """Return the entries of a layer; *wild* ones have names that a well-made image has not."""
    names = (*NAMES, *(WILD if wild and chance.random() < 0.2 else ()))
    return [_entry(chance, names) for _ in range(chance.randrange(1, 9))]


def well_made(layer):
    """Return the entries of a layer as engines write them.

    No name twice, no whiteout of what the layer brings itself, no folder without an entry, and nothing through a link.
    """
    found = {}
    for info, data in layer:
        hidden = info.name.replace(".wh.", "")
        parts = hidden.split("/")
        for above in ("/".join(parts[:count]) for count in range(1, len(parts))):
            found.setdefault(above, entry(f"{above}/"))
        if info.islnk():
            source = found.get(info.linkname)
            if source is None or not source[0].isreg() or ".wh." in source[0].name:
                continue
            info.mode, info.mtime = source[0].mode, source[0].mtime
        folder = found.get("/".join(parts[:-1]))
        if hidden not in found and (folder is None or folder[0].isdir()):
            found[hidden] = info, data
    return [*found.values()]


def _entry(chance, names):
    name = chance.choice(names)
    facts = {"mode": chance.choice((0o644, 0o755, 0o600, 0o1777, 0o4755)), "mtime": chance.randrange(1, 10**9)}
    match chance.randrange(12):
        case 0 | 1 | 2:
            return entry(name, chance.choice(("one", "two", "x" * 600)), **facts)
        case 3 | 4 | 5:
            return entry(f"{name}/", **facts)
        case 6 | 7:
            return symlink(name, chance.choice(TARGETS), mtime=facts["mtime"])
        case 8 | 9:
            return link(name, chance.choice(names), **facts)
        case 10:
            folder, _, last = name.rpartition("/")
            return entry(f"{folder}/.wh.{last}" if folder else f".wh.{last}")
        case _:
            return entry(f"{name}/.wh..wh..opq")
