"""Compile the profile of system calls to the BPF program that bwrap gives to the kernel, with libseccomp."""

from __future__ import annotations

import ctypes
import hashlib
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from launcher.core.sandbox import filter_prologue
from launcher.core.sandbox.filter_prologue import ArchitectureFacts
from launcher.sandbox.keep_file import keep_file

if TYPE_CHECKING:
    from launcher.core.sandbox.system_calls import Profile, Rule


class FilterError(Exception):
    """The filter cannot be made."""


class LibraryMissingError(FilterError):
    """libseccomp is not installed."""


def make_filter(folder: str, profile: Profile) -> str:
    """Return the path of the compiled filter in *folder*, which is written unless it is there.

    Raises `FilterError` if libseccomp is missing or refuses, OSError if *folder* cannot be written.
    """
    program = compile_filter(profile)
    path = f"{folder}/{profile.architectures[0]}-{hashlib.sha256(program).hexdigest()[:16]}{_SUFFIX}"
    keep_file(path, program)
    for each in os.scandir(folder):
        if each.name.endswith(_SUFFIX) and each.path != path:
            with suppress(FileNotFoundError):  # two of us at once
                os.unlink(each.path)
    return path


def compile_filter(profile: Profile) -> bytes:
    """Return the filter as an array of ``struct sock_filter`` (seccomp(2)); raises `FilterError`."""
    library = _load_library()
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(_error(_EPERM)))
    if not context:
        raise FilterError("libseccomp cannot be used")
    try:
        library.seccomp_attr_set(context, _OPTIMIZE, ctypes.c_uint32(_TREE))  # refused before libseccomp 2.5
        _set_architectures(library, context, profile)
        for rule in profile.rules:
            _add_rule(library, context, rule)
        rules = _export(library, context)
    finally:
        library.seccomp_release(context)
    facts = [_architecture_facts(library, name, profile) for name in profile.architectures]
    return filter_prologue.assemble(facts, profile.refused_ioctls) + rules


def _load_library() -> ctypes.CDLL:
    try:
        return ctypes.CDLL("libseccomp.so.2")
    except OSError:
        raise LibraryMissingError("libseccomp is not installed") from None


_SUFFIX = ".bpf"
_EPERM = 1
_ALLOW = 0x7FFF_0000  # seccomp.h: SCMP_ACT_ALLOW
_OPTIMIZE, _TREE = 8, 2  # SCMP_FLTATR_CTL_OPTIMIZE: a binary tree, which the kernel loads 1 ms faster than a list
_MASKED_EQUAL = 7  # SCMP_CMP_MASKED_EQ
_TOKENS = {"x86_64": 0xC000_003E, "x86": 0x4000_0003, "x32": 0x4000_003E, "aarch64": 0xC000_00B7, "arm": 0x4000_0028}
"""SCMP_ARCH_*, which are the kernel's AUDIT_ARCH_* except for x32, whose calls carry x86_64's."""
_NATIVE = 0  # SCMP_ARCH_NATIVE
_UNKNOWN = -1  # __NR_SCMP_ERROR: a call that this libseccomp does not know; other negative numbers: not on this machine


class _Comparison(ctypes.Structure):
    """struct scmp_arg_cmp."""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("mask", ctypes.c_uint64),
        ("value", ctypes.c_uint64),
    )


def _error(number: int) -> ctypes.c_uint32:
    return ctypes.c_uint32(0x0005_0000 | number)  # SCMP_ACT_ERRNO


def _set_architectures(library: ctypes.CDLL, context: ctypes.c_void_p, profile: Profile) -> None:
    native = library.seccomp_arch_native() & 0xFFFF_FFFF
    for name in profile.architectures:
        if _TOKENS[name] != native:
            _check(library.seccomp_arch_add(context, ctypes.c_uint32(_TOKENS[name])), name)
    if native not in [_TOKENS[name] for name in profile.architectures]:
        _check(library.seccomp_arch_remove(context, ctypes.c_uint32(_NATIVE)), "native")


def _add_rule(library: ctypes.CDLL, context: ctypes.c_void_p, rule: Rule) -> None:
    number = library.seccomp_syscall_resolve_name(rule.call.encode())
    if number == _UNKNOWN:
        return  # as docker does; the call then fails with EPERM, or ENOSYS if it is newer than all others
    action = _error(rule.error) if rule.error else ctypes.c_uint32(_ALLOW)
    test = rule.test
    comparisons = (_Comparison * 1)(_Comparison(test.argument, _MASKED_EQUAL, test.mask, test.value)) if test else None
    _check(library.seccomp_rule_add_array(context, action, number, 1 if test else 0, comparisons), rule.call)


def _export(library: ctypes.CDLL, context: ctypes.c_void_p) -> bytes:
    with open(os.memfd_create("filter"), "w+b") as file:
        _check(library.seccomp_export_bpf(context, file.fileno()), "export")
        file.seek(0)
        return file.read()


def _architecture_facts(library: ctypes.CDLL, name: str, profile: Profile) -> ArchitectureFacts:
    def number(call: str) -> int:
        return int(library.seccomp_syscall_resolve_name_arch(ctypes.c_uint32(_TOKENS[name]), call.encode()))

    last = max(number(rule.call) for rule in profile.rules)
    return ArchitectureFacts(name, last, number("ioctl"))


def _check(result: int, what: str) -> None:
    if result < 0:
        raise FilterError(f"{what}: {os.strerror(-result).lower()}")
