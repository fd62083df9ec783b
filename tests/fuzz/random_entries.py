"""Random entries of which bubblewrap can run most, random calls of them, and callers of every kind."""

import json
import random
from typing import NamedTuple

from tests.fuzz.call_program import Caller

PROGRAM = ["python3", "-IS", "-c"]
ACTIONS = (
    "echo out; echo err >&2",
    "exit 7",
    "exit 125",
    "cat; cat given",
    "head -c 3; wc -c",
    "kill -TERM $$",
    "kill -KILL $$",
    "trap 'echo caught; exit 5' INT; kill -INT $$",
    "umask 077; echo x > new; mkdir folder; mkdir -m 2775 shared",
    "echo x > given; chmod 640 given; ln -s given link; ln given hard",
    "rm -rf sub; echo gone; ls -a",
    "echo x > made; echo y > sub/made; chmod 4755 made; ls -ln made sub",
    "echo x >> /kept/made; echo y >> /shown/made; cat /kept/* /shown/* | sort",
    "echo z >> /kept/file; chmod 600 /kept/file; touch -d @1000000000 /kept/dated; stat -c %Y /kept/dated",
    "mv /kept/file /kept/moved; ls -l /kept | sed 1d | cut -c1-10",
    "echo x > /tmp/a; cat /tmp/a; echo x > /scratch/a; cat /scratch/a",
    "touch /etc/x /bin/x /x /root/x /usr/lib/x /var/x; mkdir /opt/x; rm -f /etc/debian_version",
    "echo x > ~/.config; ls -a ~; echo y > ~/kept-by-nobody",
    "head -c 2000000 /dev/zero > /dev/shm/big; stat -c %s /dev/shm/big",
    "head -c 2000000 /dev/zero > /scratch/big; stat -c %s /scratch/big",
    "no-such-program",
    "/etc/passwd",
    "exec /usr",
    "cd /nowhere",
    "sleep 0.05 & wait $!; echo waited $?",
    "mount -t tmpfs x /mnt; unshare -r true; chroot / true",
    "echo x > /proc/sys/kernel/hostname; echo c > /proc/sysrq-trigger",
    "chown 0:0 given; chown 65534 given; chgrp 0 given; chmod u+s given; stat -c '%a %u %g' given",
    "mkfifo p; stat -c %F p; rm p; mknod device c 1 3",
    "cat /house/.ssh/id_rsa; ls -a /house/.ssh; echo x >> /house/.bashrc; cat /house/.bashrc; echo y > /house/left",
    "cat ~/.config/tool/log; mkdir -p ~/.config/tool; echo more >> ~/.config/tool/log; cat ~/.config/tool/log",
    "id -un; id -u; id -g; echo ~; whoami; getent passwd $(id -u)",
    "cat /etc/shadow /etc/hostname /root/x | wc -l; ls /root",
    "env | grep -c .; printenv A B EMPTY GIVEN PRE_X SECRET",
    "ulimit -n; ulimit -c; ulimit -f; head -c 1500000 /dev/zero > long; stat -c %s long",
    "ls -ln given sub .. | grep -c .; readlink -f .",
    'for w; do printf "<%s>" "$w"; test -e "$w" && ls -ldn "$w" | cut -c1; test -f "$w" && cat "$w"; done',
    'for w; do (echo added >> "$w"); done',
    "find . -newer given; stat -c '%n %a %u %g %h' given sub",
    "getent hosts db; getent hosts localhost; getent hosts box | grep -c .",
    "nice; nice -n -5 true; renice -n 5 $$ > /dev/null",
    "python3 -c 'import os; os.write(1, bytes(range(256)))'; printf '\\377\\n' >&2",
    "dd if=/dev/zero bs=1000 count=300 2>/dev/null | tr '\\0' x | fold -w 100 | tail -n 2; yes | head -n 50000 | md5sum",
    "setsid true; exec 5>held; echo five >&5; flock held true && echo locked",
    "test -t 0; echo $?; test -t 1; echo $?; ls /dev/pts | grep -c .",
)
WORDS = (
    *(
        "a b",
        "*",
        "",
        "--",
        "-x",
        "é",
        "日本",
        "\n",
        "'\"",
        "{}",
        "$HOME",
        "`id`",
        "\\",
        "\x01\x1b[31m",
        "--file=given",
    ),
    *("given", "./sub", "../shown/file", "../kept", "HOME/shown/file", "HOME/kept/absent", "--out=HOME/kept/new", ".."),
)
RARE_WORDS = ("\udcff", "caf\udce9")
"""Bytes that are no UTF-8: no engine can carry them."""


