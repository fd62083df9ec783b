"""What is mounted, looked at from inside, against the class that the entry was shown with."""

import os
import subprocess

import pytest

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.policy.derive_permissions import highest_risk
from launcher.core.values.interpolate import substitute
from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.mount import Mount
from launcher.host import process
from launcher.run.grants import JudgedEntry, derive_grants
from tests.run.reach_corpus import LINKS, PATHS, VARIABLES

pytestmark = pytest.mark.engine
PROBE = "docker.io/library/busybox:latest"
OF_THE_MACHINE = ("/etc/passwd", "/usr/bin/env", "/usr/lib/os-release", "/proc/version", "/sys/kernel", "/dev/null")


@pytest.fixture
def ground(home, engine):
    """A home with something in it, and the places of this machine that nobody should be given without being shown."""
    for folder in ("data/sub", "databank", ".aws", ".local/bin"):
        (home.path / folder).mkdir(parents=True, exist_ok=True)
    canaries = [home.path / name for name in ("canary", ".bashrc", ".local/bin/canary")]
    for each in canaries:
        each.write_text("mine\n")
    socket = engine.docker_host.removeprefix("unix://")
    words = {"HOME": str(home.path), "SOCKET": socket, "FOLDER": os.path.dirname(socket)}
    return words, [*map(str, canaries), socket, *filter(os.path.exists, OF_THE_MACHINE)]


def placed(text, words):
    """Return *text* with its words replaced, but never the name of a variable."""
    parts = text.replace("${HOME", "\0").replace("/var/../FOLDER", f"/var/..{words['FOLDER']}")
    for word, path in words.items():
        parts = parts.replace(word, path)
    return parts.replace("\0", "${HOME")


def judged(home, sources, env=None):
    """Return the class of each source alone, as `add` would show it to the caller, whoever runs the tests."""
    env = home.env | (env or {})
    mine = process.read_invocation("probe", (), env)
    call = mine._replace(home=str(home.path), env=env, uid=home.user or home.caller_uid or mine.uid)
    nothing = CatalogEntry("probe", "probe", PROBE, mount_cwd="none", path_args="none", network_mode="none")
    entries = [JudgedEntry(nothing._replace(volumes=(Mount(each, "/m"),))) for each in sources]
    risks = [[each for each in found if each.key == "volumes"] for found in derive_grants(entries, call)]
    return dict(zip(sources, map(highest_risk, risks), strict=True))


def reached(home, engine, sources, canaries, env=None):
    """Return those of *sources* below which the program finds a canary; a container has ten of them."""
    parts = [sources[at : at + 10] for at in range(0, len(sources), 10)]
    return {source for part in parts for source in seen_by_one(home, engine, part, canaries, env)}


def seen_by_one(home, engine, sources, canaries, env):
    """Return those of *sources* below which the program, in one container with all of them, finds a canary."""
    wanted = {(status.st_dev, status.st_ino) for status in map(os.stat, canaries)}
    looked, there = {}, set()
    for at, source in enumerate(sources):
        for canary in canaries:
            parts = canary.split("/")
            found = {"/".join((f"/m/{at}", *parts[n:])): source for n in range(1, len(parts) + 1)}
            looked |= found
            if canary in OF_THE_MACHINE:  # an engine may have an /etc and a /proc of its own, which rule it as well
                there |= {*found} - {f"/m/{at}"}
    (home.path / "list").write_text("".join(f"{path}\n" for path in looked))
    volumes = [f"{source}:/m/{at}:ro" for at, source in enumerate(sources)]
    name = f"probe{len(home.apps)}"
    settings = {"mount_cwd": '"none"', "network_mode": '"none"', "entrypoint": '["/bin/sh", "-c"]'}
    home.app(name, engine.ref(PROBE), volumes=str([*volumes, f"{home.path}/list:/list:ro"]), **settings)
    done = home.run(name, "xargs stat -c '%d %i %n' </list 2>/dev/null; true", env=env, check=True)
    found = (line.split(" ", 2) for line in done.stdout.splitlines())
    return {looked[path] for device, inode, path in found if path in there or (int(device), int(inode)) in wanted}


def exists(source, home, env):
    """Tell whether a launch would mount *source*."""
    try:
        path = substitute(source, home.env | env, str(home.path))
    except InvalidValueError:
        return False
    return path.startswith("/") and os.path.exists(path)


def test_a_path_is_critical_if_and_only_if_what_rules_the_machine_is_seen_through_it(
    home, engine, ground, record_property
):
    record_property("tried", len(PATHS))
    words, canaries = ground
    sources = [placed(each, words) for each in PATHS]
    assert len({*sources}) >= 60

    seen = reached(home, engine, sources, canaries)

    critical = {source for source, risk in judged(home, sources).items() if risk == "critical"}
    assert (critical - seen, seen - critical) == (set(), set())
    assert len(seen) > 40


def test_a_source_with_variables_is_of_the_class_of_the_worst_that_it_may_be(home, engine, ground, record_property):
    record_property("tried", len(VARIABLES))
    words, canaries = ground
    rows = [(placed(source, words), now, later) for source, now, later in VARIABLES]
    names = [f"V{at:02}" for at in range(len(rows))]
    now = {name: placed(row[1], words) for name, row in zip(names, rows, strict=True) if row[1] is not None}
    later = {name: row[2] for name, row in zip(names, rows, strict=True) if row[2] is not None}
    sources = [row[0] for row in rows]
    assert len(sources) == 20

    risks = judged(home, sources, now)
    seen = set()
    for env in (now, later):
        seen |= reached(home, engine, [each for each in sources if exists(each, home, env)], canaries, env)

    critical = {source for source, risk in risks.items() if risk == "critical"}
    assert (critical - seen, seen - critical) == (set(), set())
    assert {*risks.values()} == {"critical", "high"}


def test_a_link_is_of_the_class_of_what_it_leads_to(home, engine, ground, record_property):
    record_property("tried", len(LINKS))
    words, canaries = ground
    for name, target, _ in LINKS:
        (home.path / name).symlink_to(placed(target, words))
    sources = [source for _, _, source in LINKS]
    assert len(sources) == 12

    seen = reached(home, engine, sources, canaries)

    critical = {source for source, risk in judged(home, sources).items() if risk == "critical"}
    assert (critical - seen, seen - critical) == (set(), set())
    assert seen == {*sources} - {"~/to-data", "~/to-sub"}


def test_a_mount_of_the_home_under_another_name_is_the_home(home, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    if os.getuid():
        pytest.skip("mount --bind needs root")

    subprocess.run(["mount", "--bind", home.path, other], check=True)
    try:
        assert judged(home, [str(other)]) == {str(other): "critical"}
    finally:
        subprocess.run(["umount", other], check=True)
