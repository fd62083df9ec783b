"""Projects of others, and files that are none: installed apps run as installed, at once, and a terminal is told why."""

import json
import os

import pexpect
import pytest

from tests.home import VENV

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to others: run as root")
ANA, MALLORY = 4242, 4343
BB = "docker.io/library/busybox:latest"
SAYS = f'schema = 1\n[apps.bb]\nentrypoint = ["echo", "project"]\n[apps.only]\nimage = "{BB}"\n'
SECONDS = 20  # for a call that takes one


@pytest.fixture
def ana(home, tmp_path):
    """Somebody with an app on PATH, and a project in a folder that is not below the home."""
    home.catalog(f'[apps.bb]\nimage = "{BB}"\nentrypoint = ["echo", "mine"]\nnetwork_mode = "none"\n')
    home.run("applaunch", "add", "bb", check=True)
    home.project = tmp_path / "shared/proj"
    home.project.mkdir(parents=True)
    (home.project / "applaunch.toml").write_text(SAYS)
    give(home.project, ANA, ANA)
    give(home.project / "applaunch.toml", ANA, ANA)
    home.owned_by(ANA)
    for folder in tmp_path.parents:
        if folder.stat().st_mode & 0o020 and not folder.stat().st_mode & 0o1000:
            pytest.fail(f"{folder} may be written by others: no project below it counts")
    return home


def give(path, uid, gid, mode=None):
    os.chown(path, uid, gid, follow_symlinks=False)
    if mode is not None:
        path.chmod(mode)


def line(home, name="bb", folder=None, code=0):
    """Return what would run, or the one line that says why nothing does."""
    ended = home.run("applaunch", "run", "--dry-run", name, "x", cwd=folder or home.project, timeout=SECONDS)
    assert ended.returncode == code, ended.stderr
    assert (ended.stdout == "") != (ended.stderr == "")
    return (ended.stdout or ended.stderr).rstrip()


def typed(home, *words, answers=(), folder=None):
    """Return what a person sees who types *words* on a terminal, and answers each question."""
    child = pexpect.spawn(
        home.prefix[0], [*home.prefix[1:], str(VENV / words[0]), *words[1:]],
        env=home.env, cwd=str(folder or home.project), encoding="utf-8", timeout=SECONDS, dimensions=(24, 400),
    )  # fmt: skip
    shown = ""
    for answer in answers:
        child.expect(r"\[y/N\]: ")
        shown += child.before
        child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    return shown + child.before


def test_a_project_of_the_callers_own_counts_once_it_is_trusted(ana):
    assert "that file is not trusted yet" in line(ana, code=1)
    ana.run("applaunch", "trust", "-y", cwd=ana.project, check=True)

    assert line(ana).endswith("project x")


FOREIGN = {
    "its catalog belongs to somebody else": (lambda folder: give(folder / "applaunch.toml", MALLORY, ANA), f"belongs to uid {MALLORY}"),
    "its catalog may be written by anybody": (lambda folder: (folder / "applaunch.toml").chmod(0o666), "anybody may write"),
    "its catalog may be written by a group": (lambda folder: give(folder / "applaunch.toml", ANA, 5151, 0o664), "the group 5151 may write"),
    "its folder belongs to somebody else": (lambda folder: give(folder, MALLORY, ANA), f"is in {{folder}}, which belongs to uid {MALLORY}"),
    "its folder may be written by anybody": (lambda folder: folder.chmod(0o777), "is in {folder}, which anybody may write"),
    "a folder above may be written by anybody": (lambda folder: folder.parent.chmod(0o777), "is in {folder.parent}, which anybody may write"),
    "a folder above belongs to somebody else": (lambda folder: give(folder.parent, MALLORY, MALLORY, 0o1777), f"is in {{folder.parent}}, which belongs to uid {MALLORY}"),
    "its lock belongs to somebody else": (lambda folder: ((folder / "applaunch.lock").write_text("version = 1\n"), give(folder / "applaunch.lock", MALLORY, ANA)), f"has a lock that belongs to uid {MALLORY}"),
}  # fmt: skip


