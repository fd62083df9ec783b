"""The compiled filter of system calls: what it decides on each architecture, and what the kernel makes of it."""

import ctypes
import errno
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from launcher.core.sandbox.system_calls import Rule, profile
from launcher.sandbox import probe_sandbox
from launcher.sandbox.detect_sandbox import detect_sandbox
from launcher.sandbox.system_call_filter import FilterError, compile_filter, make_filter
from tests.sandbox.bpf_machine import decide

LINUX = (6, 1)
AMD64, ARM64 = (profile(arch, LINUX) for arch in ("amd64", "arm64"))
EPERM, ENOSYS = errno.EPERM, errno.ENOSYS
X32 = 0x40000000
CALLS = {  # numbers of each architecture's own table
    "x86_64": {"openat": 257, "ioctl": 16, "clone": 56, "clone3": 435, "personality": 135, "ptrace": 101, "mount": 165},
    "x86": {"openat": 295, "ioctl": 54, "clone": 120, "clone3": 435, "personality": 136, "ptrace": 26, "mount": 21},
    "aarch64": {"openat": 56, "ioctl": 29, "clone": 220, "clone3": 435, "personality": 92, "ptrace": 117, "mount": 40},
    "arm": {"openat": 322, "ioctl": 54, "clone": 120, "clone3": 435, "personality": 136, "ptrace": 26, "mount": 21},
}
MACHINES = [
    (arch, each) for arch, named in (("amd64", ("x86_64", "x86")), ("arm64", ("aarch64", "arm"))) for each in named
]


@pytest.fixture(scope="module")
def compiled():
    return {arch: compile_filter(profile(arch, LINUX)) for arch in ("amd64", "arm64")}


@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("openat", (), "allow"),
        ("mount", (), EPERM),
        ("ptrace", (), "allow"),
        ("clone3", (), ENOSYS),
        ("clone", (0x11,), "allow"),  # fork
        ("clone", (0x3D0F00,), "allow"),  # a thread
        ("clone", (0x10000000,), EPERM),  # CLONE_NEWUSER
        ("clone", (0x00020000 | 0x11,), EPERM),  # CLONE_NEWNS
        ("clone", (0x80000011,), "allow"),  # CLONE_IO
        ("personality", (0,), "allow"),
        ("personality", (8,), "allow"),
        ("personality", (0x20008,), "allow"),
        ("personality", (0xFFFFFFFF,), "allow"),
        ("personality", (0x0040000,), EPERM),  # ADDR_NO_RANDOMIZE
        ("ioctl", (0, 0x5401), "allow"),  # TCGETS
        ("ioctl", (0, 0x5413), "allow"),  # TIOCGWINSZ
        ("ioctl", (0, 0x5412), EPERM),  # TIOCSTI
        ("ioctl", (0, 0x541C), EPERM),  # TIOCLINUX
        ("ioctl", (0, 0x100005412), EPERM),  # the kernel looks at the low 32 bits only (CVE-2019-10063)
        ("ioctl", (0x5412, 0x5401), "allow"),
    ],
)
@pytest.mark.parametrize(("arch", "machine"), MACHINES)
def test_a_call_is_decided_the_same_way_on_each_architecture(compiled, arch, machine, call, arguments, expected):
    assert decide(compiled[arch], machine, CALLS[machine][call], *arguments) == expected


@pytest.mark.parametrize("number", [272, 250, 321, 323], ids=["unshare", "keyctl", "bpf", "userfaultfd"])
def test_what_only_privileged_programs_need_is_refused(compiled, number):
    assert decide(compiled["amd64"], "x86_64", number) == EPERM


def test_x32_programs_have_the_same_rules(compiled):
    def x32(number, *arguments):
        return decide(compiled["amd64"], "x86_64", number | X32, *arguments)

    assert x32(257) == "allow"
    assert x32(165) == EPERM
    assert (x32(514, 0, 0x5401), x32(514, 0, 0x5412)) == ("allow", EPERM)


@pytest.mark.parametrize(("arch", "machine"), MACHINES)
def test_a_call_that_is_newer_than_the_list_does_not_exist(compiled, arch, machine):
    last = 449  # futex_waitv; numbers above 402 are the same everywhere

    assert decide(compiled[arch], machine, last) == "allow"
    assert decide(compiled[arch], machine, last + 1) == (EPERM if machine == "arm" else ENOSYS)
    assert decide(compiled[arch], machine, 0x3FFFFFFF) == ENOSYS  # arm's own calls begin at 0xF0000


def test_tracing_needs_a_kernel_on_which_it_cannot_leave_the_filter():
    program = compile_filter(profile("amd64", (4, 4)))

    assert decide(program, "x86_64", CALLS["x86_64"]["ptrace"]) == EPERM


def test_a_filter_fits_the_kernels_limit(compiled):
    assert all(len(program) // 8 <= 4096 for program in compiled.values())  # BPF_MAXINSNS


def test_a_filter_is_written_once_and_replaces_older_ones(tmp_path):
    older = make_filter(str(tmp_path), profile("amd64", (4, 4)))
    path = make_filter(str(tmp_path), AMD64)
    written = os.stat(path).st_ino

    assert make_filter(str(tmp_path), AMD64) == path
    assert os.stat(path).st_ino == written
    assert path != older
    assert [*tmp_path.iterdir()] == [tmp_path / os.path.basename(path)]


def test_a_damaged_filter_is_written_again(tmp_path):
    path = make_filter(str(tmp_path), AMD64)
    with open(path, "r+b") as file:
        file.write(b"\0" * 8)

    assert make_filter(str(tmp_path), AMD64) == path
    with open(path, "rb") as file:
        assert file.read() == compile_filter(AMD64)


def test_a_rule_that_libseccomp_refuses_is_an_error():
    nonsense = AMD64._replace(rules=(Rule("openat", error=EPERM),))  # what would happen anyway

    with pytest.raises(FilterError, match=r"^openat: "):
        compile_filter(nonsense)


def test_other_architectures_have_no_profile():
    assert profile("s390x", LINUX) is None


def test_the_traits_hold_the_filter_of_this_machine(tmp_path):
    traits = detect_sandbox(str(tmp_path), os.environ)

    with open(traits.seccomp, "rb") as file:
        assert file.read() == compile_filter(profile(traits.arch, LINUX))
    os.unlink(traits.seccomp)
    assert os.path.exists(detect_sandbox(str(tmp_path), os.environ).seccomp)


def test_a_machine_without_libseccomp_is_told_what_to_install(tmp_path, monkeypatch):
    def missing(name):
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    traits = probe_sandbox.probe(str(tmp_path), os.environ["PATH"]).traits

    assert traits.seccomp == ""
    assert traits.why_no_filter.startswith("libseccomp is not installed; ")


def test_a_filter_that_cannot_be_kept_is_told(tmp_path):
    (tmp_path / "file").write_text("")

    traits = probe_sandbox.probe(f"{tmp_path}/file/cache", os.environ["PATH"]).traits

    assert (traits.seccomp, traits.why_no_filter) == ("", f"{tmp_path}/file/cache cannot be written: not a directory")


def test_a_filter_that_many_make_at_once_is_one_file(tmp_path):
    folder = str(tmp_path / "sandbox")
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: make_filter(folder, AMD64), range(64)))

    assert [os.path.basename(path) for path in made] == os.listdir(folder)
