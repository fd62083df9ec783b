"""A volume whose source is the current folder follows the rules of mount_cwd."""

import pytest

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.policy.path_args import PathFact
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.values.mount import Mount
from launcher.errors import CannotRunError
from tests.core import examples
from tests.core.examples import ANA

TOOL = CatalogEntry("tool", "tool", "x", mount_cwd="none", user="host", volumes=(Mount("${PWD}", "/data"),))


def planned(cwd, entry=TOOL, kinds=(), theirs=()):
    facts = {path: PathFact(kind, path) for path, kind in (dict(kinds) | {cwd: "folder"}).items()}
    return examples.planned(entry, ANA._replace(cwd=cwd, theirs=theirs), EngineTraits(), facts)


@pytest.mark.parametrize("cwd", ["/", "/etc", "/usr", "/proc/1", "/run", "/dev/shm"])
def test_it_is_refused_in_a_folder_of_the_system(cwd):
    with pytest.raises(CannotRunError) as refused:
        planned(cwd)

    assert refused.value.line == (
        f"applaunch: tool: the current folder {cwd} belongs to the system and is not mounted; "
        "change to another folder, or remove the volume ${PWD}:/data from its entry"
    )


def test_a_folder_of_the_system_that_the_entry_names_is_mounted():
    entry = TOOL._replace(volumes=(Mount("/etc", "/data"),))

    assert planned("/etc", entry).mounts[0] == Mount("/etc", "/data")


@pytest.mark.parametrize("cwd", ["/home/ana", "/home"])
def test_a_remote_app_may_not_write_your_home_by_it(cwd):
    with pytest.raises(CannotRunError) as refused:
        planned(cwd, theirs=("volumes",))

    assert refused.value.line == (
        f"applaunch: tool: the current folder {cwd} is or contains your home, which this app may not write; "
        "cd to another folder, or: write the volume into your own catalog"
    )
    read_only = TOOL._replace(volumes=(Mount("${PWD}", "/data", read_only=True),))
    assert planned(cwd, read_only, theirs=("volumes",)).mounts[0].source == cwd


def test_your_own_app_gets_your_home_with_its_secrets_covered():
    spec = planned("/home/ana", kinds={"/home/ana/.ssh": "folder"})

    assert spec.mounts[0] == Mount("/home/ana", "/data")
    assert ("/data/.ssh", "ro,mode=0555") in spec.tmpfs


def test_files_that_your_shell_runs_are_read_only_in_it():
    kinds = {"/home/ana/.cargo/bin": "folder", "/home/ana/.cargo/credentials": "file"}
    by_name = TOOL._replace(volumes=(Mount("~/.cargo", "/data"),))

    spec = planned("/home/ana/.cargo", kinds=kinds)

    assert Mount("/home/ana/.cargo/bin", "/data/bin", read_only=True) in spec.mounts
    assert Mount("/dev/null", "/data/credentials", read_only=True) in spec.mounts
    assert len(planned("/home/ana/.cargo", by_name, kinds).mounts) == 1


def test_a_remote_app_gets_no_secret_by_it():
    with pytest.raises(CannotRunError, match=r"the current folder /home/ana/\.ssh contains secrets"):
        planned("/home/ana/.ssh", kinds={"/home/ana/.ssh": "folder"}, theirs=("volumes",))


@pytest.mark.parametrize("source", ["${PWD}/", "${PWD}/.", "${PWD}/.."])
def test_other_spellings_count_too(source):
    entry = TOOL._replace(volumes=(Mount(source, "/data"),))
    seen = "/usr/bin" if source.endswith("..") else "/usr"
    facts = {path: PathFact("folder", "/usr") for path in ("/usr", "/usr/.", "/usr/bin/..")}

    with pytest.raises(CannotRunError, match="the current folder /usr belongs to the system"):
        examples.planned(entry, ANA._replace(cwd=seen), EngineTraits(), facts)


def test_a_folder_below_it_is_a_volume_like_any_other():
    entry = TOOL._replace(volumes=(Mount("${PWD}/src", "/data"),))

    assert planned("/usr", entry, {"/usr/src": "folder"}).mounts[0] == Mount("/usr/src", "/data")
