"""Masking of passwords, tokens and keys in an argument list before it is logged.

The patterns cover the obvious forms, and leave an argument unchanged when in doubt: the journal stays readable,
but it is not a guarantee.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from launcher.fast_stdlib import NamedTuple

MASK = "***"

# Suffixes of a secret's name: GITHUB_TOKEN, --db-password, trustStorePassword, aws_secret_access_key.
_NAMED = r"(?:password|passwd|passphrase|passcode|token|secret|api[_-]?key|(?:access|secret|private|account)[_-]?key)"
# DB_PASS, --pass, dbpass, DB_PWD; but not bypass and compass, nor PWD, which is a folder
_SHORT = r"(?:(?<!by)(?<!com)(?<!tres)(?<!sur)(?<!over)(?<!multi)pass|(?<=[a-z0-9][_-])pwd?|(?<=-)pwd?)"
_OPEN = r"(?!(?:\d|true|false|yes|no|on|off)(?![\w.-]))"  # --pass 1 of an encoder, two-pass=yes
# Words before a colon that are not user names, and text after an @ that is not a version or digest.
_NOBODY = r"(?:npm|jsr|pkg|mailto|sips?|xmpp|acct|workspace|to|from|b?cc|author|assignee|owner|user)"
_HOST = r"(?!sha\d+:)(?!\d+(?:\.\d+){0,2}(?![\d.]))(?!latest\b)[\w\[(]"
_HEADER = r"(?:cookie|set-cookie|api-?key|(?:x|private|job|deploy)-[\w-]*(?:key|token|secret|auth|password))"
_VALUE = r"(?!=|\*{3})(?:\"[^\"]*\"|'[^']*'|[^\s,;&'\"]+)"  # quoted or bare; == is not an assignment

# A flag whose value is the next argument; --password-file and --ask-password take none.
_FLAG = re.compile(rf"--?(?!-|no-|ask-)(?:[\w.-]*[._-])?{_NAMED}", re.IGNORECASE)
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

_MYSQL = r"(?:mysql|mariadb)[\w-]*|mycli"


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
    _Flags(_MYSQL, "-p", ""),
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

# Each row: a pattern, its flags, and the replacement; \1 and \2 are the parts that stay visible.
_ROWS = (
    # https://TOKEN:@host and GitHub's https://TOKEN:x-oauth-basic@host: the user name is the secret
    (r"(https?://)[^\s/?#:@]+(:(?:x-oauth-basic)?@)", re.IGNORECASE, rf"\1{MASK}\2"),
    # scheme://user:password@host
    (r"((?<![\w+.-])[\w+.-]+://(?!\*)[^\s/?#:@]*:)[^\s/?#]+(@)", 0, rf"\1{MASK}\2"),
    # https://TOKEN@host; ssh://git@host contains no secret
    (r"(https?://)[^\s/?#:@]+(@)", re.IGNORECASE, rf"\1{MASK}\2"),
    # ana:s3cret@host without a scheme; image:1.2@sha256:..., npm:x@1.2 and from:ana@b.org are not secrets
    (
        rf"(?<![\w/@:.+%-])(?!{_NOBODY}:)([\w.+%-]+:)(?!\*{{3}})[^\s/@:'\"]+(@{_HOST})",
        re.IGNORECASE,
        rf"\1{MASK}\2",
    ),
    # webhooks of Slack and Discord, bot tokens of Telegram
    (r"(hooks\.slack\.com/services/|discord(?:app)?\.com/api/webhooks/)[^\s'\"]+", re.IGNORECASE, rf"\1{MASK}"),
    (r"(api\.telegram\.org/bot)[^\s/'\"]+", re.IGNORECASE, rf"\1{MASK}"),
    # ?access_token=... and the signatures of S3, Google and Azure links
    (
        rf"([?&](?:[\w-]*{_NAMED}|pwd|sig|signature|x-(?:amz|goog)-(?:signature|credential))=)[^\s&#'\"]+",
        re.IGNORECASE,
        rf"\1{MASK}",
    ),
    # a header as a separate argument: -H 'X-Api-Key: ...', --header=Cookie:...
    (
        rf"^((?:-H\s*|--[\w-]*header=)?{_HEADER}\s*:\s*)\S.*",
        re.IGNORECASE | re.DOTALL,
        rf"\1{MASK}",
    ),
    # Authorization: Bearer ..., also inside the text of a command
    (
        r"((?:\b|(?<=-H))(?:proxy-)?authorization\s*:\s*(?:(?:bearer|basic|token|digest|negotiate)\s+)?)[^\s'\"][^'\"]*",
        re.IGNORECASE,
        rf"\1{MASK}",
    ),
    (r"(\bbearer\s+)[\w.~+/-]{16,}=*", re.IGNORECASE, rf"\1{MASK}"),
    # a separate argument: PASSWORD=..., -eDB_PASSWORD=..., --token=..., -Djavax.net.ssl.trustStorePassword=...
    (rf"^((?:--[\w-]+=)?[\w.-]*{_NAMED}=)(?!=).+", re.IGNORECASE | re.DOTALL, rf"\1{MASK}"),
    (r"^((?:-e|--[\w-]+=)?[A-Z0-9_]*_KEY=)(?!=).+", re.DOTALL, rf"\1{MASK}"),
    # DB_PASS=..., --pass=..., DB_PWD=...
    (rf"^((?:--[\w-]+=)?[\w.-]*{_SHORT}=)(?!=){_OPEN}.+", re.IGNORECASE | re.DOTALL, rf"\1{MASK}"),
    (rf"((?<![\w.-])[\w.-]*{_SHORT}=){_OPEN}{_VALUE}", re.IGNORECASE, rf"\1{MASK}"),
    # --user=ana:x, --proxy-user=ana:x, --auth=ana:x
    (
        r"^(--(?:(?:proxy-)?user|(?:basic-|proxy-)?auth|cred(?:ential)?s)=(?!\d+:\d+$)(?!([^:]*):\2$)[^\s:/@$]+:)[^\s/$].*",
        re.IGNORECASE | re.DOTALL,
        rf"\1{MASK}",
    ),
    # {"password": "..."} and {'password': '...'}, also escaped inside another text
    (rf"(\"[\w.-]*(?:{_NAMED}|{_SHORT})\"\s*:\s*\")(?!\*{{3}})(?:[^\"\\]|\\.)+", re.IGNORECASE, rf"\1{MASK}"),
    (rf"('[\w.-]*(?:{_NAMED}|{_SHORT})'\s*:\s*')(?!\*{{3}})(?:[^'\\]|\\.)+", re.IGNORECASE, rf"\1{MASK}"),
    (rf"(\\\"[\w.-]*(?:{_NAMED}|{_SHORT})\\\"\s*:\s*\\\")(?!\*{{3}})[^\"\\]+", re.IGNORECASE, rf"\1{MASK}"),
    # the same inside a longer text
    (rf"((?<![\w.-])[\w.-]*{_NAMED}=){_VALUE}", re.IGNORECASE, rf"\1{MASK}"),
    (rf"((?<![\w.-])[A-Z0-9_]*_KEY=){_VALUE}", 0, rf"\1{MASK}"),
    # --password X inside the text of a command
    (rf"(\s--[\w-]*{_NAMED}\s+)(?!-){_VALUE}", re.IGNORECASE, rf"\1{MASK}"),
    (rf"(\s--(?:[\w-]*-)?(?:pass|pwd?|bearer)\s+)(?!-){_OPEN}{_VALUE}", re.IGNORECASE, rf"\1{MASK}"),
    # curl -u ana:x, mysql -u root -px and sshpass -p x inside the text of a command
    (
        r"(\bcurl\b[^|;&]{0,300}?\s(?:-[a-zA-Z]*[uU]|--(?:proxy-)?user)[\s=]+['\"]?[^\s:'\"]+:)(?!\*{3})[^\s'\"]+",
        0,
        rf"\1{MASK}",
    ),
    (rf"(\b(?:{_MYSQL})\b[^|;&]{{0,300}}?\s-p)(?!\*{{3}})[^\s'\"]+", 0, rf"\1{MASK}"),
    (rf"(\bsshpass\s+-p\s*){_VALUE}", 0, rf"\1{MASK}"),
    # openssl's -passin pass:...
    (r"^(pass:).+", re.DOTALL, rf"\1{MASK}"),
    # tokens with a known prefix
    (r"\b(AKIA|ASIA)[A-Z0-9]{16}\b", 0, rf"\1{MASK}"),
    (r"\b(gh[opusr]_|glpat-|npm_|hf_|dckr_pat_)[\w-]{20,}", 0, rf"\1{MASK}"),
    (r"\b(github_pat_|pypi-)\w[\w-]{20,}", 0, rf"\1{MASK}"),
    (r"\b(AIza)[\w-]{35}", 0, rf"\1{MASK}"),
    (r"\b(xox[abeprs]-|[sr]k_live_)[\w-]{10,}", 0, rf"\1{MASK}"),
    (r"(?<![\w-])(sk-)(?=[\w-]*\d)[\w-]{20,}", 0, rf"\1{MASK}"),
    (r"(?<![\w-])(eyJ)[\w-]{10,}\.[\w-]{10,}\.[\w-]*", 0, rf"\1{MASK}"),
    (r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*", re.DOTALL, rf"\1{MASK}"),
)


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
        shown.append(found or _mask_patterns(arg))
        flag = "" if found else arg  # a secret is not a flag for the next argument
    return shown


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


def _mask_patterns(arg: str) -> str:
    for pattern, kept in _compiled():
        arg = pattern.sub(kept, arg)
    return arg


@cache
def _compiled() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Compile the table once, when it is first needed: it takes 6 ms."""
    return tuple((re.compile(pattern, flags), kept) for pattern, flags, kept in _ROWS)