@pytest.mark.parametrize("case", FOREIGN)
def test_a_project_that_others_can_have_written_is_ignored_though_its_text_is_trusted(ana, case):
    spoil, why = FOREIGN[case]
    ana.run("applaunch", "trust", "-y", cwd=ana.project, check=True)
    line(ana)  # what was made of it is kept from now on
    spoil(ana.project)

    assert line(ana).endswith("mine x")
    assert line(ana, "only", code=1).startswith("applaunch: only: no such app in any catalog")
    why = why.format(folder=ana.project)
    assert typed(ana, "applaunch", "run", "--dry-run", "bb").startswith(
        f"applaunch: {ana.project}/applaunch.toml: ignored, since it {why}; to use it: applaunch trust --owner\r\ndocker run"
    )


OWN = {
    "root wrote it": lambda folder: give(folder / "applaunch.toml", 0, 0),
    "root made its folder": lambda folder: give(folder, 0, 0),
    "a folder above is sticky": lambda folder: folder.parent.chmod(0o1777),
}


@pytest.mark.parametrize("case", OWN)
def test_what_nobody_else_can_have_written_counts(ana, case):
    OWN[case](ana.project)
    ana.run("applaunch", "trust", "-y", cwd=ana.project, check=True)

    assert line(ana).endswith("project x")


def test_a_project_above_a_foreign_one_counts(ana):
    inner = ana.project / "vendor"
    inner.mkdir()
    (inner / "applaunch.toml").write_text(SAYS.replace('"project"', '"theirs"'))
    give(inner / "applaunch.toml", MALLORY, MALLORY)
    ana.run("applaunch", "trust", "-y", cwd=ana.project, check=True)

    assert line(ana, folder=inner).endswith("project x")


def test_the_owner_of_a_foreign_project_can_be_accepted_and_is_asked_about_again_when_it_changes_hands(ana):
    give(ana.project / "applaunch.toml", MALLORY, MALLORY)
    give(ana.project, MALLORY, MALLORY)
    refused = ana.run("applaunch", "trust", "-y", cwd=ana.project)
    assert (refused.returncode, refused.stderr) == (
        1,
        f"applaunch: {ana.project}/applaunch.toml: belongs to uid {MALLORY}; look at it, and then: applaunch trust --owner\n",
    )
    for words in (["sync"], ["lock"]):
        assert "applaunch trust --owner" in ana.run("applaunch", *words, cwd=ana.project).stderr

    shown = ana.run("applaunch", "trust", "--owner", "-y", cwd=ana.project, check=True).stdout
    assert f"note: it belongs to uid {MALLORY}\n" in shown
    assert line(ana).endswith("project x")

    (ana.project / "applaunch.toml").write_text(SAYS.replace('"project"', '"edited"'))
    assert "that file is not trusted yet" in line(ana, code=1)
    give(ana.project / "applaunch.toml", 5555, 5555)
    assert line(ana).endswith("mine x")


@pytest.mark.parametrize("name", ["team.toml", "applaunch.lock"])
def test_what_a_linked_catalog_leads_to_and_the_lock_there_must_be_the_callers(ana, name):
    target = ana.project.parent / "target"
    target.mkdir()
    (ana.project / "applaunch.toml").rename(target / "team.toml")
    (ana.project / "applaunch.toml").symlink_to(target / "team.toml")
    (target / "applaunch.lock").write_text("version = 1\n")
    give(target, ANA, ANA)
    give(target / "applaunch.lock", ANA, ANA)
    give(ana.project / "applaunch.toml", ANA, ANA)
    ana.run("applaunch", "trust", "-y", cwd=ana.project, check=True)
    assert line(ana).endswith("project x")

    give(target / name, MALLORY, MALLORY)

    assert line(ana).endswith("mine x")


def test_doctor_reports_what_scripts_do_not_see(ana):
    def said():
        done = ana.run("applaunch", "doctor", "--json", cwd=ana.project)
        return [each["what"] for each in json.loads(done.stdout)["findings"] if each["check"] == "project"]

    path = f"{ana.project}/applaunch.toml"
    assert said() == [f"{path}: it is not trusted, so commands that it changes do not run"]
    ana.run("applaunch", "trust", "-y", cwd=ana.project, check=True)
    assert said() == [f"{path} is trusted"]
    (ana.project / "applaunch.toml").write_text("schema = 2\n")
    assert said() == [f"{path}:1: ignored: schema 2 is not known"]
    give(ana.project, MALLORY, MALLORY)
    assert said() == [f"{path}: ignored, since it is in {ana.project}, which belongs to uid {MALLORY}"]


