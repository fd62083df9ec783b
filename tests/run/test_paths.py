"""Paths that arguments name are seen, by the entry's policy, at the path they have (peers.md, whalebrew#22)."""

import os

import pytest

pytestmark = pytest.mark.engine

PROBE = "docker.io/applaunch/probe:latest"


@pytest.fixture
def elsewhere(home):
    """A folder outside the current one, with a file."""
    folder = home.path / "else where"
    folder.mkdir()
    (folder / "file").write_text("content")
    return folder


def tool(home, engine, **keys):
    """An app that runs what its first argument says, with the others as its own."""
    return home.app("tool", engine.ref(PROBE), **{"entrypoint": '["bash", "-c"]', "network_mode": '"none"'} | keys)


def test_a_path_outside_the_current_folder_can_be_read(home, engine, elsewhere):
    name = tool(home, engine)

    assert home.run(name, 'cat "$0"', f"{elsewhere}/file").stdout == "content"
    assert home.run(name, 'cat "$0"', "../else where/file").stdout == "content"
    assert home.run(name, 'cat "${0#*=}"', f"--file={elsewhere}/file").stdout == "content"


def test_it_cannot_be_written_unless_the_entry_says_so(home, engine, elsewhere):
    name = tool(home, engine)

    ended = home.run(name, 'echo more >> "$0"', f"{elsewhere}/file")

    assert ended.returncode != 0
    assert (elsewhere / "file").read_text() == "content"


def test_with_rw_it_can_and_a_new_file_beside_it_too(home, engine, elsewhere):
    name = tool(home, engine, path_args='"rw"')

    assert home.run(name, 'echo new > "$0"', f"{elsewhere}/made").returncode == 0
    assert (elsewhere / "made").read_text() == "new\n"
    assert (elsewhere / "made").stat().st_uid == (engine.caller_uid or home.user or os.getuid())


REPLACING = {
    "sed -i": """sed -i s/content/new/ "$0" """,
    "a rename": """echo new > "${0%/*}/.tmp1" && mv "${0%/*}/.tmp1" "$0" """,
    "a backup first": """mv "$0" "$0~" && echo new > "$0" && rm "$0~" """,
    "a new file beside it, linked": """echo new > "$0.1" && ln -f "$0.1" "$0" && rm "$0.1" """,
}


@pytest.mark.parametrize("script", REPLACING.values(), ids=REPLACING)
def test_with_rw_a_file_can_be_replaced_as_editors_do(home, engine, elsewhere, script):
    name = tool(home, engine, path_args='"rw"')
    (elsewhere / "beside").write_text("mine")

    for path in (f"{elsewhere}/file", "../else where/file"):
        (elsewhere / "file").write_text("content")
        home.run(name, f"set -e; {script}", path, check=True)

        assert (elsewhere / "file").read_text().strip() == "new"
    assert {each.name: each.read_text().strip() for each in elsewhere.iterdir()} == {"file": "new", "beside": "mine"}


def test_with_rw_a_link_to_a_file_beside_it_is_replaced_or_followed_as_the_program_wants(home, engine, elsewhere):
    name, link = tool(home, engine, path_args='"rw"'), elsewhere / "link"
    link.symlink_to("file")

    home.run(name, 'sed -i --follow-symlinks s/content/new/ "$0"', str(link), check=True)
    assert (link.is_symlink(), (elsewhere / "file").read_text()) == (True, "new")

    home.run(name, 'sed -i s/new/newer/ "$0"', str(link), check=True)
    assert (link.is_symlink(), link.read_text(), (elsewhere / "file").read_text()) == (False, "newer", "new")


def test_with_rw_a_file_in_the_home_is_mounted_alone_and_that_is_told_once(home, engine):
    name = tool(home, engine, path_args='"rw"')
    (home.path / "file").write_text("content")
    (home.path / "mine").write_text("mine")
    path = f"{home.path}/file"

    seen = home.run(name, 'echo more >> "$0"; ls "${0%/*}"', path, check=True)
    said = [home.run(name, 'sed -i s/content/new/ "$0" 2>/dev/null', path) for _ in range(2)]

    assert "mine" not in seen.stdout.split()
    assert (home.path / "file").read_text() == "contentmore\n"
    assert [each.returncode != 0 for each in said] == [True, True]
    what = f"{path} was mounted without its folder, so it cannot be replaced; move it to a folder of its own, and mount"
    assert [each.stderr for each in said] == [f"applaunch: tool: note: {what} that\n", ""]


def test_a_volume_that_is_one_file_is_told_once_when_the_program_fails(home, engine, elsewhere):
    name = tool(home, engine, volumes=f'["{elsewhere}/file:/etc/tool.conf"]')
    home.run(name, "echo more >> /etc/tool.conf", check=True)

    said = [home.run(name, "sed -i s/content/new/ /etc/tool.conf 2>/dev/null").stderr for _ in range(2)]

    what = f"{elsewhere}/file was mounted without its folder, so it cannot be replaced; name its folder in volumes"
    assert said == [f"applaunch: tool: note: {what}\n", ""]