class Example(NamedTuple):
    """One entry, as TOML values by key, and one call of it."""

    keys: dict[str, str]
    script: str
    words: tuple[str, ...]
    caller: Caller
    how: dict[str, object]
    """What the facts program is to look at."""
    has_facts: bool = True


_PROJECTS = ('"project"\nproject_markers = ["marker"]', '"project-ro"\nproject_markers = ["marker"]')


def random_example(rng: random.Random, home: str, facts: str, groups: tuple[int, ...], calls: list[str]) -> Example:
    """Return an example for the user whose home is *home*, of which *facts* is the text of the program that looks."""
    keys = _some_keys(rng, home, groups)
    program, has_facts = _program(rng, facts)
    words = tuple(word.replace("HOME", home) for word in rng.choices(WORDS, k=rng.randrange(4)))
    if rng.random() < 0.02:
        words += (rng.choice(RARE_WORDS),)
    script, caller = "\n".join(rng.sample(ACTIONS, rng.randrange(1, 4))), _caller(rng)
    if caller.folder == "work/sub":  # the folder above is a mount point's, and so the caller's own in a sandbox alone
        words = tuple(word.replace("../kept", "./kept") for word in words)
    if caller.nofile:  # a program in a sandbox has its caller's limit
        script = script.replace("ulimit -n; ", "")
    if caller.nice:  # as for the nice value, which the facts have
        script = script.replace("nice; ", "")
    how = {
        "calls": rng.sample(calls, 8),
        "read": ["given", "/kept/file", "/shown/file", "/etc/conf", "/house/.ssh/id_rsa"],
    }
    if rng.random() < 0.04:
        how["whole"] = True
    return Example(keys | program, script, words, caller, how, has_facts)


def _program(rng: random.Random, facts: str) -> tuple[dict[str, str], bool]:
    said = json.dumps
    begin = 'exec python3 -IS -c "$0" "$@"'
    ways = (
        {"entrypoint": said([*PROGRAM, facts])},
        {"entrypoint": said([*PROGRAM, facts])},
        {"entrypoint": said(["/usr/bin/python3"]), "command": said(["-IS", "-c", facts])},
        {"command": said([*PROGRAM, facts])},
        {"entrypoint": said(["sh", "-c", begin.replace("$", "$$"), facts])},
        {"entrypoint": said(["env", "ADDED=1", *PROGRAM, facts])},
    )
    if rng.random() < 0.06:
        bad = (["no-such-program"], ["/etc/passwd"], ["/usr"], ["./given"], ["/no/such"], ["printf", "%s|"], ["../x"])
        return {"entrypoint": said(rng.choice(bad))}, False
    return rng.choice(ways), True


