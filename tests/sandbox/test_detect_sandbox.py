"""What is found out about sandboxes on this machine, by the real bwrap, and for how long it holds."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.core.sandbox.sandbox_traits import SandboxTraits
from launcher.core.values.checksum import add_checksum, verify
from launcher.sandbox import probe_sandbox
from launcher.sandbox.detect_sandbox import RETRY, detect_sandbox
from tests.sandbox.ordinary_user import UID, call_as, call_without_user_namespaces

BWRAP = shutil.which("bwrap")


@pytest.fixture
def programs(tmp_path):
    """A folder for PATH, which holds what a test puts there."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for above in (tmp_path, *tmp_path.parents):
        if not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    return folder


@pytest.fixture
def probes(monkeypatch):
    """The probes that were made."""
    made = []
    native = probe_sandbox.probe
    monkeypatch.setattr(probe_sandbox, "probe", lambda *args: made.append(args) or native(*args))
    return made


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_root_and_an_ordinary_user_can_start_a_sandbox_here(own_folder):
    for traits in (
        detect_sandbox(f"{own_folder}/root", os.environ),
        call_as(UID, detect_sandbox, f"{own_folder}/own", os.environ),
    ):
        assert (traits.bwrap, traits.why_not) == (BWRAP, "")
        assert traits.version >= (0, 8)
        assert traits.arch == {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]


def test_a_second_launch_starts_nothing(tmp_path, probes):
    first = detect_sandbox(str(tmp_path / "cache"), os.environ)

    assert detect_sandbox(str(tmp_path / "cache"), os.environ) == first
    assert len(probes) == 1


def test_cached_facts_load_nothing_heavy(tmp_path):
    detect_sandbox(str(tmp_path), os.environ)
    program = (
        f"import sys; sys.path.append({str(Path(__file__).parents[2])!r})\n"
        "from launcher.sandbox.detect_sandbox import detect_sandbox\nimport os\n"
        f"detect_sandbox({str(tmp_path)!r}, os.environ)\nprint(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-IS", "-c", program], capture_output=True, text=True, check=True).stdout

    assert not {"subprocess", "launcher.sandbox.probe_sandbox", "re", "typing", "json"} & {*loaded.split()}


def test_a_machine_without_bwrap_is_told_what_to_install(tmp_path, programs):
    traits = detect_sandbox(str(tmp_path / "cache"), {"PATH": str(programs)})

    assert (traits.bwrap, traits.network) == ("", "")
    assert traits.why_not.startswith("bubblewrap is not installed; ")
    assert traits.why_no_network.startswith("slirp4netns is not installed; ")  # for root


def test_a_bwrap_that_comes_and_goes_is_noticed_at_once(tmp_path, programs):
    def ask():
        return detect_sandbox(str(tmp_path / "cache"), {"PATH": str(programs)})

    assert ask().bwrap == ""
    shutil.copy(BWRAP, programs / "bwrap")
    assert (ask().bwrap, ask().why_not) == (f"{programs}/bwrap", "")
    script(programs / "bwrap", "echo bubblewrap 0.4.1")
    assert ask().why_not == "bubblewrap 0.4.1 is too old; install version 0.8 or later"
    (programs / "bwrap").unlink()
    assert ask().bwrap == ""


def test_a_bwrap_that_others_can_replace_is_not_used(tmp_path, programs):
    shutil.copy(BWRAP, programs / "bwrap")
    programs.chmod(0o777)

    traits = detect_sandbox(str(tmp_path / "cache"), {"PATH": str(programs)})

    assert traits.bwrap == ""
    assert traits.why_not == f"{programs} can be changed by other users; chmod go-w {programs}"


def test_a_bwrap_in_the_current_folder_is_not_used(tmp_path, programs, monkeypatch):
    shutil.copy(BWRAP, programs / "bwrap")
    monkeypatch.chdir(programs)

    assert detect_sandbox(str(tmp_path / "cache"), {"PATH": ":.:"}).bwrap == ""


