"""Loads the modules of a launch one after the other from Python's compiled files, without a search for each.

Python's ``import`` looks for a module in folders, takes locks and checks what it finds, all in Python code: it takes
twice as long as the modules themselves (some 500,000 of 800,000 instructions for each; Python 3.11, counted by
callgrind). The modules of a launch are known, so they are opened where they are.

This is never needed: what is not loaded here is imported as ever. That is so if there is no compiled file yet, if it
is older than its source, or if it was written by another Python.
"""

from __future__ import annotations

import gc
import sys
from marshal import loads

try:
    import posix as system  # the half of `os` that is built in; `os` itself may not be loaded at all
except ImportError:
    import os as system  # type: ignore[no-redef]  # it has what is needed, on every platform

try:
    from _frozen_importlib_external import MAGIC_NUMBER  # what compiled files begin with
except ImportError:
    from importlib.util import MAGIC_NUMBER

REPEAT = """
fast_stdlib errors sandbox.__init__ sandbox.bwrap_report sandbox.run_sandbox state.__init__ state.saved_plans
run.replay run.repeat_call
"""
"""What repeats a call as it was planned. Each comes after those it imports; ``__init__`` stands for a package."""

PLAN = """
core.__init__ core.run.__init__ core.run.shim_chain host.__init__ core.values.__init__ core.values.protected_paths
core.values.invocation host.process host.locations host.terminal host.find_project core.catalog.__init__
core.values.invalid_value core.values.limits core.values.mount core.values.port core.catalog.entry
core.values.checksum core.values.reference core.values.resolved_image state.state_folders state.launch_files
run.lookup state.journal run.record_run core.sandbox.__init__ core.sandbox.choose_runtime core.values.interpolate
core.values.environment core.catalog.deny core.run.container_user core.run.expand engine.__init__
core.run.engine_traits engine.detect_traits engine.endpoint run.engine_connection run.launch run.sandbox_launch
run.run_call run.full_launch
"""
"""What plans a call, after those above."""

PROJECT = """
core.policy.__init__ core.policy.masked_paths core.policy.denied_mounts core.policy.path_args
core.policy.project_mounts host.project_folders
"""
"""What finds the project of the current folder, for an entry that mounts it, after `PLAN`."""

JUDGE = """
core.policy.__init__ core.policy.masked_paths core.policy.denied_mounts core.policy.engine_sockets
core.policy.secret_access core.sandbox.pasta_options core.sandbox.writable_places core.sandbox.same_run
core.sandbox.sandbox_traits sandbox.detect_sandbox core.sandbox.tree sandbox.tree_store
"""
"""What decides whether bubblewrap gives the same run, after those above."""

SANDBOX = """
core.sandbox.network_terms core.run.host_names core.policy.path_args core.run.mount_plan core.values.run_spec
core.run.plan host.path_check run.plan_facts core.sandbox.mount_layout core.sandbox.start_program
core.sandbox.bwrap_command core.sandbox.tree_owner core.sandbox.network_files run.sandbox_files
core.values.program_errors sandbox.find_program sandbox.view sandbox.lay_out run.plan_sandbox
core.run.consulted_variables core.run.failure_hints sandbox.network_record sandbox.kept_network run.save_plan
run.run_in_sandbox
"""
"""What plans and runs a program in a sandbox, after those above."""

ENGINE = """
core.policy.__init__ core.policy.masked_paths core.policy.denied_mounts core.policy.secret_access
core.values.program_errors engine.init_errors engine.poll_descriptors engine.program_output engine.signal_forwarding
engine.stream_frames engine.run_session engine.engine_http core.policy.path_args host.path_check host.watcher
core.run.host_names core.run.mount_plan core.values.run_spec core.run.plan run.plan_facts run.run_launch
engine.create_body engine.create_lock engine.program_streams engine.socket_errors engine.wire_engine
engine.named_endpoint
"""
"""What runs a program by an engine on a local socket, after `PLAN`."""


def load_modules(names: str) -> None:
    """Load *names*, one of the lists of this module, as far as their compiled files are good."""
    gc.disable()  # loading makes no garbage
    for path_name in names.split():
        folder, _, own = f"{_PACKAGE}/{path_name.replace('.', '/')}".rpartition("/")
        name = f"launcher.{path_name.removesuffix('.__init__')}"
        if name not in sys.modules and name.rpartition(".")[0] in sys.modules:
            source = f"{folder}/{own}.py"
            code = _read(source, f"{folder}/__pycache__/{own}.{sys.implementation.cache_tag}.pyc")
            if code:
                _execute(name, source, code)
    gc.freeze()  # and no collection looks at it again
    gc.enable()


_PACKAGE = __file__.rpartition("/run/")[0]


def _read(source: str, cached: str) -> memoryview | None:
    """Return the code in the file *cached*; None if it was not compiled from *source* as it is now, by this Python."""
    try:
        seen = system.stat(source)
        descriptor = system.open(cached, system.O_RDONLY | system.O_CLOEXEC)
        try:
            data = system.read(descriptor, system.fstat(descriptor).st_size)
        finally:
            system.close(descriptor)
    except OSError:
        return None
    words = int(seen.st_mtime) & _WORD, seen.st_size & _WORD
    head = b"%b\0\0\0\0%b%b" % (MAGIC_NUMBER, *[word.to_bytes(4, "little") for word in words])  # PEP 552
    return memoryview(data)[len(head) :] if data.startswith(head) else None


_WORD = 0xFFFFFFFF


def _execute(name: str, source: str, code: memoryview) -> None:
    """Make the module *name* from its *code*, as importlib does."""
    folder, _, file = source.rpartition("/")
    parent, _, own = name.rpartition(".")
    is_package = file == "__init__.py"
    module = type(sys)(name)
    spec = type(__spec__)(name, None, origin=source, is_package=is_package)
    spec.has_location = True
    module.__file__, module.__spec__, module.__package__ = source, spec, name if is_package else parent
    if is_package:
        module.__path__ = spec.submodule_search_locations = [folder]
    sys.modules[name] = module
    exec(loads(code), module.__dict__)  # noqa: S102, S302  our own code, where Python itself keeps it
    setattr(sys.modules[parent], own, module)
