"""Networks that are kept for an app: joined by its runs, by nobody else, and gone when nobody uses them."""

import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from launcher.core.sandbox.network_terms import NetworkTerms
from launcher.core.sandbox.sandbox_traits import SandboxTraits
from launcher.errors import SandboxError
from launcher.sandbox import end_network, kept_network, spawn_network, start_network
from launcher.sandbox.kept_network import record_path
from tests.sandbox.ordinary_user import SYSTEM_PYTHON, UID, call_as, call_with_tunnels

PASTA, SLIRP = "/usr/bin/pasta", "/usr/bin/slirp4netns"
KINDS = [pytest.param(UID, PASTA, id="pasta"), pytest.param(UID, SLIRP, id="slirp"), pytest.param(0, SLIRP, id="root")]
kinds = pytest.mark.parametrize(("uid", "program"), KINDS)
LATE = start_network, spawn_network  # imported by a launch only when it makes one; the user may be unable to read them


def join_network(folder, app, program, keep=300, most=4, *, share=True):
    traits = SandboxTraits(network=program, nsenter="/usr/bin/nsenter")
    return kept_network.join_network(folder, app, traits, NetworkTerms(share, seconds=keep, most=most))


@pytest.fixture
def folder(own_folder):
    """The folder of the user's networks, all of which end with the test."""
    yield str(own_folder)
    for each in own_folder.iterdir():
        end_network.end_network(str(each))
    assert not eventually(lambda: not holders(own_folder))


@pytest.fixture
def call(folder):
    """Call a function as a user, in a place where networks can be made."""
    return lambda uid, function, *args, **more: (
        os.chown(folder, uid, uid),
        call_with_tunnels(uid, function, folder, *args, **more),
    )[1]


