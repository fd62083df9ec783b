"""Measure a catalog of ten thousand apps: `python -m tests.remotes.large`. No test depends on the times."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.remotes.publisher import Web, made_keys, publish

APP = """
[apps.tool-{n:05}]
description = "Tool number {n} of the big catalog"
homepage = "https://tools.example/{n}"
license = "MIT"
image = "registry.example/tools/tool-{n:05}:1.{n}@sha256:{n:064x}"
network_mode = "none"
mount_cwd = "ro"
"""
ROUNDS = 5


def main():
    """Publish a catalog of 10,000 apps, and time what people do with it."""
    with tempfile.TemporaryDirectory() as scratch:
        home, folder = Path(scratch, "home"), Path(scratch, "public")
        home.mkdir()
        folder.mkdir()
        key = made_keys(home)["ana"]
        text = "schema = 1\n[catalog]\nserial = {serial}\n" + "".join(APP.format(n=n) for n in range(10_000))
        with Web(folder) as web:
            serial = publish(folder, key, 1, text).stat().st_size
            print(f"10,000 apps, {serial / 1e6:.1f} MB")
            env = os.environ | {"HOME": str(home), "DOCKER_HOST": "unix:///nowhere.sock", "APPLAUNCH_ETC": str(home)}
            timed(env, "applaunch --version", "--version")
            timed(env, "remote add", "remote", "add", "team", web.url, "--key", f"{key.path}.pub", rounds=1)
            timed(env, "remote update, nothing new", "remote", "update")
            for round_ in range(ROUNDS):
                publish(folder, key, 2 + round_, text.replace("Tool number 7 ", f"Tool number 7.{round_} "))
                timed(env, "remote update, a new catalog", "remote", "update", rounds=1)
            for words in (["search", "tool-0123"], ["search", "number 77"], ["search"], ["list"], ["remote", "list"]):
                timed(env, " ".join(words), *words)
            timed(env, "info tool-01234", "info", "tool-01234")
            timed(env, "add tool-01234", "add", "tool-01234", rounds=1)
            timed(env, "list, one installed", "list")


def timed(env, name, *words, rounds=ROUNDS):
    """Run applaunch so often, and print the best wall-clock time and CPU time of it."""
    program = str(Path(sys.executable).parent / "applaunch")
    walls, cpus = [], []
    for _ in range(rounds):
        before, began = os.times(), time.perf_counter()
        subprocess.run([program, *words], env=env, check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        walls.append(time.perf_counter() - began)
        cpus.append(after.children_user + after.children_system - before.children_user - before.children_system)
    print(f"{name:32} best of {rounds}: {min(walls):6.2f} s, CPU {min(cpus):5.2f} s", flush=True)


if __name__ == "__main__":
    main()