def test_what_bwrap_prints_is_escaped(tmp_path, programs):
    script(
        programs / "bwrap",
        '[ "$1" = --version ] && { echo bubblewrap 0.9; exit; }; printf "bwrap: x\\033[2J\\n" >&2; exit 1',
    )

    traits = detect_sandbox(str(tmp_path / "cache"), {"PATH": str(programs)})

    assert traits.why_not == "bwrap cannot start a sandbox: x\\x1b[2J"


def test_a_failure_is_tried_again_after_a_minute(tmp_path, programs, probes):
    script(programs / "bwrap", '[ "$1" = --version ] && echo bubblewrap 0.9')
    for _ in range(2):
        detect_sandbox(str(tmp_path / "cache"), {"PATH": str(programs)})
    assert len(probes) == 1
    (cached,) = (tmp_path / "cache").glob("*.json")
    record = verify(cached.read_bytes())
    cached.write_bytes(add_checksum(record | {"until": record["until"] - RETRY}))

    detect_sandbox(str(tmp_path / "cache"), {"PATH": str(programs)})

    assert len(probes) == 2


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff" * 30])
def test_a_damaged_cache_is_made_again(tmp_path, probes, damage):
    first = detect_sandbox(str(tmp_path), os.environ)
    (cached,) = tmp_path.glob("*.json")
    cached.write_bytes(damage)

    assert [detect_sandbox(str(tmp_path), os.environ) for _ in range(2)] == [first] * 2
    assert len(probes) == 2


def test_a_cache_that_others_can_write_is_not_believed(tmp_path, probes):
    detect_sandbox(str(tmp_path), os.environ)
    (cached,) = tmp_path.glob("*.json")
    cached.chmod(0o666)

    detect_sandbox(str(tmp_path), os.environ)

    assert len(probes) == 2


def test_a_folder_that_cannot_be_written_only_costs_time(own_folder):
    own_folder.chmod(0o500)

    assert call_as(UID, detect_sandbox, f"{own_folder}/cache", os.environ).why_not == ""


def test_few_results_are_kept(tmp_path):
    for number in range(12):
        detect_sandbox(str(tmp_path), {"PATH": f"/nowhere/{number}"})

    assert len([*tmp_path.glob("*.json")]) == 8


def test_a_machine_that_allows_no_user_namespaces_says_so(own_folder):
    traits = call_without_user_namespaces(UID, detect_sandbox, f"{own_folder}/cache", os.environ)

    assert traits.bwrap == BWRAP
    assert re.fullmatch(
        r"this kernel allows no user namespaces; (sudo |doas )?sysctl -w user.max_user_namespaces=15000", traits.why_not
    )


def test_traits_are_a_value_with_defaults():
    assert not SandboxTraits().overlays
    assert SandboxTraits(version=(0, 11, 0)).overlays


def test_a_bwrap_that_mounts_what_descriptors_refer_to_is_known(tmp_path):
    helped = subprocess.run(["bwrap", "--help"], capture_output=True, text=True, check=True)

    found = detect_sandbox(str(tmp_path), os.environ)

    assert found.binds_descriptors == ("--bind-fd" in helped.stdout + helped.stderr)


@pytest.mark.engine
def test_a_container_that_forbids_sandboxes_says_how_to_start_it(engine):
    program = (
        f"import os, sys; sys.path.append({str(Path(__file__).parents[2])!r})\n"
        "from launcher.sandbox.probe_sandbox import probe\n"
        "print(probe('/nowhere', os.environ['PATH']).traits.why_not)"
    )
    python = ["/usr/bin/python3", "-IS", "-c", program]
    image = engine.ref("docker.io/library/busybox:latest")
    found = engine.docker("run", "--rm", "-v", "/:/host:ro", image, "chroot", "/host", *python)

    assert found.stdout.startswith("this container forbids sandboxes; start it with --cap-add SYS_ADMIN "), found.stderr
