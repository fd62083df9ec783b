"""What was measured on: facts that a reader needs to judge the figures, and none that tell whose machine it is."""

import datetime as dt
import os
import platform
from collections.abc import Callable
from pathlib import Path

import launcher
from tests.rig import Rig
from tests.rig.programs import find, run


def facts(rig: Rig) -> dict[str, str]:
    """Return the facts by name, as they are shown."""
    version = rig.engine.ask("GET", "/version")
    return {
        "date": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load before": f"{os.getloadavg()[0]:.2f}",
        "engine": f"{_product(version)} {version['Version']}, API {version['ApiVersion']}",
        "docker CLI": _said("docker", lambda words: words.split()[2].rstrip(",")),
        "runc": _said("runc", lambda words: words.split()[2]),
        "bubblewrap": _said("bwrap", lambda words: words.split()[1]),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "applaunch": launcher.__version__,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    found = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(found, platform.machine())


def _product(version: dict[str, list[dict[str, str]]]) -> str:
    first = next(iter(version.get("Components") or ()), {}).get("Name", "")
    return "podman" if "podman" in first.lower() else "dockerd"


def _said(program: str, read: Callable[[str], str]) -> str:
    path = find(program)
    return read(run(path, "--version")) if path else "not installed"
