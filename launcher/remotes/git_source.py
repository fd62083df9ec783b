"""Catalogs in a git repository, fetched by the user's own git and its credentials, without running anything.

Only one commit is fetched, without history, submodules and large files, into a temporary bare repository. Nothing is
checked out, so no filter and no hook runs.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence

from launcher.core.remotes.source_url import SourceUrl, redact_url
from launcher.errors import RemoteError
from launcher.remotes.catalog_files import CATALOG, KEPT, LARGEST, LONGEST, Fetched, name_at, too_large
from launcher.remotes.scratch_folder import scratch_folder

_ALLOWED = ("https", "ssh", "file")
_SETTINGS = (
    "protocol.allow=never",
    *(f"protocol.{each}.allow=always" for each in _ALLOWED),
    "protocol.ext.allow=never",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
)
_HERE = re.compile(r"GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|COMMON_DIR|NAMESPACE|CEILING_DIRECTORIES)")
"""Variables that a git hook sets for its own repository, and that must not select it here."""
_FETCHED = "refs/applaunch/fetched"
_LAST = 200  # characters of git's own message


def fetch(address: SourceUrl, longest: float = LONGEST, *, env: Mapping[str, str] = os.environ) -> Fetched:
    """Return the files of the repository's folder, within *longest* seconds; raises `RemoteError`."""
    with scratch_folder() as folder:
        git = _Git(folder, address, longest, env)
        git.run("init", "--quiet", "--bare", folder)
        limit = f"--filter=blob:limit={LARGEST[CATALOG] + 1}"
        depth = ("--depth=1", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--quiet")
        git.run("fetch", *depth, limit, "--", address.url, f"{address.ref or 'HEAD'}:{_FETCHED}")
        commit = git.run("rev-parse", f"{_FETCHED}^{{commit}}").decode().strip()
        found = {name: git.read(_path(address, name), most) for name, most in LARGEST.items()}
    files = {name: data for name, data in found.items() if data is not None}
    if CATALOG not in files:
        where = f"{redact_url(address.url)}: {_path(address, CATALOG)}"
        raise RemoteError(where, f"there is no such file at {commit[:12]}", f"write URL#BRANCH:FOLDER; {KEPT}")
    return Fetched(files, tags={CATALOG: commit})


class _Git:
    """Runs git in the bare repository *folder*, for one address."""

    def __init__(self, folder: str, address: SourceUrl, longest: float, env: Mapping[str, str]) -> None:
        self._folder = folder
        self._address = address
        self._longest = longest
        self._deadline = time.monotonic() + longest
        self._env = _environment(env)

    def run(self, *words: str) -> bytes:
        """Run a git command and return its output; raises `RemoteError` with git's message."""
        code, said, why = self._ended(words)
        if code:
            raise RemoteError(redact_url(self._address.url), f"git: {_reason(why)}", _fix(why))
        return said

    def read(self, path: str, most: int) -> bytes | None:
        """Return the bytes of the file *path* in that commit, None if there is none; raises `RemoteError`."""
        listed = self.run("ls-tree", "-z", _FETCHED, "--", path).decode(errors="replace")
        if not listed.startswith("100"):  # a regular file: no link, folder or submodule
            return None
        blob = listed.split(maxsplit=3)[2]
        code, size, _ = self._ended(("cat-file", "-s", blob))
        if code or int(size) > most:  # left out by the filter, or over its own limit
            raise too_large(f"{redact_url(self._address.url)}: {path}", most)
        return self.run("cat-file", "blob", blob)

    def _ended(self, words: Sequence[str]) -> tuple[int, bytes, str]:
        settings = [word for each in _SETTINGS for word in ("-c", each)]
        try:
            child = subprocess.Popen(
                ["git", *settings, *words],
                cwd=self._folder,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=not os.isatty(0),
            )
        except FileNotFoundError:
            raise RemoteError(redact_url(self._address.url), "git is not installed", "apt install git") from None
        try:
            said, why = child.communicate(timeout=max(self._deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            _kill(child)
            what = f"git did not finish within {self._longest:g} seconds"
            raise RemoteError(redact_url(self._address.url), what, f"try again later; {KEPT}") from None
        except BaseException:
            _kill(child)
            raise
        return child.returncode, said, why.decode(errors="replace")


def _environment(env: Mapping[str, str]) -> dict[str, str]:
    mine = {name: value for name, value in env.items() if not _HERE.fullmatch(name)}
    quiet = {} if os.isatty(0) else {"GIT_TERMINAL_PROMPT": "0", "SSH_ASKPASS_REQUIRE": "never"}
    return mine | quiet | {"GIT_NO_LAZY_FETCH": "1", "GIT_LITERAL_PATHSPECS": "1", "LC_ALL": "C"}


def _kill(child: subprocess.Popen[bytes]) -> None:
    """Kill git and the ssh or helper that it started."""
    try:
        if os.getpgid(child.pid) == child.pid:
            os.killpg(child.pid, signal.SIGKILL)
        child.kill()
    except ProcessLookupError:
        pass
    child.wait()
    for pipe in (child.stdout, child.stderr):  # not read to the end: an ssh may still hold the other side
        if pipe:
            pipe.close()


def _path(address: SourceUrl, name: str) -> str:
    file = name_at(address, name)
    return f"{address.folder}/{file}" if address.folder else file


def _reason(said: str) -> str:
    """Return the most useful line of git's or ssh's output, without passwords."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["it failed without a message"]
    telling = [line for line in lines if not line.startswith(_EMPTY_WORDS)] or lines
    fatal = [line for line in telling if line.startswith("fatal:")] or telling
    return redact_url(fatal[-1].removeprefix("fatal: ").rstrip("."))[:_LAST]


_EMPTY_WORDS = (
    "warning:",
    "Warning:",
    "fatal: Could not read from remote",
    "Please make sure",
    "and the repository exists",
)


def _fix(said: str) -> str:
    if "couldn't find remote ref" in said or "not our ref" in said:
        return "check the branch, tag or commit after #"
    if "Host key verification failed" in said:
        return "connect once with ssh and verify the key that it shows"
    if "ermission denied" in said or "could not read Username" in said or "uthentication failed" in said:
        return "log in with git itself first: git ls-remote URL"
    if "ownership" in said:
        return "git config --global --add safe.directory PATH"
    return f"git ls-remote URL shows more; {KEPT}"
