"""Random aliases, functions, lines and catalogs thrown at the import: `python -m tests.fuzz.fuzz_import [N] [SEED]`.

Each example is read, set among a random catalog, shown and written as a text, under a `Guard`, which raises where
anything is started, loaded, connected to, read or written. What is told at the end are counts, and
every example that broke a promise, with the seed that makes it again.
"""

import random
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from typing import Any

from launcher.core.catalog import toml_edit
from launcher.core.catalog.catalog_file import Catalog
from launcher.core.imports.docker.option_parser import FLAGS
from launcher.core.imports.docker.option_values import Caller
from launcher.core.imports.docker.proposal import Found
from launcher.core.imports.import_conflicts import resolve_conflicts
from launcher.core.imports.script_reader import from_script
from launcher.errors import CatalogError, UserError, printable
from tests.fuzz.guard import Guard, Started, load_everything

ME = Caller("/home/ana", 1000, 1000, "ana", "/home/ana/project")

_WORDS = r"""
$(pwd) $PWD ${PWD} $HOME ~ ~bob $UID $USER $1 $@ "$@" $* $argv $argv[1] $$ $? $! $- ${A:-b} ${A:=b} ${A:?b} ${A?} ${A%x}
$((1+1)) $A$B {a,b} {1..9} * ? [a-z] !! !$ ^a^b %1 =ls a=b A+=b ; & && || | |& > >> < <<EOF <<<x &> ( ) { } [[ ]] ;;
' " \ ` $ $( ${ $' $" # -- - = : , / . .. -1 1e999 x:y:ro /:/ /var/run/docker.sock:/s
function end begin if then fi do done case esac alias eval exec sudo env docker podman run --rm -it -v -u
"""
_PHRASES = "$(id -u)|$(id -g)|$(touch /tmp/x)|`id`|<(ls)|>(ls)|# c|2>&1|A=1 B=2|rm -rf /|docker run|a b"
_SIGNS = ("\\\n", "\n", "\r", "\t", "\0", "\x1b[31m", "\x7f", "\u202e", "\ufeff", "\ufffd", "", " ", "\U0001f600")
_FORMS = "1 a a=b /a:/b $PWD:/data ~/x:/y:ro 8080:80 512m type=bind,source=/a,target=/b host none NET_ADMIN 1.5"
NASTY = (*_WORDS.split(), *_PHRASES.split("|"), *_SIGNS, "a" * 300, "0" * 40)
VALUES = _FORMS.split()
IMAGES = ("alpine", "ghcr.io/a/b:1", "x@sha256:" + "0" * 64)
NAMES = ("x", "youtube-dl", "Rscript", "jq", "z")
BAD_NAMES = ("..", "a b", "\u00e9", "x" * 80, "", "-x", "/x")
BAD_IMAGES = ("X", "a//b", "", "$IMAGE", "docker.io/library/" + "y" * 300)


def mostly(rng: random.Random, good: Sequence[str], bad: Sequence[str]) -> str:
    """Return something sensible, and now and then something that is not."""
    return rng.choice(bad) if rng.randrange(8) == 0 else rng.choice(good)


def quoted(rng: random.Random, said: str) -> str:
    """Return *said* in quotes of some kind, most times well closed."""
    well = ("'" + said.replace("'", "'\\''") + "'", '"' + said.replace("\\", "\\\\").replace('"', '\\"') + '"')
    return mostly(rng, well, (f"'{said}'", f'"{said}"', f"$'{said}'", said, f"'{said}", f'"{said}'))


def option(rng: random.Random) -> str:
    """Return one option, in one of its forms, with a value that may be nonsense."""
    flag = rng.choice(list(FLAGS.values()))
    value = mostly(rng, VALUES, NASTY)
    value = quoted(rng, value) if rng.randrange(3) == 0 else value
    name = f"-{flag.short}" if flag.short and rng.randrange(2) else f"--{flag.name}"
    well = (f"{name} {value}", f"{name}={value}") if flag.takes else (name, f"{name}=true", f"{name}=false")
    return mostly(rng, well, (f"{name}{value}", name, value, f"{name} {value}", f"--{value}", f"-{value}"))


def run(rng: random.Random) -> str:
    """Return one run of a container."""
    before = mostly(rng, ("", "", "sudo ", "command "), ("A=1 ", "$ ", "docker.", "time ", "eval "))
    program = mostly(rng, ("docker run", "podman run", "docker container run"), ("docker -D run", "docker exec", "doc"))
    parts = [option(rng) for _ in range(rng.randrange(6))]
    rest = [mostly(rng, ("sh", "-c", "a"), NASTY) for _ in range(rng.randrange(3))]
    return f"{before}{program} --rm {' '.join([*parts, mostly(rng, IMAGES, BAD_IMAGES), *rest])}"


