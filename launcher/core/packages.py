"""The package databases that images carry, as text: dpkg's (Debian, Ubuntu, distroless) and apk's (Alpine)."""

from collections.abc import Iterable, Iterator


def dpkg(text: str) -> dict[str, str]:
    """Read /var/lib/dpkg/status, or a file of status.d: name and version of each installed package (deb-status(5))."""
    found = {}
    for stanza in text.split("\n\n"):
        fields = dict(_fields(stanza.split("\n"), ": "))
        status = fields.get("Status", "install ok installed").split()
        if fields.get("Package") and fields.get("Version") and status[-1:] == ["installed"]:
            found[fields["Package"]] = fields["Version"]
    return found


def apk(text: str) -> dict[str, str]:
    """Read /lib/apk/db/installed: one letter for each field, ``P`` the name and ``V`` the version (apk-v2)."""
    found = {}
    for stanza in text.split("\n\n"):
        fields = dict(_fields(stanza.split("\n"), ":"))
        if fields.get("P") and fields.get("V"):
            found[fields["P"]] = fields["V"]
    return found


def _fields(lines: Iterable[str], mark: str) -> Iterator[tuple[str, str]]:
    for line in lines:
        name, separator, value = line.partition(mark)
        if separator and not line.startswith((" ", "\t")):
            yield name, value
