"""The program is the caller: files are theirs, and they have a name and a home (peers.md, M12)."""

import io
import json
import os
import pwd
import tarfile

import pytest

from tests.home import SANDBOXED

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(os.getuid() != 0, reason="becoming another user needs root; test_as_me covers the rest"),
]

ANA = 4242
NAMELESS = 65534
"""How a user namespace with one id shows every other."""


def name_of(uid):
    """Return the name that this machine has for *uid*, or the one that we make up."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user{uid}"


@pytest.fixture
def ana(home, probe, bash):
    """A caller whose uid no image has ever heard of."""
    return home.owned_by(ANA)


def test_files_belong_to_the_caller(ana):
    ana.run("pbash", "-c", "touch made && mkdir -p folder/inner && echo x > folder/inner/file", check=True)

    for name in ("made", "folder", "folder/inner/file"):
        assert ((ana.work / name).stat().st_uid, (ana.work / name).stat().st_gid) == (ANA, ANA)


def test_the_caller_has_a_home_and_a_name_in_an_image_that_never_heard_of_them(ana):
    seen = json.loads(ana.run("probe", check=True).stdout)

    assert (seen["uid"], seen["gid"], seen["whoami"]) == (ANA, ANA, "user4242")
    assert (seen["home"], seen["home_is_writable"]) == (str(ana.path), True)


def test_whoami_and_touch_in_the_home_work(ana):
    ended = ana.run("pbash", "-c", "whoami && touch ~/x && ls ~/x && id -un && cd ~ && git init -q repo && echo ok")

    assert ended.stderr == ""
    assert ended.stdout == f"user4242\n{ana.path}/x\nuser4242\nok\n"


def test_what_is_written_in_the_home_inside_stays_inside(ana):
    ana.run("pbash", "-c", "touch ~/x", check=True)

    assert not (ana.path / "x").exists()


def test_a_uid_that_belongs_to_somebody_else_in_the_image_is_still_the_caller(home, bash):
    home.owned_by(1000)  # the probe's image has a user node with this uid

    ended = home.run(bash, "-c", "whoami; echo $HOME; getent passwd node | cut -d: -f3")

    assert ended.stdout == f"{name_of(1000)}\n{home.path}\n1000\n"


def test_supplementary_groups_come_along(home, probe, bash, tmp_path):
    home.owned_by(ANA, 5151, 5252)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    (elsewhere / "shared").write_text("of the group\n")
    os.chown(elsewhere / "shared", 0, 5252)
    (elsewhere / "shared").chmod(0o040)

    assert home.run(bash, "-c", "cat shared", cwd=elsewhere).stdout == "of the group\n"
    groups = json.loads(home.run(probe).stdout)["groups"]
    assert groups.count(NAMELESS) >= 2 if home.way in SANDBOXED else {5151, 5252} <= {*groups}


def test_user_image_leaves_all_that_alone(home, engine):
    home.app("asis", engine.ref("docker.io/applaunch/probe:latest"), command='["probe"]', user='"image"')
    home.owned_by(ANA)

    seen = json.loads(home.run("asis").stdout)

    assert (seen["uid"], seen["home"], seen["whoami"]) == (0, "/root", "root")


@pytest.fixture
def variable_user(home, engine):
    """An app whose user is the caller unless RUN_AS names another."""
    image = engine.ref("docker.io/applaunch/probe:latest")
    home.app("maybe", image, entrypoint='["bash"]', user='"${RUN_AS:-host}"')
    return home


def test_a_variable_that_says_host_gives_the_caller_a_name(variable_user):
    variable_user.owned_by(ANA)

    ended = variable_user.run("maybe", "-c", "whoami && touch made")

    assert (ended.stdout, ended.stderr) == ("user4242\n", "")
    assert (variable_user.work / "made").stat().st_uid == ANA


def test_a_variable_that_says_host_may_mount_at_the_callers_home(home, engine):
    image = engine.ref("docker.io/applaunch/probe:latest")
    home.app("maybe", image, entrypoint='["bash"]', user='"${RUN_AS:-host}"', volumes='["~/kept:~/kept"]')
    (home.path / "kept").mkdir()

    assert home.run("maybe", "-c", "touch ~/kept/made").stderr == ""
    assert (home.path / "kept/made").exists()


def test_a_variable_that_says_host_leaves_root_its_rights_over_the_files_it_was_given(variable_user):
    theirs = variable_user.work / "theirs"
    theirs.mkdir(mode=0o700)
    os.chown(theirs, ANA, ANA)

    assert variable_user.run("maybe", "-c", "touch theirs/by-root").stderr == ""


def test_a_variable_that_names_another_user_runs_as_that_user(home, engine):
    image = engine.ref("docker.io/applaunch/probe:latest")
    home.app("maybe", image, entrypoint='["id"]', user='"${RUN_AS:-host}"')
    home.takes_over = True  # where the variable says so

    assert home.run("maybe", "-u", env={"RUN_AS": "1000"}).stdout == "1000\n"
    assert home.run("maybe", "-u", env={"RUN_AS": "image"}).stdout == "0\n"


def test_the_program_has_no_capabilities_and_can_gain_none(ana):
    status = ana.run("pbash", "-c", "cat /proc/self/status").stdout

    values = dict(line.split(":\t") for line in status.splitlines() if ":\t" in line)
    assert [values[key].strip("0") for key in ("CapEff", "CapPrm", "CapBnd", "CapInh")] == [""] * 4
    assert values["NoNewPrivs"] == "1"


@pytest.mark.about("root")
def test_root_keeps_its_rights_over_the_files_it_was_given(home, bash):
    theirs = home.work / "theirs"
    theirs.mkdir(mode=0o700)
    os.chown(theirs, ANA, ANA)

    assert home.run(bash, "-c", "touch theirs/by-root && chown 4242:4242 theirs/by-root").returncode == 0
    assert (theirs / "by-root").stat().st_uid == ANA


@pytest.fixture
def nameless(engine, tmp_path):
    """An image that has a shell and nothing else: neither /etc/passwd nor /etc/group."""
    ref = f"localhost/nameless-{os.getpid()}:1"
    text = f"FROM {engine.ref(BUSYBOX)} AS all\nFROM scratch\nCOPY --from=all /bin /bin\n"
    recipe = tarfile.TarInfo("Dockerfile")
    recipe.size = len(text)
    with tarfile.open(tmp_path / "context.tar", "w") as archive:
        archive.addfile(recipe, io.BytesIO(text.encode()))
    engine.engine.build(tmp_path / "context.tar", ref, tmp_path / "build.log")
    yield ref
    engine.forget(ref)


BUSYBOX = "docker.io/library/busybox:latest"


@pytest.mark.parametrize("uid", [0, ANA])
def test_everybody_has_a_name_in_an_image_without_passwd(home, engine, nameless, uid):
    home.app("bare", nameless, entrypoint='["/bin/sh"]', pull_policy='"never"', network_mode='"none"')
    if uid:
        home.owned_by(uid)

    ended = home.run("bare", "-c", "id -un; id -gn")

    name = name_of(engine.caller_uid or home.user or uid)
    assert (ended.stderr, ended.stdout.split()[0]) == ("", name)


@pytest.mark.about("engine")  # which alone lets root write to the image
@pytest.mark.about("root")
def test_the_accounts_of_an_image_can_be_changed_by_root(home, bash):
    ended = home.run(bash, "-c", "useradd -M made && sed -i s/made/new/ /etc/passwd && id -un && id -u new")

    assert (ended.stdout, ended.stderr, ended.returncode) == ("root\n1001\n", "", 0)