def definition(rng: random.Random) -> str:
    """Return an alias, a function or a line."""
    name, body = mostly(rng, NAMES, BAD_NAMES), run(rng)
    forms = (
        f"alias {name}={quoted(rng, body)}",
        f"alias {name} {quoted(rng, body)}",
        f'{name}() {{ {body} "$@"; }}',
        f'function {name} {{\n  {body} "$@"\n}}',
        f"function {name} --description {quoted(rng, rng.choice(NASTY))}\n  {body} $argv\nend",
        f"if true; then alias {name}={quoted(rng, body)}; fi",
        body,
        f"{name}={quoted(rng, rng.choice(NASTY))}",
        f"D={quoted(rng, body)}\nalias {name}='$D x'\nA=({rng.choice(NASTY)} b)",
        f'h() {{ {body} "$1" "$@"; }}\n{name}() {{ local A={rng.choice(NASTY)}; h {rng.choice(VALUES)} $A "$@"; }}',
        f'{name}() {{ if command -v {name}; then command {name} "$@"; else {body} "$@"; fi; echo {rng.choice(NASTY)}; }}',
        f"#!/bin/sh\n[ -t 0 ] && T=-t\n{body} $T $(cat <<E\nit's\nE\n)",
    )
    return rng.choice(forms)


def text(rng: random.Random) -> str:
    """Return a script of a few definitions, with some of its characters changed."""
    said = "\n".join(definition(rng) for _ in range(rng.randrange(1, 4)))
    for _ in range(rng.choice((0, 0, 0, 0, 1, 5))):
        at = rng.randrange(len(said) + 1)
        said = said[:at] + rng.choice(NASTY) + said[at + rng.randrange(4) :]
    return said


def catalog(rng: random.Random) -> str:
    """Return a catalog of the user's, in one of the forms that it may have."""
    defaults = ("", "[defaults]\ninit = false\n", '[defaults]\nenvironment = ["A"]\nnetwork_mode = "none"\n')
    jq, dl = '[apps]\njq = "docker.io/library/jq:1"\n', "[apps.youtube-dl]  # mine\nimage = 'a'\n"
    said, apps = rng.choice(defaults), rng.choice(("", jq, dl, "apps = { z = 'y' }\n"))
    if apps.startswith("apps ="):
        return f"schema = 1\n{apps}{said}"
    return f"# mine\nschema = 1\n{said}{apps}"


def judge(said: str, mine: str, *, fish: bool) -> Counter[str]:
    """Read *said* over the catalog *mine* and hold every promise against it; raises AssertionError."""
    own = Catalog.parse(mine, "user", "catalog.toml")
    built_in = Catalog.parse("schema = 1\n[apps.jq]\nimage = 'b'\nvolumes = ['/a:/b']\n", "built-in", "built-in")
    found = from_script(said, "text", ME, is_fish=fish, name="tool")
    counts = Counter(left=len(found.skipped), proposals=len(found.proposals))
    tables: dict[str, Any] = {}
    for proposal in found.proposals:
        for note in proposal.notes:
            assert note.fate in ("carried", "explained", "refused"), note
            assert note.why or note.fate == "carried", note
            counts[note.fate] += 1
        try:
            one = resolve_conflicts(proposal, own, [built_in])
        except CatalogError:
            counts["refused by the catalog"] += 1
            continue
        shown = toml_edit.render_apps({one.proposal.name: one.proposal.table})
        assert tomllib.loads(shown) == {"apps": {one.proposal.name: one.proposal.table}}, shown
        if not one.taken:
            tables[one.proposal.name] = one.proposal.table
    after = toml_edit.append_apps(mine, tables)
    before = tomllib.loads(mine).get("apps", {})
    assert tomllib.loads(after).get("apps", {}) == {**before, **tables}, after
    Catalog.parse(after, "user", "catalog.toml").check()
    assert all(printable(shown).isprintable() for shown in _shown(found))
    return counts


def _shown(found: Found) -> list[str]:
    notes = [part for each in found.proposals for note in each.notes for part in (note.part, note.why)]
    return [*notes, *(part for each in found.skipped for part in (each.name, each.text, each.why))]


def main(words: list[str]) -> int:
    """Run the examples that are asked for, and tell."""
    number = int(words[0]) if words else 100_000
    seed = int(words[1]) if len(words) > 1 else 1
    counts: Counter[str] = Counter()
    broken = []
    load_everything()
    began = time.perf_counter()
    for example in range(number):
        rng = random.Random(f"{seed}/{example}")
        said, mine, fish = text(rng), catalog(rng), rng.random() < 0.25
        try:
            with Guard():
                counts += judge(said, mine, fish=fish)
        except (Exception, Started) as error:  # noqa: BLE001  whatever it is, the example is told
            is_ours = "" if isinstance(error, UserError) else type(error).__name__
            broken.append(f"{seed}/{example}: {is_ours} {error}\n{said!r}")
    seconds = time.perf_counter() - began
    sys.stdout.write(
        f"{number} examples in {seconds:.0f} s, seed {seed}: nothing was started or written\n" * (not broken)
    )
    sys.stdout.write("".join(f"{what}: {count}\n" for what, count in sorted(counts.items())))
    sys.stdout.write("".join(f"BROKEN {each}\n" for each in broken[:20]))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
