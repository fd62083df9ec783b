"""Masking of passwords, tokens and keys in an argument list before it is logged.

It covers the obvious forms, and leaves an argument unchanged when in doubt: the journal stays readable,
but it is not a guarantee.
"""

import re
from collections.abc import Iterable, Sequence

from launcher.core.values.secret_patterns import MASK, MYSQL, SENSITIVE, mask_patterns
from launcher.fast_stdlib import NamedTuple

# A flag whose value is the next argument; --password-file and --ask-password take none.
_FLAG = re.compile(rf"--?(?!-|no-|ask-)(?:[\w.-]*[._-])?{SENSITIVE}", re.IGNORECASE)
# The same for short names, whose value may not be a secret.
_SHORT_FLAG = re.compile(r"--(?!no-|ask-)(?:[\w.-]*[._-])?(?:pass|pwd?|bearer)|-pw", re.IGNORECASE)
_PLAIN = re.compile(r"\d|true|false|yes|no|on|off", re.IGNORECASE)
# Flags followed by name:secret: curl -u ana:x, http --auth ana:x
_LOGIN_FLAG = re.compile(r"--(?:proxy-)?user|--(?:basic-|proxy-)?auth|--cred(?:ential)?s", re.IGNORECASE)
_LOGIN = re.compile(r"(?!\d+:\d+$)(?!([^:]*):\1$)([^\s:/@$]+:)[^\s/$].*", re.DOTALL)  # no uid:gid, root:root
# aws configure set aws_secret_access_key X
_NAME_ALONE = re.compile(r"[\w.]*(?:secret_access_key|session_token)", re.IGNORECASE)
# docker build --secret takes the name of a file, not a secret
_NAMES_A_FILE = re.compile(r"(?:id|type|env|src|source)=")


class _Flags(NamedTuple):
    """Short flags of a program that take a secret: joined to the flag, or as the next argument."""

    program: str
    joined: str
    apart: str
    only_with: str = ""  # a word that must also be present

    def fits(self, words: Sequence[str]) -> bool:
        """Tell whether a command line that begins with *words* runs this program."""
        names = [word.rpartition("/")[2] for word in words]
        return self.only_with in ("", *names) and any(re.fullmatch(self.program, name) for name in names)


_BY_PROGRAM = (
    _Flags(MYSQL, "-p", ""),
    _Flags("7z[arz]?|rar|unrar", "-h?p", ""),
    _Flags("sshpass", "-p", "-p"),
    _Flags("zip|unzip|zipcloak", "-P", "-P"),
    _Flags(r"ldap\w+", "-w", "-w"),
    _Flags("redis-cli|valkey-cli", "-a", "-a"),
    _Flags(r"mongo\w*|rabbitmqadmin|influx", "", "-p"),
    _Flags(r"sqlcmd|bcp|mosquitto_\w+", "-P", "-P"),
    _Flags("docker|podman|nerdctl|buildah|skopeo|helm|oras|crane", "", "-p", "login"),
    _Flags("openssl", "", "-[kK]"),
    _Flags("https?|xh", "", "-a"),
)
_CURL = _Flags("curl", "", "")
_COPIES = _Flags("rsync|rclone|unison|scp|cp|mv", "", "")  # -u host:folder
_SAMBA = _Flags(r"smb\w+|rpcclient|winexe", "", "")
_PERCENT = re.compile(r"((?:-U|--user=)?[^\s%=]+%).+", re.DOTALL)  # smbclient -U ana%s3cret
_PREFIX_WORDS = 6  # how many words may come before a program's name: applaunch run -- env mysql


def mask_secrets(args: Iterable[str], command: str = "") -> list[str]:
    """Return *args* with every obvious secret replaced by ``***``; their number and order stay the same.

    *command* is the program they belong to, because some programs have their own flags for secrets.
    """
    typed = [*args]
    words = [command, *typed[:_PREFIX_WORDS]]
    programs = [each for each in _BY_PROGRAM if each.fits(words)]
    is_samba = _SAMBA.fits(words)
    short = r"-[a-zA-Z]*[uU]" if _CURL.fits(words) else "" if _COPIES.fits(words) else r"-[uU]"  # curl -su ana:x
    shown: list[str] = []
    flag = ""
    for arg in typed:
        found = _percent(arg) if is_samba and "%" in arg else _value(arg, flag, programs, short)
        shown.append(found or mask_patterns(arg))
        flag = "" if found else arg  # a secret is not a flag for the next argument
    return shown


def mask_proxy(name: str, value: str) -> str:
    """Return the *value* of the variable *name*, without its password if it is a proxy."""
    return mask_patterns(value) if name.lower().endswith("_proxy") else value


def _value(arg: str, flag: str, programs: Iterable[_Flags], short: str) -> str:
    """Return *arg* masked if it is the secret value of the *flag* before it or of a flag it begins with; else "".

    A login may also follow a flag that matches the pattern *short*.
    """
    is_login = flag and (_LOGIN_FLAG.fullmatch(flag) or re.fullmatch(short, flag))
    if is_login and (login := _LOGIN.fullmatch(arg)):
        return f"{login[2]}{MASK}"
    if arg and not arg.startswith("--"):
        if _FLAG.fullmatch(flag) and not _NAMES_A_FILE.match(arg):
            return MASK
        if _NAME_ALONE.fullmatch(flag) or (_SHORT_FLAG.fullmatch(flag) and not _PLAIN.fullmatch(arg)):
            return MASK
    for each in programs:
        if each.apart and arg and re.fullmatch(each.apart, flag):
            return MASK
        if each.joined and (found := re.match(rf"(?:{each.joined})(?=[^-])", arg)):
            return f"{found[0]}{MASK}"
    return ""


def _percent(arg: str) -> str:
    found = _PERCENT.fullmatch(arg)
    return f"{found[1]}{MASK}" if found else ""
