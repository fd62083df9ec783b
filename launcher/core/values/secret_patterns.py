"""Patterns of secrets inside one argument: credentials in URLs, headers, assignments and tokens."""

import re
from functools import cache

MASK = "***"

# Suffixes of a secret's name: GITHUB_TOKEN, --db-password, trustStorePassword, aws_secret_access_key.
SENSITIVE = (
    r"(?:password|passwd|passphrase|passcode|token|secret|api[_-]?key|(?:access|secret|private|account)[_-]?key)"
)
# DB_PASS, --pass, dbpass, DB_PWD; but not bypass and compass, nor PWD, which is a folder
_SHORT = r"(?:(?<!by)(?<!com)(?<!tres)(?<!sur)(?<!over)(?<!multi)pass|(?<=[a-z0-9][_-])pwd?|(?<=-)pwd?)"
_NOT_A_FLAG_VALUE = r"(?!(?:\d|true|false|yes|no|on|off)(?![\w.-]))"  # --pass 1 of an encoder, two-pass=yes
# Words before a colon that are not user names, and text after an @ that is not a version or digest.
_NOT_A_USER = r"(?:npm|jsr|pkg|mailto|sips?|xmpp|acct|workspace|to|from|b?cc|author|assignee|owner|user)"
_HOST = r"(?!sha\d+:)(?!\d+(?:\.\d+){0,2}(?![\d.]))(?!latest\b)[\w\[(]"
_HEADER = r"(?:cookie|set-cookie|api-?key|(?:x|private|job|deploy)-[\w-]*(?:key|token|secret|auth|password))"
_VALUE = r"(?!=|\*{3})(?:\"[^\"]*\"|'[^']*'|[^\s,;&'\"]+)"  # quoted or bare; == is not an assignment
MYSQL = r"(?:mysql|mariadb)[\w-]*|mycli"

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
        rf"(?<![\w/@:.+%-])(?!{_NOT_A_USER}:)([\w.+%-]+:)(?!\*{{3}})[^\s/@:'\"]+(@{_HOST})",
        re.IGNORECASE,
        rf"\1{MASK}\2",
    ),
    # webhooks of Slack and Discord, bot tokens of Telegram
    (r"(hooks\.slack\.com/services/|discord(?:app)?\.com/api/webhooks/)[^\s'\"]+", re.IGNORECASE, rf"\1{MASK}"),
    (r"(api\.telegram\.org/bot)[^\s/'\"]+", re.IGNORECASE, rf"\1{MASK}"),
    # ?access_token=... and the signatures of S3, Google and Azure links
    (
        rf"([?&](?:[\w-]*{SENSITIVE}|pwd|sig|signature|x-(?:amz|goog)-(?:signature|credential))=)[^\s&#'\"]+",
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
    (rf"^((?:--[\w-]+=)?[\w.-]*{SENSITIVE}=)(?!=).+", re.IGNORECASE | re.DOTALL, rf"\1{MASK}"),
    (r"^((?:-e|--[\w-]+=)?[A-Z0-9_]*_KEY=)(?!=).+", re.DOTALL, rf"\1{MASK}"),
    # DB_PASS=..., --pass=..., DB_PWD=...
    (rf"^((?:--[\w-]+=)?[\w.-]*{_SHORT}=)(?!=){_NOT_A_FLAG_VALUE}.+", re.IGNORECASE | re.DOTALL, rf"\1{MASK}"),
    (rf"((?<![\w.-])[\w.-]*{_SHORT}=){_NOT_A_FLAG_VALUE}{_VALUE}", re.IGNORECASE, rf"\1{MASK}"),
    # --user=ana:x, --proxy-user=ana:x, --auth=ana:x
    (
        r"^(--(?:(?:proxy-)?user|(?:basic-|proxy-)?auth|cred(?:ential)?s)=(?!\d+:\d+$)(?!([^:]*):\2$)[^\s:/@$]+:)[^\s/$].*",
        re.IGNORECASE | re.DOTALL,
        rf"\1{MASK}",
    ),
    # {"password": "..."} and {'password': '...'}, also escaped inside another text
    (rf"(\"[\w.-]*(?:{SENSITIVE}|{_SHORT})\"\s*:\s*\")(?!\*{{3}})(?:[^\"\\]|\\.)+", re.IGNORECASE, rf"\1{MASK}"),
    (rf"('[\w.-]*(?:{SENSITIVE}|{_SHORT})'\s*:\s*')(?!\*{{3}})(?:[^'\\]|\\.)+", re.IGNORECASE, rf"\1{MASK}"),
    (rf"(\\\"[\w.-]*(?:{SENSITIVE}|{_SHORT})\\\"\s*:\s*\\\")(?!\*{{3}})[^\"\\]+", re.IGNORECASE, rf"\1{MASK}"),
    # the same inside a longer text
    (rf"((?<![\w.-])[\w.-]*{SENSITIVE}=){_VALUE}", re.IGNORECASE, rf"\1{MASK}"),
    (rf"((?<![\w.-])[A-Z0-9_]*_KEY=){_VALUE}", 0, rf"\1{MASK}"),
    # --password X inside the text of a command
    (rf"(\s--[\w-]*{SENSITIVE}\s+)(?!-){_VALUE}", re.IGNORECASE, rf"\1{MASK}"),
    (rf"(\s--(?:[\w-]*-)?(?:pass|pwd?|bearer)\s+)(?!-){_NOT_A_FLAG_VALUE}{_VALUE}", re.IGNORECASE, rf"\1{MASK}"),
    # curl -u ana:x, mysql -u root -px and sshpass -p x inside the text of a command
    (
        r"(\bcurl\b[^|;&]{0,300}?\s(?:-[a-zA-Z]*[uU]|--(?:proxy-)?user)[\s=]+['\"]?[^\s:'\"]+:)(?!\*{3})[^\s'\"]+",
        0,
        rf"\1{MASK}",
    ),
    (rf"(\b(?:{MYSQL})\b[^|;&]{{0,300}}?\s-p)(?!\*{{3}})[^\s'\"]+", 0, rf"\1{MASK}"),
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


def mask_patterns(arg: str) -> str:
    """Return *arg* with everything masked that one of the patterns matches."""
    for pattern, kept in _compiled():
        arg = pattern.sub(kept, arg)
    return arg


@cache
def _compiled() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Compile the table once, when it is first needed: it takes 6 ms."""
    return tuple((re.compile(pattern, flags), kept) for pattern, flags, kept in _ROWS)
