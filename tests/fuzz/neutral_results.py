"""What came of a call and what its program saw, without what differs between any two runs."""

import json
import re
from typing import Any

from tests.fuzz.call_program import Called
from tests.fuzz.example_setting import Facts, Setting


def neutral_result(called: Called, setting: Setting, app: str) -> dict[str, Any]:
    """Return what came of a call, without what differs between any two runs."""
    out, facts = called.out.decode("latin-1"), {}
    if "\x1e" in out:
        before, _, rest = out.partition("\x1e")
        text, _, after = rest.partition("\x1f")
        out, facts = before + after, neutral_facts(json.loads(text), setting, app)
    out = re.sub(r"\b[A-Z][a-z]{2} [ 123]\d \d\d:\d\d\b", "<minute>", out)  # of ls
    err = called.err.decode("latin-1").replace(f"[apps.{app}]", "[apps.APP]").replace(f"/{app}.toml", "/APP.toml")
    err = re.sub(r"overlay2/.*|homes/\w+.*", "...", err)
    err = re.sub(rf"^applaunch: {app}\b", "applaunch: APP", err, flags=re.MULTILINE)
    err = _ONCE.sub("", err)
    return {"exit code": called.code, "stdout": out.splitlines(), "stderr": err.splitlines(), **facts}


_ONCE = re.compile(
    r"^applaunch: APP: note: .*(?:the engine's umask is|was mounted without its folder|is above the current folder).*\n?",
    re.MULTILINE,
)
"""Notes that are printed once, so only by the runtime that comes first."""


def neutral_facts(facts: Facts, setting: Setting, app: str) -> Facts:
    """Return *facts* without what differs between any two runs."""
    name = facts["hostname"]["name"]
    if re.fullmatch("[0-9a-f]{12}", name):
        facts["hostname"] = {key: value.replace(name, "<random>") for key, value in facts["hostname"].items()}
        facts["network"]["hosts"] = facts["network"]["hosts"].replace(name, "<random>")
        if facts["environment"].get("HOSTNAME") == name:
            facts["environment"]["HOSTNAME"] = "<random>"
    if facts["environment"].get("APPLAUNCH_SHIM") == app:
        facts["environment"]["APPLAUNCH_SHIM"] = "<app>"
    ignored = int(facts["rights"]["SigIgn"], 16) & ~(3 << 31)  # 32 and 33, which Go and posix_spawn ignore
    facts["rights"]["SigIgn"] = f"{ignored:016x}"
    facts["mounts"] = {
        place: [*mount[:1], mount[1].replace(f"/homes/{app}", "/homes/APP"), *mount[2:]]
        for place, mount in facts["mounts"].items()
    }
    facts["place"].pop("session")  # a process of a sandbox has its caller's, so that the terminal is its own
    facts["namespaces"] = {
        name: "the machine's" if number == setting.host_namespaces[name] else "its own"
        for name, number in facts["namespaces"].items()
    }
    own = re.compile(r".*/\.(local/state|cache)/applaunch/")  # they grow from run to run
    facts["modes"] = {path: value for path, value in facts["modes"].items() if not own.match(path)}
    network = facts["network"]
    network["interfaces"] = [name for name in network["interfaces"] if not name.startswith(("veth", "rig-"))]
    network["hosts"] = [line for line in network["hosts"].splitlines() if line and line[:6] not in ("# rig ", "127.77")]
    network["resolver"] = network["resolver"].splitlines()
    facts["sys"]["class/net"] = [each for each in facts["sys"]["class/net"] if not each.startswith(("veth", "rig-"))]
    return facts