def test_a_project_made_with_umask_002_and_a_group_of_ones_own_counts(ana):
    ana.owned_by(1)  # daemon, who has such a group
    give(ana.project, 1, 1, 0o2775)
    give(ana.project / "applaunch.toml", 1, 1, 0o664)
    ana.run("applaunch", "trust", "-y", cwd=ana.project, check=True)

    assert line(ana).endswith("project x")


def test_an_accepted_owner_is_accepted_there_alone_and_until_it_is_revoked(ana):
    give(ana.project / "applaunch.toml", MALLORY, MALLORY)
    ana.run("applaunch", "trust", "--owner", "-y", cwd=ana.project, check=True)
    other = ana.project.parent / "other"
    other.mkdir()
    (other / "applaunch.toml").write_text(SAYS)
    give(other / "applaunch.toml", MALLORY, MALLORY)
    assert line(ana, folder=other).endswith("mine x")

    ana.run("applaunch", "untrust", cwd=ana.project, check=True)

    assert line(ana).endswith("mine x")


def fifo(path):
    os.mkfifo(path)


def link(target):
    return lambda path: path.symlink_to(target)


def huge(path):
    with path.open("wb") as file:
        file.truncate(1 << 40)


BROKEN = {
    "a pipe": (fifo, "is not a plain file"),
    "a folder": (lambda path: path.mkdir(), "is not a plain file"),
    "an endless device": (link("/dev/zero"), ""),
    "an endless file of the kernel": (link("/proc/kmsg"), ""),
    "a terabyte": (huge, "is larger than 5 MiB"),
    "six MiB of comments": (lambda path: path.write_text("#" * (6 << 20)), "is larger than 5 MiB"),
    "no text": (lambda path: path.write_bytes(b"\xff\xfe"), "is not UTF-8 text"),
    "no TOML": (lambda path: path.write_text("{"), "TOML: "),
    "nested deeply": (lambda path: path.write_text("a = " + "[" * 100_000), ""),
    "ten thousand apps that cannot be read": (
        lambda path: path.write_text(
            "schema = 1\n"
            + "".join(f"[apps.a{n}]\nimagg = 1\n" for n in range(9_999))
            + "[apps.bb]\nx = 1\n[apps.only]\nx = 1\n"
        ),
        "",
    ),
    "keys of five hundred parts": (
        lambda path: path.write_text("".join(f"{'a.' * 500}b{n} = 1\n" for n in range(5_000))),
        "has a key of a hundred parts",
    ),
    "an unknown key": (lambda path: path.write_text("schema = 1\nversion = 1\n[apps.bb]\nvolume = []\n"), ""),
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("name", ["applaunch.toml", "applaunch.lock"])
def test_a_broken_file_keeps_no_installed_app_from_running(ana, name, case):
    spoil, why = BROKEN[case]
    (ana.project / name).unlink(missing_ok=True)
    spoil(ana.project / name)
    if (ana.project / name).lstat().st_uid == 0:
        give(ana.project / name, ANA, ANA)

    assert line(ana).endswith("mine x")
    note = typed(ana, "applaunch", "run", "--dry-run", "bb").splitlines()[0]
    assert note.startswith("applaunch: ")
    assert ": ignored" in note
    assert why in note
    told = ana.run("applaunch", "run", "--dry-run", "only", cwd=ana.project, timeout=SECONDS)
    assert (told.returncode, told.stdout, told.stderr.count("\n"), why in told.stderr) == (1, "", 1, True)


def test_a_file_that_the_caller_cannot_read_keeps_no_installed_app_from_running(ana):
    ana.prefix = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]  # root, held to modes as others are
    give(ana.project, 0, 0)
    give(ana.project / "applaunch.toml", 0, 0, 0o000)
    for folder, _, files in os.walk(ana.path):
        for path in (folder, *(f"{folder}/{name}" for name in files)):
            os.lchown(path, 0, 0)

    assert line(ana).endswith("mine x")
    assert line(ana, "only", code=1).startswith(
        f"applaunch: {ana.project}/applaunch.toml: cannot be read: permission denied; "
    )
