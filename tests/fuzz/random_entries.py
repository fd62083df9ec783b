"""Random entries that bubblewrap can run, random calls of them, and a script that tells what a program sees."""

import random

FACTS = r"""
umask_before=$(umask)
echo "== place"; pwd; id -u; id -g; echo "$umask_before"; printf '%s|' "$0" "$@"; echo
echo "== environment"; env | sort
echo "== hostname"; hostname; cat /etc/hostname | wc -l
echo "== limits"; for l in c d f l n s t v; do echo $l $(ulimit -S$l) $(ulimit -H$l); done
echo "== rights"; grep -E '^(Cap|NoNewPrivs|Seccomp:|SigBlk|SigIgn)' /proc/self/status
echo "== descriptors"; ls /proc/self/fd | tr '\n' ' '; test -t 0 && echo tty0; test -t 1 && echo tty1; echo
echo "== masks"; for p in acpi kcore keys latency_stats timer_list sched_debug scsi asound; do test -e /proc/$p && { echo $p $(cat /proc/$p 2> /dev/null | head -c 9 | wc -c) $(ls /proc/$p 2> /dev/null | wc -w); }; done
ls /sys/firmware 2> /dev/null | wc -w
echo "== writable"; for p in / /bin /etc /etc/hosts /etc/resolv.conf /home /root /tmp /var/tmp /dev /dev/shm /dev/null /proc/sys/kernel/hostname /sys /run /scratch /kept /shown . ~; do test -e $p && { if test -d $p; then mkdir $p/.probe && rmdir $p/.probe; else (: >> $p); fi; } 2> /dev/null && echo "$p yes" || echo "$p no"; done
echo "== modes"; for p in / /bin /etc /tmp /var/tmp /dev /dev/shm /dev/null /proc /scratch . ~ .. /root; do stat -c '%n %a %u %g %F' $p 2>&1; done
echo "== devices"; ls /dev | grep -v -E '^(init|core|fd|stdin|stdout|stderr)$' | sort | tr '\n' ' '
echo "== sizes"; for p in /dev/shm /scratch; do df -k $p 2> /dev/null | awk 'NR > 1 {print $NF, $(NF-4)}'; done
echo "== options"; awk '{print $2, $4}' /proc/mounts | grep -E '^(/|/tmp|/dev/shm|/scratch|/kept|/shown|/proc) ' | sed -E 's/ (.*,)?(rw|ro),.*/ \2/' | sort
echo "== flags"; awk '{print $2, $4}' /proc/mounts | grep -E '^(/tmp|/dev/shm|/scratch|/kept|/shown|/proc) ' | sed -E 's/[a-z]+=[^,]*//g; s/(rel|lazy)?atime//; s/,+/,/g' | sort
echo "== network"; cut -d: -f1 -s /proc/net/dev | grep -v veth | sort; cat /etc/hosts /etc/resolv.conf | grep -v -E '^(#|127.77)' | sort
echo "== end"
"""
ACTIONS = (
    "echo out; echo err >&2",
    "exit $(($$ % 1 + 7))",
    "cat; cat given 2>&1",
    "kill -TERM $$",
    "kill -KILL $$",
    "umask 077; echo x > new; mkdir folder",
    "echo x > given; chmod 640 given; ln -s given link",
    "rm -rf sub; echo gone; ls",
    "echo x >> /kept/made; echo y >> /shown/made",
    "echo x > /tmp/a; cat /tmp/a; echo x > /scratch/a; cat /scratch/a",
    "touch /etc/x /bin/x /x /root/x",
    "head -c 2000000 /dev/zero > /dev/shm/big; ls -l /dev/shm | awk '{print $5}'",
    "no-such-program",
    "cd /nowhere",
    "wc -c; wc -c",
    "sleep 0.1 & wait; echo waited",
    "mount -t tmpfs x /mnt; unshare -r true",
    "ping -c 1 -W 1 127.0.0.1 2>&1 | head -1",
    "echo x > /proc/sys/kernel/hostname",
    "mkfifo p; (echo piped > p) & cat p; rm p",
    "chown 0:0 given; chmod u+s given; ls -l given | cut -c1-10",
)


def entry_and_call(rng: random.Random, home: str) -> tuple[dict[str, str], str, dict[str, str]]:
    """Return the keys of an entry as TOML, what its shell does, and how it is called."""
    possible = {
        "read_only": rng.choice(["true", "false"]),
        "tmpfs": rng.choice(['["/scratch"]', '["/scratch:size=1m"]', '["/tmp", "/scratch:ro"]']),
        "shm_size": rng.choice(['"1m"', '"100m"']),
        "environment": rng.choice(['["A=1", "B=two words"]', '["PATH=/bin", "EMPTY="]', '["GIVEN", "PRE_*"]']),
        "hostname": rng.choice(['"box"', '"a.b-c"']),
        "ulimits": rng.choice(
            ["{ nofile = 99 }", "{ core = 0, fsize = 1000000 }", "{ nofile = { soft = 50, hard = 80 } }"]
        ),
        "working_dir": rng.choice(['"/data"', '"/srv/deep/er"', '"/home/x"']),
        "mount_cwd": rng.choice(['"ro"', '"none"', '"rw"']),
        "volumes": rng.choice(
            [
                f'["{home}/kept:/kept", "{home}/shown:/shown:ro"]',
                f'["{home}/kept:/kept/deep/x", "{home}/shown/file:/etc/conf:ro"]',
                f'["{home}/kept:/tmp/kept"]',
            ]
        ),
        "init": rng.choice(["true", "false"]),
        "stdin": rng.choice(['"never"', '"auto"']),
        "path_args": rng.choice(['"rw"', '"ro"']),
        "extra_hosts": '["db:10.0.0.9"]',
    }
    chosen = rng.sample(sorted(possible), rng.randrange(6))
    keys = {"network_mode": rng.choice(['"none"', '"none"', '"host"'])} | {key: possible[key] for key in chosen}
    how: dict[str, str] = rng.choice([{}, {"input": "typed\nmore\n"}, {"input": ""}])
    env = {"env": {"GIVEN": "g", "PRE_X": "p", "SECRET": "s"}}
    return keys, "\n".join(rng.sample(ACTIONS, rng.randrange(1, 4))), how | env