def _some_keys(rng: random.Random, home: str, groups: tuple[int, ...]) -> dict[str, str]:
    kept, shown = f"{home}/kept", f"{home}/shown"
    possible = {
        "read_only": rng.choice(["true", "false"]),
        "tmpfs": rng.choice(
            [
                *('["/scratch"]', '["/scratch:size=1m"]', '["/tmp", "/scratch:ro"]', '["/scratch:mode=0750,size=3m"]'),
                *(
                    '["/run:size=64k", "/var/tmp"]',
                    '["/scratch/deep/er:exec"]',
                    '["/opt:mode=0755"]',
                    '["/etc/ssh", "/run/lock:size=9k"]',
                ),
            ]
        ),
        "shm_size": rng.choice(['"1m"', '"100m"', "4096000"]),
        "environment": rng.choice(
            [
                *(
                    '["A=1", "B=two words"]',
                    '["PATH=/bin:/usr/bin", "EMPTY="]',
                    '["GIVEN", "PRE_*"]',
                    '{ A = "x=y=z" }',
                ),
                *(
                    '["A=é\\n\\t\\"", "B=\'$${x}\'"]',
                    '["GIVEN=${SECRET}", "LC_ALL=C", "ODD"]',
                    '["HOME=/tmp", "TERM=dumb"]',
                ),
            ]
        ),
        "hostname": rng.choice(['"box"', '"a.b-c"']),
        "ulimits": rng.choice(
            [
                *("{ nofile = 99 }", "{ core = 0, fsize = 1000000 }", "{ nofile = { soft = 50, hard = 80 } }"),
                *("{ stack = 4194304, cpu = 100 }", "{ nproc = 5000 }", "{ memlock = 65536, msgqueue = 1000 }"),
            ]
        ),
        "working_dir": rng.choice(['"/data"', '"/srv/deep/er"', '"/home/x"', '"/kept/sub"', '"/tmp/in"', '"/"']),
        "mount_cwd": rng.choice(['"ro"', '"none"', '"rw"', *_PROJECTS]),
        "volumes": rng.choice(
            [
                *(f'["{kept}:/kept", "{shown}:/shown:ro"]',) * 4,
                f'["{kept}:/kept/deep/x", "{shown}/file:/etc/conf:ro"]',
                f'["{kept}:/tmp/kept", "{shown}:/kept/none"]',
                f'["{kept}:/kept", "{shown}:/kept/sub:ro", "{shown}/file:/kept/sub/file:ro"]',
                f'["~:/house", "{kept}:/kept"]',
                '["~:/house:ro", "~/.ssh:/keys:ro"]',
                f'["{kept}/link:/kept", "~/.bashrc:/shown/rc"]',
                '[{ type = "bind", source = "~/absent", target = "/absent", required = false }, "/usr/share/misc:/data"]',
                '["/dev/null:/kept/null", "/usr/share/misc:/data"]',
                f'["{shown}/file:/etc/hosts:ro", "{kept}:/kept"]',
            ]
        ),
        "init": rng.choice(["true", "false"]),
        "stdin": rng.choice(['"never"', '"auto"', '"always"']),
        "path_args": rng.choice(['"rw"', '"ro"', '"none"', '["--file", "--out"]']),
        "extra_hosts": rng.choice(['["db:10.0.0.9"]', '["db:10.0.0.9", "box:fe80::1"]']),
        "dns": '["9.9.9.9", "149.112.112.112"]',
        "persist": rng.choice(['[".config/tool"]', '["."]']),
        "group_add": f'["{groups[0]}"]',
        "stop_signal": '"SIGINT"',
        "labels": '["a=b"]',
        "security_opt": '["no-new-privileges:true"]',
        "cap_drop": rng.choice(['["ALL"]', '["NET_RAW"]']),
    }
    rare = {  # for the engine
        "cap_add": '["NET_ADMIN"]',
        "user": rng.choice(['"image"', '"1000:1000"']),
        "mem_limit": '"512m"',
        "cpus": "1",
        "pids_limit": "50",
        "volumes": '["kept-by-engine:/kept"]',
        "network_mode": '"bridge"',
        "deny": f'["{shown}/file"]',
        "group_add": '["audio"]',
        "tty": "true",
    }
    network = {"network_mode": rng.choice(['"none"'] * 5 + ['"host"'] * 2 + ['"bridge"'] * 3)}
    chosen = rng.sample(sorted(possible), rng.randrange(8))
    keys = network | {key: possible[key] for key in chosen}
    if rng.random() < 0.05:
        key = rng.choice(sorted(rare))
        keys[key] = rare[key]
    return keys


def _caller(rng: random.Random) -> Caller:
    stdin = rng.choice(["null", "null", "pipe", "pipe", "empty", "file", "closed"])
    caller = Caller(
        stdin=stdin,
        typed=rng.choice([b"typed\nmore\n", b"\xff\x00\n", b"x" * 100_000 + b"\n"]),
        env={"GIVEN": "g", "PRE_X": "p", "SECRET": "s", "LANG": "C.UTF-8"},
        folder=rng.choice(["work", "work", "work", "work/sub"]),
    )
    odd = rng.random()
    if odd < 0.1:
        return caller._replace(umask=rng.choice([0o027, 0o077, 0o002, 0]))
    if odd < 0.2:
        return caller._replace(nofile=rng.choice([300, 512]), nice=rng.choice([0, 3]))
    if odd < 0.23:
        return caller._replace(closed=rng.choice([(2,), (1,)]))
    if odd < 0.26:
        return caller._replace(ignored=rng.choice([(1,), (2, 3), (13,)]))
    if odd < 0.29:
        return caller._replace(env=caller.env | {"GIVEN": "caf\udce9", "PRE_X": "é\n\t"})
    return caller
