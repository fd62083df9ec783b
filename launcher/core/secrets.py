"""What must not be written down: passwords, tokens and keys in an argument list, and how each is blotted out.

The table knows the obvious forms, and errs on the side of leaving an ordinary argument as it was typed: it keeps
a journal readable, and is no vault.
"""

import re
from collections.abc import Iterable
from functools import cache

MASK = "***"

# How the name of a secret ends: GITHUB_TOKEN, --db-password, trustStorePassword, aws_secret_access_key.
_NAMED = r"(?:password|passwd|passphrase|token|secret|api[_-]?key|(?:access|secret|private|account)[_-]?key)"
_HEADER = r"(?:cookie|set-cookie|api-?key|(?:x|private|job|deploy)-[\w-]*(?:key|token|secret|auth|password))"
_VALUE = r"(?!=|\*{3})(?:\"[^\"]*\"|'[^']*'|[^\s,;&'\"]+)"  # quoted or bare; == is no assignment

# A flag whose value is the next argument; --password-file and --ask-password take none.
_FLAG = re.compile(rf"--?(?!-|no-|ask-)(?:[\w.-]*[._-])?{_NAMED}", re.IGNORECASE)
# docker build --secret names a file and holds no secret
_NAMES_A_FILE = re.compile(r"(?:id|type|env|src|source)=")

# Each row: what to look for, and what stays of it; \1 and \2 are the parts that may be read.
_ROWS = (
    # https://TOKEN:@host and GitHub's https://TOKEN:x-oauth-basic@host: the name is the secret
    (r"(https?://)[^\s/?#:@]+(:(?:x-oauth-basic)?@)", re.IGNORECASE, rf"\1{MASK}\2"),
    # scheme://user:password@host
    (r"((?<![\w+.-])[\w+.-]+://(?!\*)[^\s/?#:@]*:)[^\s/?#]+(@)", 0, rf"\1{MASK}\2"),
    # https://TOKEN@host; ssh://git@host names nobody's secret
    (r"(https?://)[^\s/?#:@]+(@)", re.IGNORECASE, rf"\1{MASK}\2"),
    # ?access_token=... and the signatures of S3, Google and Azure links
    (
        rf"([?&](?:[\w-]*{_NAMED}|pwd|sig|signature|x-(?:amz|goog)-(?:signature|credential))=)[^\s&#'\"]+",
        re.IGNORECASE,
        rf"\1{MASK}",
    ),
    # a header as an argument of its own: -H 'X-Api-Key: ...', --header=Cookie:...
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
    # PASSWORD=..., -eDB_PASSWORD=..., --token=..., -Djavax.net.ssl.trustStorePassword=...: an argument of its own
    (rf"^((?:--[\w-]+=)?[\w.-]*{_NAMED}=)(?!=).+", re.IGNORECASE | re.DOTALL, rf"\1{MASK}"),
    (r"^((?:-e|--[\w-]+=)?[A-Z0-9_]*_KEY=)(?!=).+", re.DOTALL, rf"\1{MASK}"),
    # the same inside a longer text
    (rf"((?<![\w.-])[\w.-]*{_NAMED}=){_VALUE}", re.IGNORECASE, rf"\1{MASK}"),
    (rf"((?<![\w.-])[A-Z0-9_]*_KEY=){_VALUE}", 0, rf"\1{MASK}"),
    # --password X inside the text of a command
    (rf"(\s--[\w-]*{_NAMED}\s+)(?!-){_VALUE}", re.IGNORECASE, rf"\1{MASK}"),
    # openssl's -passin pass:...
    (r"^(pass:).+", re.DOTALL, rf"\1{MASK}"),
    # tokens that say what they are
    (r"\b(AKIA|ASIA)[A-Z0-9]{16}\b", 0, rf"\1{MASK}"),
    (r"\b(gh[opusr]_|glpat-|npm_|hf_|dckr_pat_)[\w-]{20,}", 0, rf"\1{MASK}"),
    (r"\b(github_pat_|pypi-)\w[\w-]{20,}", 0, rf"\1{MASK}"),
    (r"\b(AIza)[\w-]{35}", 0, rf"\1{MASK}"),
    (r"\b(xox[abeprs]-|[sr]k_live_)[\w-]{10,}", 0, rf"\1{MASK}"),
    (r"(?<![\w-])(sk-)(?=[\w-]*\d)[\w-]{20,}", 0, rf"\1{MASK}"),
    (r"(?<![\w-])(eyJ)[\w-]{10,}\.[\w-]{10,}\.[\w-]*", 0, rf"\1{MASK}"),
    (r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*", re.DOTALL, rf"\1{MASK}"),
)


def masked(args: Iterable[str]) -> list[str]:
    """Return *args* with every obvious secret written as ``***``, as many as there were and in their order."""
    shown: list[str] = []
    value_follows = False
    for arg in args:
        secret = value_follows and arg != "" and not arg.startswith("--") and not _NAMES_A_FILE.match(arg)
        shown.append(MASK if secret else _blotted(arg))
        value_follows = not secret and _FLAG.fullmatch(arg) is not None
    return shown


def _blotted(arg: str) -> str:
    for pattern, kept in _compiled():
        arg = pattern.sub(kept, arg)
    return arg


@cache
def _compiled() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the table ready for use: 6 ms, which only who has something to hide pays."""
    return tuple((re.compile(pattern, flags), kept) for pattern, flags, kept in _ROWS)