def holders(folder):
    """Return the pids of the processes that hold networks of *folder*."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if (
            words[1:2] == [b"-IS"]
            and b"hold_network.py" in words[2]
            and any(os.fsencode(folder) in each for each in words)
        ):
            found.append(int(pid))
    return found


def eventually(condition, patience=15):
    """Wait for a condition; return nothing if it came true, else what it returned last."""
    until = time.monotonic() + patience
    while not condition():
        if time.monotonic() > until:
            return f"{condition} is still {condition()!r}"
        time.sleep(0.05)
    return None


def inside(network, *words):
    """Run a program in the network and return what it prints."""
    done = subprocess.run([*network.words, *words], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def namespace(network):
    return inside(network, "readlink", "/proc/self/ns/net")


def try_to_reach(network, *address):
    program = (
        "import socket, sys\n"
        "try: socket.create_connection((sys.argv[1], int(sys.argv[2])), 1)\n"
        "except OSError as error: print(error)\n"
        "else: print('reached')"
    )
    return inside(network, SYSTEM_PYTHON, "-IS", "-c", program, *map(str, address)).strip()


@kinds
def test_the_runs_of_an_app_share_a_network_and_other_apps_have_another(call, uid, program):
    def runs(folder):
        networks = [join_network(folder, app, program, keep=5) for app in ("one", "one", "two")]
        return [namespace(each) for each in networks]

    first, second, other = call(uid, runs)

    assert first == second
    assert len({first, other, os.readlink("/proc/self/ns/net") + "\n"}) == 3


@kinds
def test_a_network_reaches_out_and_nothing_of_this_machines_loopback(call, engine, uid, program):
    def reach(folder):
        network = join_network(folder, "app", program, keep=5)
        routes = [line.split() for line in inside(network, "ip", "route").splitlines()]
        gateway = next(words[2] for words in routes if words[0] == "default")
        return (
            try_to_reach(network, engine.container_host, outer.getsockname()[1]),
            [
                try_to_reach(network, address, loopback.getsockname()[1])
                for address in ("127.0.0.1", gateway, "10.0.2.2")
            ],
            inside(network, SYSTEM_PYTHON, "-IS", "-c", ABSTRACT.replace("NAME", name)).strip(),
        )

    name = f"applaunch-test-{os.getpid()}"
    with socket.socket() as outer, socket.socket() as loopback, socket.socket(socket.AF_UNIX) as abstract:
        outer.bind((engine.container_host, 0))
        loopback.bind(("127.0.0.1", 0))
        abstract.bind(f"\0{name}")
        for each in (outer, loopback, abstract):
            each.listen()
        reached, unreachable, unix = call(uid, reach)

    assert reached == "reached"
    assert "reached" not in unreachable
    assert unix == "ConnectionRefusedError"


ABSTRACT = """
import socket
try: socket.socket(socket.AF_UNIX).connect('\\0NAME')
except OSError as error: print(type(error).__name__)
"""


@kinds
def test_two_apps_cannot_reach_each_other(call, uid, program):
    def reach(folder):
        one, two = (join_network(folder, app, program, keep=5) for app in ("one", "two"))
        listening = "import socket; s = socket.create_server(('0.0.0.0', 7099)); print('on', flush=True); s.accept()"
        server = subprocess.Popen([*one.words, SYSTEM_PYTHON, "-IS", "-c", listening], stdout=subprocess.PIPE)
        server.stdout.readline()
        address = inside(one, "hostname", "-I").split()[0]
        results = try_to_reach(two, address, 7099), try_to_reach(one, address, 7099)
        server.kill()
        server.communicate()
        return results

    other, own = call(uid, reach)

    assert (other == "reached", own) == (False, "reached")


@kinds
def test_programs_may_use_low_ports_as_in_a_container(call, uid, program):
    def read(folder):
        network = join_network(folder, "app", program, keep=5)
        return inside(network, "cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start").strip()

    assert call(uid, read) == "0"


@kinds
def test_an_unused_network_ends_after_its_time(call, folder, uid, program):
    call(uid, lambda folder: os.close(join_network(folder, "app", program, keep=1).lock))

    assert holders(folder)
    assert not eventually(lambda: not holders(folder))
    assert os.listdir(folder) == [".lock"]


def test_a_run_that_goes_on_keeps_its_network(call, folder):
    def run(folder):
        network = join_network(folder, "app", PASTA, keep=1)
        time.sleep(3)
        return namespace(network)

    assert call(UID, run).startswith("net:")
    assert not eventually(lambda: not holders(folder))


def test_each_run_extends_the_time(call, folder):
    def runs(folder):
        found = []
        for _ in range(6):
            network = join_network(folder, "app", PASTA, keep=2)
            found.append(network.words)
            os.close(network.lock)
            time.sleep(0.7)
        return found

    assert len({*call(UID, runs)}) == 1


@kinds
def test_a_network_that_is_not_shared_is_new_and_ends_with_its_run(call, folder, uid, program):
    def runs(folder):
        networks = [join_network(folder, "app", program, share=False) for _ in range(2)]
        return [namespace(each) for each in networks]

    first, second = call(uid, runs)

    assert first != second
    assert not eventually(lambda: not holders(folder), 5)
    assert os.listdir(folder) == [".lock"]


def test_two_first_runs_at_once_make_one_network(call, folder):
    def runs(folder):
        words = []
        threads = [
            threading.Thread(
                target=lambda: words.append(call_as(UID, lambda: join_network(folder, "app", PASTA).words))
            )
            for _ in range(5)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        return words

    os.chown(folder, UID, UID)
    words = call(0, lambda folder: (os.chown(folder, UID, UID), runs(folder))[1])

    assert len(words) == 5
    assert len({*words}) == 1
    assert len(holders(folder)) == 1


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.03, 0.06, 0.2])
def test_a_killed_launcher_leaves_only_what_ends_by_itself(call, folder, delay):
    def killed(folder):
        child = os.fork()
        if child == 0:
            join_network(folder, "app", PASTA, keep=1)
            time.sleep(60)
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    call(UID, killed)

    time.sleep(0.3)  # what was on its way is there
    assert not eventually(lambda: not holders(folder))
    assert not [name for name in os.listdir(folder) if not name.startswith(".")]


@pytest.mark.parametrize("program", [PASTA, SLIRP], ids=["pasta", "slirp"])
def test_a_network_whose_program_was_killed_is_made_again(call, folder, program):
    def runs(folder):
        first = join_network(folder, "app", program, keep=5)
        holder = int(first.words[2])
        parent = int(Path(f"/proc/{holder}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(parent, signal.SIGKILL)
        assert not eventually(lambda: holder not in holders(folder))
        return namespace(first) if holder in holders(folder) else namespace(join_network(folder, "app", program))

    assert call(UID, runs).startswith("net:")


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff" * 200])
def test_a_damaged_record_is_not_believed(call, folder, damage):
    def runs(folder):
        first = join_network(folder, "app", PASTA, keep=1)
        Path(record_path(folder, "app")).write_bytes(damage)
        return first.words, join_network(folder, "app", PASTA, keep=1).words

    first, second = call(UID, runs)

    assert first != second


def test_a_record_that_others_can_write_is_not_believed(call, folder):
    def runs(folder):
        first = join_network(folder, "app", PASTA, keep=1)
        os.chmod(record_path(folder, "app"), 0o666)
        return first.words, join_network(folder, "app", PASTA, keep=1).words

    first, second = call(UID, runs)

    assert first != second


def test_another_user_cannot_join(call, folder):
    network = call(UID, lambda folder: join_network(folder, "app", PASTA, keep=3))
    done = subprocess.run([*network.words, "true"], user=UID + 1, group=UID + 1, capture_output=True, check=False)

    assert b"ermi" in done.stderr  # "Permission denied", or "Operation not permitted"
    assert holders(folder)


def test_few_networks_are_kept_and_none_that_is_used_is_ended(call, folder):
    def runs(folder):
        used = join_network(folder, "used", SLIRP, keep=60)
        for number in range(4):
            os.close(join_network(folder, f"app{number}", SLIRP, keep=60, most=3).lock)
        kept = {name for name in os.listdir(folder) if not name.startswith(".")}
        return kept, namespace(used)

    kept, still = call(UID, runs)

    assert kept == {"used", "app2", "app3"}
    assert still.startswith("net:")


def test_a_record_that_was_never_finished_is_removed(call, folder):
    def run(folder):
        for name in (".1-1", ".2-2"):
            Path(folder, name).write_bytes(b"")
        os.utime(Path(folder, ".1-1"), (0, 0))
        os.close(join_network(folder, "app", PASTA, keep=1).lock)

    call(UID, run)

    assert {*os.listdir(folder)} == {".lock", ".2-2", "app"}


@kinds
def test_a_kept_network_holds_nothing_of_the_callers(call, uid, program):
    """Else a program that reads what a launch prints would wait until the network ends."""
    read, write = os.pipe()
    os.set_inheritable(write, True)
    try:
        call(uid, lambda folder: os.close(join_network(folder, "app", program, keep=5).lock))
    finally:
        os.close(write)
    with open(read, "rb") as pipe:
        began = time.monotonic()
        assert pipe.read() == b""
    assert time.monotonic() - began < 2


def test_names_cannot_leave_the_folder():
    assert record_path("/f", "../x") == "/f/%2E.%2Fx"
    assert record_path("/f", ".lock") == "/f/%2Elock"
    assert record_path("/f", "a%b") == "/f/a%25b"


def test_without_the_device_there_is_no_network_and_one_line(own_folder):
    def run():
        with pytest.raises(SandboxError) as raised:
            join_network(str(own_folder), "app", PASTA)
        return raised.value.line

    os.chmod("/dev/net/tun", os.stat("/dev/net/tun").st_mode)  # it is there, and not for this user
    line = call_as(UID, run)

    assert line.startswith("applaunch: network: it cannot be made: ")
    assert "\n" not in line


def answer_names(listener):
    """Answer one question for the address of a name: 1.2.3.4."""
    question, sender = listener.recvfrom(512)
    name = question[12 : question.index(b"\0", 12) + 5]
    answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\1\2\3\4"
    listener.sendto(question[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + name + answer, sender)


ASK = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.sendto(bytes.fromhex("123401000001000000000000016101620000010001"), (sys.argv[1], 53))
print(".".join(map(str, s.recv(512)[-4:])))
"""