def test_an_absolute_path_works_where_the_folder_is_mounted_elsewhere(home, engine):
    name = tool(home, engine, working_dir='"/data"')
    (home.work / "here").write_text("x")

    ended = home.run(name, 'pwd; cat "$0"', f"{home.work}/here")

    assert ended.stdout == "/data\nx"


def test_a_link_to_elsewhere_is_followed(home, engine, elsewhere):
    (home.work / "link").symlink_to(elsewhere / "file")

    assert home.run(tool(home, engine), 'cat "$0"', "link").stdout == "content"


def test_a_path_that_was_not_mounted_is_told_when_the_program_fails(home, engine, elsewhere):
    name = tool(home, engine, path_args='"none"')
    home.run(name, "true", check=True)

    failed = home.run(name, 'cat "$0" 2>/dev/null', f"{elsewhere}/file")
    fine = home.run(name, "true", f"{elsewhere}/file")

    assert failed.returncode == 1
    assert failed.stderr == (
        f"applaunch: tool: note: {elsewhere}/file is there, and was not mounted; set path_args = 'ro' for it\n"
    )
    assert fine.stderr == ""


def test_a_new_file_that_is_lost_is_told_whatever_the_exit_code(home, engine, elsewhere):
    name, new = tool(home, engine), f"{elsewhere}/new"
    said = (
        f"applaunch: tool: note: {new} is not there: its folder was not mounted, so what was written to it is lost;"
        " set path_args = 'rw' for it\n"
    )
    write = 'mkdir -p "${0%/*}" 2>/dev/null && echo x > "$0"; exit '

    assert [home.run(name, f"{write}{code}", new).stderr for code in (0, 0, 0, 3)] == [said] * 4
    assert not os.path.exists(new)


def test_an_output_that_is_there_and_was_mounted_read_only_is_told_when_the_program_fails(home, engine, elsewhere):
    name, path = tool(home, engine), f"{elsewhere}/file"
    home.run(name, "true", check=True)

    said = [home.run(name, f'{{ echo x > "$1"; }} 2>/dev/null; exit {code}', "-o", path).stderr for code in (0, 1)]

    assert said == ["", f"applaunch: tool: note: {path} was mounted read-only; set path_args = 'rw' for it\n"]
    assert (elsewhere / "file").read_text() == "content"


def test_the_current_folder_can_be_written_by_the_path_that_the_shell_has(home, engine):
    name, link = tool(home, engine), home.path / "link"
    link.symlink_to(home.work)
    (home.work / "in").write_text("content")
    home.run(name, "true", check=True)

    ended = home.run(name, 'cat "$0"; echo x > "$1"', f"{link}/in", f"{link}/new", env={"PWD": str(link)}, check=True)

    assert (ended.stdout, ended.stderr) == ("content", "")
    assert (home.work / "new").read_text() == "x\n"


def test_a_repository_above_the_current_folder_is_told_once_when_the_program_fails(home, engine):
    name, inside = tool(home, engine), home.work / "repo" / "src"
    inside.mkdir(parents=True)
    (home.work / "repo/.git").mkdir()
    top = f"{home.work}/repo"

    said = [home.run(name, f"test -e ../.git || exit {code}", cwd=inside).stderr for code in (0, 1, 1)]
    assert said == [
        "",
        (
            f"applaunch: tool: note: {top}/.git is above the current folder, and was not mounted; "
            "applaunch override tool --mount-cwd project\n"
        ),
        "",
    ]
    assert home.run(name, "exit 1", cwd=home.work / "repo").stderr == ""


def test_a_new_file_in_a_folder_that_was_mounted_is_there(home, engine, elsewhere):
    name = tool(home, engine, path_args='"rw"')

    ended = home.run(name, 'echo x > "$0"', f"{elsewhere}/new", check=True)

    assert ended.stderr == ""
    assert (elsewhere / "new").read_text() == "x\n"


def test_a_proxy_on_this_machines_loopback_is_told_when_the_program_fails(home, engine):
    name = tool(home, engine, network_mode='"bridge"')
    home.run(name, "true", check=True)

    ended = home.run(name, "exit 1", env={"HTTPS_PROXY": "http://localhost:3128"})

    assert ended.stderr == (
        "applaunch: tool: note: HTTPS_PROXY is http://localhost:3128, which is this machine's own and out of reach;"
        " set network_mode = 'host' for it\n"
    )


def test_the_machines_passwd_is_not_shown_for_the_images(home, engine):
    name = tool(home, engine)

    for path in ("/etc/passwd", "//etc/passwd", "/../etc/passwd"):
        assert "node:x:1000" in home.run(name, 'cat "$0"', path).stdout


def test_the_callers_time_zone_is_the_programs(home, engine):
    if not os.path.exists("/usr/share/zoneinfo/Asia/Tokyo"):
        pytest.skip("this machine has no time zones (tzdata)")
    name = tool(home, engine)

    assert home.run(name, "date +%z", env={"TZ": "Asia/Tokyo"}).stdout == "+0900\n"