@kinds
def test_a_resolver_on_this_machines_loopback_answers_inside(call, tmp_path, uid, program):
    """pasta before 2024 cannot ask it; then slirp4netns takes its place."""

    def ask(folder):
        network = join_network(folder, "app", program, keep=3)
        server = network.resolver.split()[-1]
        return inside(network, SYSTEM_PYTHON, "-IS", "-c", ASK, server).strip()

    address = f"127.1.{os.getpid() % 250}.53"  # other tests may ask one of theirs
    (tmp_path / "resolv.conf").write_text(f"nameserver {address}\n")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind((address, 53))
        threading.Thread(target=answer_names, args=(listener,), daemon=True).start()
        found = call(uid, ask, files=[(tmp_path / "resolv.conf", os.path.realpath("/etc/resolv.conf"))])

    assert found == "1.2.3.4"


def test_a_kept_network_costs_a_launch_one_small_module(call, folder):
    first = call(UID, lambda folder: join_network(folder, "app", PASTA, keep=10))
    loaded = subprocess.run(
        [SYSTEM_PYTHON, "-IS", "-c", LOADED, str(Path(kept_network.__file__).parents[2]), folder],
        user=UID,
        group=UID,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert first.words[2] == loaded[0]
    assert not {"launcher.sandbox.start_network", "subprocess", "typing", "re", "tempfile"} & {*loaded}


LOADED = """
import sys
sys.path.append(sys.argv[1])
from launcher.core.sandbox.sandbox_traits import SandboxTraits
from launcher.sandbox.kept_network import join_network
print(join_network(sys.argv[2], "app", SandboxTraits(nsenter="x")).words[2], *sys.modules)
"""
